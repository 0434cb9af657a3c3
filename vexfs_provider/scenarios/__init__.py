"""What a test does: plain functions on a ``Bench``, which know no filesystem by name."""
