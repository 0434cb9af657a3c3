"""Reports for people: what a job has found, on one page."""
