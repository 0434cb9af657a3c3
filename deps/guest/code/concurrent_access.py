"""Runs in the guest: several processes at work at once, here on many names.

What runs them is also used by ``concurrent_races`` and ``concurrent_files``, which come later.

The number of operations is fixed and no time is looked at: what is checked holds in whatever order
the processes run. The processes stay in the session of the call, so that its deadline finds the
stacks of one that hangs and ends them all.
"""

import errno
import functools
import json
import os
import signal
import traceback

from checking import check, pattern, read_file, shown, write_file

WRITERS = 4
ROUNDS = 25  # operations of each process
CONTENT_SIZE = 64  # bytes
SETTLED_FILES = 100


def together(case, operation, *works):
    """Run all functions at once, each in a process of its own, let go at the same moment.

    Returns what they returned, as JSON has it; None if one failed, which is then a failure of
    ``case``. An exception that is no ``OSError`` is a bug of the check and is passed on.
    """
    gate = os.pipe()
    children = [_start(work, gate) for work in works]
    for end in gate:
        os.close(end)  # every child waits for the end of this pipe
    answers = [_finish(*child) for child in children]
    for bug in (answer["bug"] for answer in answers if "bug" in answer):
        raise RuntimeError(bug)
    failed = {answer["failure"]: answer["detail"] for answer in answers if "failure" in answer}
    for failure, detail in failed.items():
        case.fail(f"{operation}: {failure}", "success", detail)
    return None if failed else [answer["value"] for answer in answers]


def _start(work, gate):
    gate_read, gate_write = gate
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(gate_write)
        os.read(gate_read, 1)
        _run(work, write_end)
    os.close(write_end)
    return child, read_end


def _run(work, write_end):
    """Run one function in the child, send its answer, end; never returns."""
    try:
        answer = {"value": work()}
    except OSError as error:
        name = errno.errorcode.get(error.errno, str(error.errno))
        answer = {"failure": f"unexpected {name}", "detail": str(error)}
    except BaseException:  # noqa: BLE001 - whatever it is, the parent must hear of it
        answer = {"bug": traceback.format_exc()}
    with open(write_end, "w") as pipe:
        json.dump(answer, pipe)
    os._exit(0)


def _finish(child, read_end):
    with open(read_end) as pipe:
        text = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if text:
        return json.loads(text)
    how = signal.Signals(-status).name if status < 0 else f"status {status}"
    return {"failure": f"a process was ended by {how}", "detail": "no answer"}


def each_writer(work, *arguments):
    """``work(writer, *arguments)`` for every writer, ready for ``together``."""
    return [functools.partial(work, writer, *arguments) for writer in range(WRITERS)]


def link_counts_of_folders(case):
    """What a folder's link count starts at, and what a subfolder adds to it.

    It is 1 for ever where subfolders are not counted, else 2 and one more for each.
    """
    path = case.path("an empty folder")
    os.mkdir(path)
    start = os.stat(path).st_nlink
    os.rmdir(path)
    return start, 0 if start == 1 else 1


@check
def files_in_different_folders_are_all_there(case):
    """Each process in a folder of its own."""
    folders = [case.path(f"of writer {writer}") for writer in range(WRITERS)]
    for folder in folders:
        os.mkdir(folder)
    works = [functools.partial(_busy, writer, folders[writer]) for writer in range(WRITERS)]
    if together(case, "create, rename and unlink", *works) is None:
        return
    paths = []
    for writer, folder in enumerate(folders):
        paths += _compare_names(case, folder, _left_by(writer))
    _compare_files(case, paths)


@check
def files_in_one_folder_are_all_there(case):
    """All processes in one folder, each with names of its own."""
    folder = case.path("shared")
    os.mkdir(folder)
    if together(case, "create, rename and unlink", *each_writer(_busy, folder)) is None:
        return
    expected = [name for writer in range(WRITERS) for name in _left_by(writer)]
    _compare_files(case, _compare_names(case, folder, expected))


def _busy(writer, folder):
    """Create files; every third is renamed, every third unlinked again."""
    for number in range(ROUNDS):
        path = os.path.join(folder, f"{writer}-{number}")
        write_file(path, _content(f"{writer}-{number}"))
        if number % 3 == 1:
            os.rename(path, path + "r")
        elif number % 3 == 2:
            os.unlink(path)


def _left_by(writer):
    numbers = [number for number in range(ROUNDS) if number % 3 != 2]
    return [f"{writer}-{number}" + ("r" if number % 3 else "") for number in numbers]


def _content(name):
    writer, number = map(int, name.rstrip("r").split("-"))
    return pattern(CONTENT_SIZE, seed=writer << 16 | number)


def _compare_names(case, folder, expected):
    """Compare a folder's names with those expected; the paths of those that are there."""
    found, wanted = sorted(os.listdir(folder)), sorted(expected)
    lost, extra = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
    case.true("no name is lost", not lost, f"lost: {shown(lost)}")
    case.true("no name came from nowhere", not extra, f"extra: {shown(extra)}")
    case.equal("every name is listed once", expected=len(set(found)), actual=len(found))
    return [os.path.join(folder, name) for name in wanted if name in found]


def _compare_files(case, paths):
    status = {path: os.stat(path) for path in paths}
    inodes = len({entry.st_ino for entry in status.values()})
    case.equal("inode numbers are unique", expected=len(paths), actual=inodes)
    linked = [path for path, entry in status.items() if entry.st_nlink != 1]
    case.true("each file has one link", not linked, f"other counts: {shown(linked)}")
    wrong = [path for path in paths if read_file(path) != _content(os.path.basename(path))]
    case.true("each file has its own content", not wrong, f"wrong: {shown(wrong)}")


@check
def settled_names_are_listed_during_changes(case):
    """POSIX readdir: only names added or removed meanwhile may be seen or not."""
    settled = sorted(f"settled-{number}" for number in range(SETTLED_FILES))
    for name in settled:
        write_file(case.path(name), b"")
    works = [
        functools.partial(_list_often, case.folder),
        functools.partial(_list_often, case.folder),
        functools.partial(_busy, 0, case.folder),
        functools.partial(_busy, 1, case.folder),
    ]
    answers = together(case, "list a changing folder", *works)
    for names in (answers or [[], []])[0] + (answers or [[], []])[1]:
        if not case.equal("settled names are listed once each", expected=settled, actual=names):
            return


def _list_often(folder):
    lists = []
    for _ in range(10):
        lists.append(sorted(name for name in os.listdir(folder) if name.startswith("settled")))
    return lists
