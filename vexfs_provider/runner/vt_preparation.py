"""Shortens what Avocado-VT does before each of our tests, in the test's own process.

Two steps cost more than most of our tests. A packet sniffer, which learns the addresses of
Avocado-VT's own VMs, takes a second to start. And the list of parameters is logged line by line,
while the runner passes on one line every 10 ms: some 240 lines, 2.5 s. No parameter turns either
off; the parameter ``test_pre_hook`` names a file that is run first, see ``test_pre_hook.py``.
"""

import functools
from typing import Any

from virttest import ip_sniffing


class NoSniffer:
    """Takes the sniffer's place where Avocado-VT starts no VM that could have an address."""

    command = "none"

    def __init__(self, _addresses: object, _log_file: str, _remote: object = None):
        pass

    @classmethod
    def is_supported(cls, _session: object = None) -> bool:
        return True

    def start(self) -> None:
        """Nothing to listen for."""

    def stop(self) -> None:
        """Nothing was started."""


def shorten(test: Any) -> None:
    """Apply to a ``VirtTest`` that is about to run; other tests have processes of their own."""
    if not test.params.objects("vms"):
        ip_sniffing.Sniffers = (NoSniffer,)
    test._log_parameters = functools.partial(_log_parameters, test)


def _log_parameters(test: Any) -> None:
    lines = (f"    {name} = {test.params[name]}" for name in sorted(test.params))
    test.log.debug("Test parameters:\n%s", "\n".join(lines))
