"""What a run costs: samples of processes and guests, taken while a test runs."""
