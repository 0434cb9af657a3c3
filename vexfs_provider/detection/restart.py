"""The lives of the kernels of one console: when each has shut down, whether the next was wanted."""

import re

_RAN = re.compile(rb"\[ {0,9}(?!0\.000000)\d{1,9}\.\d{6}\]")  # time had begun to count
_FIRMWARE = re.compile(rb"SeaBIOS \(version|UEFI firmware \(version|U-Boot \d")
_BLANK = re.compile(rb"(?:\s|\x1b\[?[0-9;?=]{0,8}[A-Za-z])*")
# Said before or after device_shutdown (kernel/reboot.c, kernel/kexec_core.c, drivers/tty/sysrq.c,
# drivers/acpi/sleep.c).
_LAST_WORDS = (
    b"reboot: Restarting",
    b"reboot: Power down",
    b"reboot: System halted",
    b"kexec_core: Starting new kernel",
)
_SHUTS_DOWN = (*_LAST_WORDS, b": Power Off", b"reparing to enter system sleep state S5")
_ASKED = re.compile(b"|".join(_LAST_WORDS) + rb"|Kernel panic - not syncing")
_BOOT = b"Linux version "
_NEAR = 8192  # bytes between the old kernel's last words and the new one's first


class Restarts:
    """Judges the boots and ends of one console, whose text begins at ``start``."""

    def __init__(self, console: bytes, start: int):
        self._console = console
        self._start = start
        self._ran: int | None = None
        self._looked = start  # how far for what follows
        self._is_shutting_down = False

    def unexpected(self, boot: int) -> bool:
        """Whether the kernel whose boot shows at byte ``boot`` was not the first, nor asked for."""
        if self._ran is None:
            self._ran = self._first_sign()
        before = self._console[max(self._start, boot - _NEAR) : boot]
        return self._ran < boot and not _ASKED.search(before)

    def shuts_down(self, place: int) -> bool:
        """Whether the kernel was shutting its devices down at byte ``place``, so that none answers.

        To be asked for rising places: the time of all questions together is linear.
        """
        end = max(self._last(words, place) for words in _SHUTS_DOWN)
        boot = self._last(_BOOT, place)
        if end != boot:  # neither is there: nothing new
            self._is_shutting_down = end > boot
        self._looked = place
        return self._is_shutting_down

    def _last(self, words: bytes, place: int) -> int:
        return self._console.rfind(words, self._looked, place)

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
