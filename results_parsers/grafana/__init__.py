"""A Grafana dashboard of the metrics that ``results_parsers.metrics`` tells of."""
