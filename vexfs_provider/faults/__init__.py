"""Faults that are put into what a filesystem stands on, and taken out again."""
