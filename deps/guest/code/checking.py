"""Runs in the guest: what checks are written with.

    @check
    def append_adds_to_the_end(case):
        ...
        case.equal("size after two appends", expected=8, actual=os.path.getsize(path))

The decorated function is called with a folder, which it gets as ``case.folder``, empty. It goes on
after a failed comparison, so that one run shows all that is wrong. An exception that escapes it is
one failure more, if it is an ``OSError``; any other is a bug of the check and is passed on.
"""

import errno
import functools
import os

TEXT_LIMIT = 400  # characters of an operand in a report


class Case:
    """What one check has seen; ``folder`` is its own empty folder on the filesystem under test."""

    def __init__(self, folder):
        self.folder = folder
        self.failures = []
        self.metrics = {}

    def path(self, *names):
        """A path in the check's folder."""
        return os.path.join(self.folder, *names)

    def fail(self, operation, expected, actual):
        """Add a failure. ``operation`` is part of a title: keep what varies out of it."""
        text = {"operation": operation, "expected": shown(expected), "actual": shown(actual)}
        self.failures.append(text)

    def equal(self, operation, *, expected, actual):
        """``actual`` must equal ``expected``; bytes are compared with the place they differ at."""
        if expected == actual:
            return True
        if isinstance(expected, bytes) and isinstance(actual, bytes):
            self.fail(operation, *difference(expected, actual))
        else:
            self.fail(operation, expected, actual)
        return False

    def true(self, operation, condition, actual=""):
        """``condition`` must hold; ``operation`` says it as a statement."""
        if not condition:
            self.fail(operation, "holds", actual or "does not hold")
        return bool(condition)

    def raises(self, operation, expected, action, *arguments, **named):
        """``action`` must fail with the errno ``expected`` (or one of several)."""
        allowed = expected if isinstance(expected, tuple) else (expected,)
        wanted = " or ".join(errno.errorcode[number] for number in allowed)
        try:
            result = action(*arguments, **named)
        except OSError as error:
            if error.errno not in allowed:
                self.fail(operation, wanted, errno.errorcode.get(error.errno, error.errno))
                return False
            return True
        self.fail(operation, wanted, f"success ({shown(result)})")
        return False

    def unexpected(self, error, operation=""):
        """Add an ``OSError`` that was none of the outcomes looked for, here or in ``operation``."""
        name = errno.errorcode.get(error.errno, str(error.errno))
        start = f"{operation}: " if operation else ""
        self.fail(f"{start}unexpected {name} in {place(error)}", "success", str(error))

    def metric(self, name, unit, better, samples):
        """Report a metric with its samples; ``better`` is ``lower`` or ``higher``."""
        self.metrics[name] = {"unit": unit, "better": better, "samples": samples}


def check(function):
    """Make a function on a ``Case`` callable from the host with a folder."""

    @functools.wraps(function)
    def run(folder, **arguments):
        case = Case(folder)
        try:
            os.mkdir(folder)
            function(case, **arguments)
        except OSError as error:
            case.unexpected(error)
        return {"failures": case.failures, "metrics": case.metrics}

    return run


def place(error):
    """The innermost function of a check's own code that an exception passed through."""
    trace, name = error.__traceback__, "the check"
    while trace is not None:
        code = trace.tb_frame.f_code
        if not code.co_filename.startswith("<") and "/" not in code.co_filename:
            name = code.co_name
        trace = trace.tb_next
    return name


def shown(value):
    """A value in a report: bytes as hexadecimal numbers, long ones cut."""
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= TEXT_LIMIT else f"{text[:TEXT_LIMIT]}... ({len(text)} characters)"


def difference(expected, actual):
    """Two unequal byte strings as the pair of sentences that tells them apart."""
    if len(expected) != len(actual):
        return f"{len(expected)} bytes", f"{len(actual)} bytes"
    pairs = enumerate(zip(expected, actual, strict=True))
    start = next(number for number, (want, got) in pairs if want != got)
    wrong = sum(want != got for want, got in zip(expected, actual, strict=True))
    where = f"at offset {start} (of {len(expected)}, {wrong} bytes differ)"
    return f"{expected[start : start + 16].hex()} {where}", actual[start : start + 16].hex()


def pattern(size, seed=0):
    """``size`` bytes in which every block and every place in a block can be told apart."""
    words = (f"{seed:08x}{offset:08x}" for offset in range(0, size, 16))
    return "".join(words).encode()[:size]


def write_file(path, data, flags=0):
    """Create (or replace) a file with ``data`` by one open and as many writes as it takes."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | flags, 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)


def read_file(path):
    """The whole content of a file."""
    with open(path, "rb") as file:
        return file.read()
