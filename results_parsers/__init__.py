"""Reads what Avocado jobs leave behind; needs neither QEMU nor Avocado."""
