"""The history of jobs: one SQLite file, which anybody may read while it grows."""

from results_parsers.history.database import History, default_path, open_history
from results_parsers.history.ingest import Ingested, ingest, ingest_all

__all__ = ["History", "Ingested", "default_path", "ingest", "ingest_all", "open_history"]
