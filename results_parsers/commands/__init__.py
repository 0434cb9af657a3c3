"""The verbs of ``vexfs-results``: each a module with ``configure(parser)`` and ``run(options)``."""

from types import ModuleType

from results_parsers.commands import compare, demo, export, flakes, ingest, query, trends

VERBS: dict[str, ModuleType] = {
    "ingest": ingest,
    "trends": trends,
    "compare": compare,
    "flakes": flakes,
    "query": query,
    "export": export,
    "demo": demo,
}
