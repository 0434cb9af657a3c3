"""Workloads that others have written, made ready for a guest."""
