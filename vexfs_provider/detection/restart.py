"""Whether a kernel that boots takes the place of one that ran, with nobody having asked for it."""

import re

_RAN = re.compile(rb"\[ {0,9}(?!0\.000000)\d{1,9}\.\d{6}\]")  # time had begun to count
_FIRMWARE = re.compile(rb"SeaBIOS \(version|UEFI firmware \(version|U-Boot \d")
_BLANK = re.compile(rb"(?:\s|\x1b\[?[0-9;?=]{0,8}[A-Za-z])*")
_ASKED = re.compile(
    rb"reboot: (?:Restarting|Power down|System halted)|kexec_core: Starting new kernel"
    rb"|Kernel panic - not syncing"
)
_NEAR = 8192  # bytes between the old kernel's last words and the new one's first


class Restarts:
    """Judges the boots of one console, whose text begins at ``start``."""

    def __init__(self, console: bytes, start: int):
        self._console = console
        self._start = start
        self._ran: int | None = None

    def unexpected(self, boot: int) -> bool:
        """Whether the kernel whose boot shows at byte ``boot`` was not the first, nor asked for."""
        if self._ran is None:
            self._ran = self._first_sign()
        before = self._console[max(self._start, boot - _NEAR) : boot]
        return self._ran < boot and not _ASKED.search(before)

    def _first_sign(self) -> int:
        """Where it shows that something ran: a kernel's stamp, or words before the firmware's."""
        stamp = _RAN.search(self._console, self._start)
        firmware = _FIRMWARE.search(self._console, self._start)
        signs = [stamp.start()] if stamp else []
        if firmware:
            blank = _BLANK.match(self._console, self._start)
            if blank and blank.end() < firmware.start():
                signs.append(firmware.start())
        return min(signs, default=len(self._console))
