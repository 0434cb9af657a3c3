"""Avocado's entry points: settings, ``avocado vexfs VERB``, options. Thin; the work lies below."""
