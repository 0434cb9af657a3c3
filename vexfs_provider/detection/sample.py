"""A part of a console of any size, for what need not see all of it."""

from vexfs_provider.detection.console import MAX_LINE

HEAD, TAIL = 1 << 18, 3 << 18  # bytes; what is wrong with a kernel stands mostly at the end


class Sample:
    """The first ``HEAD`` and the last ``TAIL`` bytes of what it is fed, whole lines."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._cut = False

    def feed(self, piece: bytes) -> None:
        """More of the console; takes time linear in ``piece``."""
        wanted = max(HEAD - len(self._head), 0)
        self._head += piece[:wanted]
        self._tail += piece[max(wanted, len(piece) - 2 * TAIL) :]
        self._cut = self._cut or len(piece) - wanted > 2 * TAIL
        if len(self._tail) > 2 * TAIL:
            del self._tail[:-TAIL]
            self._cut = True

    def text(self) -> bytes:
        """What is kept. Where something was left out, so are the lines that this has broken."""
        tail = self._tail[-TAIL:]
        if not self._cut and len(tail) == len(self._tail):
            return bytes(self._head + tail)
        feed = tail.find(b"\n", 0, MAX_LINE)
        return bytes(self._head + b"\n" + tail[feed + 1 :])


def sample_of(console: bytes) -> bytes:
    """The sample of a whole console."""
    sample = Sample()
    sample.feed(console)
    return sample.text()
