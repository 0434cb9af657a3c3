"""What Prometheus is told of tests."""
