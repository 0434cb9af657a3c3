"""What stands around a test run: the provider's registration, the doctor, a shell, summaries."""
