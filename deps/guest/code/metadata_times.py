"""Runs in the guest: checks of time stamps: what changes which, and which values are kept.

The rules are those of POSIX.1-2017 (4.9 File Times Update, and the pages of the functions), with
what all of Linux's filesystems do where POSIX leaves it open: rename(2) changes the ctime of what
was renamed.
"""

import errno
import os
import time
from collections import namedtuple

from checking import check, write_file

SECOND = 1_000_000_000
LONG_AGO = 1_000_000_000 * SECOND + 123_456_789  # in 2001
CLOCK_REALTIME_COARSE = 5  # linux/time.h: what the kernel stamps inodes with
TICK_LIMIT_S = 30.0

Rule = namedtuple("Rule", "name prepare act changed")
"""``act`` changes exactly the times ``changed``, such as ``file mtime``, of a file in a folder.

``prepare`` and ``act`` get the folder; times of the file are those of the inode it was.
"""


def _nothing(folder):
    pass


def _file(folder):
    return os.path.join(folder, "file")


def _other(folder):
    return os.path.join(folder, "other")


def _append(folder):
    descriptor = os.open(_file(folder), os.O_WRONLY | os.O_APPEND)
    try:
        os.write(descriptor, b"more")
    finally:
        os.close(descriptor)


def _read(folder):
    descriptor = os.open(_file(folder), os.O_RDONLY)
    try:
        os.read(descriptor, 10)
    finally:
        os.close(descriptor)


def _link(folder):
    os.link(_file(folder), _other(folder))


CONTENT = {"file mtime", "file ctime"}
STATUS = {"file ctime"}
NAMES = {"folder mtime", "folder ctime"}
RULES = (
    Rule("write", _nothing, _append, CONTENT),
    Rule("truncate", _nothing, lambda f: os.truncate(_file(f), 3), CONTENT),
    Rule("chmod", _nothing, lambda f: os.chmod(_file(f), 0o600), STATUS),
    Rule("chown", _nothing, lambda f: os.chown(_file(f), 5, 5), STATUS),
    Rule("chown to the same owner", _nothing, lambda f: os.chown(_file(f), 0, 0), STATUS),
    Rule("create another file", _nothing, lambda f: write_file(_other(f), b""), NAMES),
    Rule("mkdir", _nothing, lambda f: os.mkdir(_other(f)), NAMES),
    Rule("rmdir", lambda f: os.mkdir(_other(f)), lambda f: os.rmdir(_other(f)), NAMES),
    Rule("rename", _nothing, lambda f: os.rename(_file(f), _other(f)), STATUS | NAMES),
    Rule("unlink", _nothing, lambda f: os.unlink(_file(f)), STATUS | NAMES),
    Rule("stat", _nothing, lambda f: os.stat(_file(f)), set()),
    Rule("open", _nothing, lambda f: os.close(os.open(_file(f), os.O_RDWR)), set()),
)
RULES_OF_LINKS = (
    Rule("link", _nothing, _link, STATUS | NAMES),
    Rule("unlink of one of two names", _link, lambda f: os.unlink(_file(f)), STATUS | NAMES),
)


@check
def operations_change_the_times_they_should(case):
    """Each operation changes mtime and ctime of file and directory as the rules say, no others."""
    _follow(case, RULES)


@check
def links_change_the_times_they_should(case):
    """The same for link(2)."""
    _follow(case, RULES_OF_LINKS)


def _follow(case, rules):
    # All are prepared before one tick of the clock and acted on after it: that costs one tick.
    folders = {rule.name: case.path(f"rule{number}") for number, rule in enumerate(rules)}
    for rule in rules:
        os.mkdir(folders[rule.name])
        write_file(_file(folders[rule.name]), b"content")
        rule.prepare(folders[rule.name])
    opened = {name: os.open(_file(folder), os.O_RDONLY) for name, folder in folders.items()}
    try:
        before = {name: _stamps(opened[name], folders[name]) for name in folders}
        _wait_for_another_time(case)
        for rule in rules:
            _judge(case, rule, opened[rule.name], folders[rule.name], before[rule.name])
    finally:
        for descriptor in opened.values():
            os.close(descriptor)


def _judge(case, rule, descriptor, folder, before):
    try:
        rule.act(folder)
    except OSError as error:
        case.fail(rule.name, "success", errno.errorcode.get(error.errno, error.errno))
        return
    after = _stamps(descriptor, folder)
    changed = {name for name, stamp in after.items() if stamp != before[name]}
    operation = f"times that {rule.name} changes"
    case.equal(operation, expected=_sorted(rule.changed), actual=_sorted(changed))
    back = [name for name in changed if after[name] < before[name]]
    case.true(f"{rule.name} moves no time back", not back, _sorted(back))


def _stamps(descriptor, folder):
    file, holder = os.fstat(descriptor), os.stat(folder)
    return {
        "file mtime": file.st_mtime_ns,
        "file ctime": file.st_ctime_ns,
        "folder mtime": holder.st_mtime_ns,
        "folder ctime": holder.st_ctime_ns,
    }


def _sorted(names):
    return ", ".join(sorted(names)) or "none"


def _wait_for_another_time(case):
    """Until what is stamped now differs from what was stamped before, however coarse it is."""
    write_file(case.path("clock"), b"")
    step = granularity_ns(case.path("clock"))
    start = time.clock_gettime_ns(CLOCK_REALTIME_COARSE) // step
    end = time.monotonic() + TICK_LIMIT_S
    while time.clock_gettime_ns(CLOCK_REALTIME_COARSE) // step == start:
        if time.monotonic() > end:
            raise RuntimeError(f"the guest's clock has not moved on in {TICK_LIMIT_S:g} s")
        time.sleep(0.001)


def granularity_ns(path):
    """The step in nanoseconds, a power of ten up to 10 s, in which a file's times are kept."""
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    kept = os.lstat(path).st_mtime_ns
    step = 1
    while step < 10 * SECOND and LONG_AGO // step * step != kept:
        step *= 10
    return step


@check
def read_changes_atime_only(case):
    """Reading a file whose atime is older than its mtime updates it (relatime, mount(8))."""
    path = case.path("file")
    write_file(path, b"content")
    os.utime(path, ns=(LONG_AGO, LONG_AGO + SECOND))
    before = os.lstat(path)
    _read(case.folder)
    after = os.lstat(path)
    case.true("atime moves on", after.st_atime_ns > before.st_atime_ns, after.st_atime_ns)
    case.equal("mtime after read", expected=before.st_mtime_ns, actual=after.st_mtime_ns)
    case.equal("ctime after read", expected=before.st_ctime_ns, actual=after.st_ctime_ns)


@check
def utimensat_sets_the_times_given(case):
    """Both times of a file and a directory, to the filesystem's granularity; ctime moves on."""
    os.mkdir(case.path("d"))
    write_file(case.path("f"), b"content")
    for path, kind in ((case.path("f"), "file"), (case.path("d"), "directory")):
        step = granularity_ns(path)
        case.true(f"times of a {kind} are kept to the second", step <= SECOND, f"{step} ns")
        atime, mtime = LONG_AGO + 5 * SECOND, LONG_AGO + 77 * SECOND
        before = os.lstat(path)
        _wait_for_another_time(case)
        os.utime(path, ns=(atime, mtime))
        made = os.lstat(path)
        wanted = (atime // step * step, mtime // step * step)
        actual = (made.st_atime_ns, made.st_mtime_ns)
        case.equal(f"atime and mtime of a {kind}", expected=wanted, actual=actual)
        moved = made.st_ctime_ns > before.st_ctime_ns
        case.true(f"ctime of a {kind} moves on", moved, made.st_ctime_ns - before.st_ctime_ns)
    os.utime(case.path("f"))
    now = os.lstat(case.path("f")).st_mtime_ns
    case.true("utime without times sets the present", now > LONG_AGO + 77 * SECOND, now)


@check
def times_before_1970_are_kept(case):
    """Negative seconds since the epoch, the last one before it among them."""
    _kept(case, {"1969-12-31": -1, "1950-01-01": -631_152_000})


@check
def times_after_2038_are_kept(case):
    """Seconds beyond what 31 bits hold, and in the year 2100."""
    _kept(case, {"2038-01-19": 2**31, "2100-01-01": 4_102_444_800})


def _kept(case, days):
    path = case.path("file")
    write_file(path, b"content")
    for day, seconds in days.items():
        os.utime(path, ns=(seconds * SECOND, seconds * SECOND))
        made = os.lstat(path)
        actual = (made.st_atime_ns // SECOND, made.st_mtime_ns // SECOND)
        case.equal(f"times of {day}", expected=(seconds, seconds), actual=actual)
