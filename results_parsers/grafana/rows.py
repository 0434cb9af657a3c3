"""The rows of the dashboard, from the top."""

from results_parsers.grafana import benchmarks, guests, overview, tests
from results_parsers.grafana.panel import Row

ROWS = (
    Row("Overview", overview.PANELS),
    Row("Tests", tests.PANELS),
    Row("Guests", guests.PANELS),
    Row("Benchmarks", benchmarks.PANELS),
)
