"""The verbs of ``vexfs-results``: each a module with ``configure(parser)`` and ``run(options)``."""

from types import ModuleType

from results_parsers.commands import (
    alerts,
    compare,
    dashboard,
    demo,
    export,
    flakes,
    ingest,
    logs,
    metrics,
    query,
    report,
    serve,
    trends,
)

VERBS: dict[str, ModuleType] = {
    "ingest": ingest,
    "trends": trends,
    "compare": compare,
    "flakes": flakes,
    "logs": logs,
    "report": report,
    "metrics": metrics,
    "alerts": alerts,
    "dashboard": dashboard,
    "serve": serve,
    "query": query,
    "export": export,
    "demo": demo,
}
