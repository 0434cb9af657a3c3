# ruff: noqa: F821 - not a module: Avocado-VT reads and executes this text where ``self`` is the test
"""Run by Avocado-VT before each of our tests (the parameter ``test_pre_hook``)."""

from vexfs_provider.runner.vt_preparation import shorten

shorten(self)
