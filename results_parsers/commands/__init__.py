"""The verbs of ``vexfs-results``: each a module with ``configure(parser)`` and ``run(options)``."""

from types import ModuleType

from results_parsers.commands import demo, export, ingest, query

VERBS: dict[str, ModuleType] = {"demo": demo, "ingest": ingest, "export": export, "query": query}
