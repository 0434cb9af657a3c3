"""Who is told when something is wrong: rules for Prometheus, routes for Alertmanager."""
