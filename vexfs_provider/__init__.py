"""Avocado-VT test provider for the VexFS Linux filesystem, and for any other by the same code."""

__version__ = "0.1.0"
