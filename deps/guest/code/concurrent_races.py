"""Runs in the guest: several processes want the same names; links and names must add up."""

import contextlib
import errno
import functools
import os

from checking import check, read_file, shown, write_file
from concurrent_access import ROUNDS, WRITERS, each_writer, link_counts_of_folders, together


@check
def one_process_creates_a_name(case):
    """open(O_CREAT | O_EXCL) of the same names by all."""
    _race(case, _create, os.unlink, "create")
    _race(case, os.mkdir, os.rmdir, "mkdir")


def _create(path):
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))


@check
def one_process_links_a_name(case):
    """link(2) of one file to the same names by all."""
    source = case.path("source")
    write_file(source, b"x")
    _race(case, functools.partial(os.link, source), os.unlink, "link")
    case.equal("links of the source at the end", expected=1, actual=os.stat(source).st_nlink)


def _race(case, make, remove, what):
    """Every name is made by one process, the others see EEXIST; removed by one, others ENOENT."""
    start, step = link_counts_of_folders(case)
    folder = case.path(what)
    os.mkdir(folder)
    names = [f"n{number}" for number in range(ROUNDS)]
    paths = [os.path.join(folder, name) for name in names]
    made = together(case, what, *each_writer(_attempt, make, paths))
    if made is None or not _one_winner(case, what, made, errno.EEXIST):
        return
    case.equal(f"names after {what}", expected=sorted(names), actual=sorted(os.listdir(folder)))
    links = start + (len(names) * step if what == "mkdir" else 0)
    case.equal(f"links of the folder after {what}", expected=links, actual=os.stat(folder).st_nlink)
    removed = together(case, f"remove after {what}", *each_writer(_attempt, remove, paths))
    if removed is None or not _one_winner(case, f"remove after {what}", removed, errno.ENOENT):
        return
    case.equal(f"names left by remove after {what}", expected=[], actual=os.listdir(folder))
    links = os.stat(folder).st_nlink
    case.equal(f"links of the folder at the end of {what}", expected=start, actual=links)


def _attempt(_writer, action, paths):
    """The errno of the action on each path, 0 for success."""
    answers = []
    for path in paths:
        try:
            action(path)
            answers.append(0)
        except OSError as error:
            answers.append(error.errno)
    return answers


def _one_winner(case, what, answers, loses):
    """``answers`` holds one list a process, one number a name."""
    for outcome in zip(*answers, strict=True):
        shown_as = [errno.errorcode.get(number, "success") for number in sorted(outcome)]
        wanted = ["success", *[errno.errorcode[loses]] * (len(answers) - 1)]
        if not case.equal(f"{what}: one process succeeds", expected=wanted, actual=shown_as):
            return False
    return True


@check
def one_process_renames_a_source(case):
    """rename(2) of the same sources to a name of each process's own."""
    names = [f"n{number}" for number in range(ROUNDS)]
    for name in names:
        write_file(case.path(name), name.encode())
    answers = together(case, "rename", *each_writer(_take, case.folder, names))
    if answers is None or not _one_winner(case, "rename", answers, errno.ENOENT):
        return
    winners = [outcome.index(0) for outcome in zip(*answers, strict=True)]
    expected = sorted(f"{name}-{winner}" for name, winner in zip(names, winners, strict=True))
    found = sorted(os.listdir(case.folder))
    if case.equal("each file has its winner's name", expected=expected, actual=found):
        wrong = [name for name in found if not _is_called(case.path(name), name)]
        case.true("renamed files keep their content", not wrong, f"wrong: {shown(wrong)}")


def _take(writer, folder, names):
    answers = []
    for name in names:
        source = os.path.join(folder, name)
        to = functools.partial(os.rename, dst=f"{source}-{writer}")
        answers += _attempt(writer, to, [source])
    return answers


def _is_called(path, name):
    return read_file(path) == name.partition("-")[0].encode()


@check
def a_replaced_name_is_always_there(case):
    """rename(2): while files are renamed over a name, it exists and is one of them, whole."""
    target = case.path("target")
    write_file(target, _version(0, 0))
    readers = [functools.partial(_read_versions, target)] * 2
    answers = together(case, "replace and read", *each_writer(_replace, target), *readers)
    if answers is None:
        return
    allowed = {_version(w, n) for w in range(WRITERS) for n in range(ROUNDS)}
    for seen in answers[WRITERS] + answers[WRITERS + 1]:
        whole = seen is not None and seen.encode() in allowed
        if not case.true("a reader finds one whole version", whole, seen or "ENOENT"):
            break
    case.equal("names at the end", expected=["target"], actual=os.listdir(case.folder))
    last = {_version(writer, ROUNDS - 1) for writer in range(WRITERS)}
    case.true("the last version stays", read_file(target) in last, read_file(target))
    case.equal("links of the last version", expected=1, actual=os.stat(target).st_nlink)


def _version(writer, number):
    return f"version {number:04d} of writer {writer}".encode()


def _replace(writer, target):
    for number in range(ROUNDS):
        path = f"{target}.{writer}"
        write_file(path, _version(writer, number))
        os.rename(path, target)


def _read_versions(target):
    seen = []
    for _ in range(2 * ROUNDS):
        try:
            seen.append(read_file(target).decode())
        except FileNotFoundError:
            seen.append(None)
    return seen


@check
def moves_between_folders_lose_nothing(case):
    """Two processes move files and a folder from a to b, two others back."""
    start, step = link_counts_of_folders(case)
    a, b = case.path("a"), case.path("b")
    os.mkdir(a)
    os.mkdir(b)
    names = [f"n{number}" for number in range(8)]
    for name in names:
        write_file(os.path.join(a, name), name.encode())
    os.mkdir(os.path.join(a, "folder"))
    write_file(os.path.join(a, "folder", "inside"), b"inside")
    every = [*names, "folder"]
    works = [functools.partial(_move, *way, every) for way in ((a, b), (b, a), (a, b), (b, a))]
    if together(case, "move files between two folders", *works) is None:
        return
    found = sorted(os.listdir(a) + os.listdir(b))
    if not case.equal("every name is in one folder", expected=sorted(every), actual=found):
        return
    homes = {name: folder for folder in (a, b) for name in os.listdir(folder)}
    wrong = [name for name in names if not _is_called(os.path.join(homes[name], name), name)]
    case.true("moved files keep their content", not wrong, f"wrong: {shown(wrong)}")
    moved = os.path.join(homes["folder"], "folder")
    case.equal("content of the moved folder", expected=["inside"], actual=os.listdir(moved))
    parent = os.stat(os.path.join(moved, "..")).st_ino
    here = os.stat(homes["folder"]).st_ino
    case.equal("'..' of the moved folder", expected=here, actual=parent)
    for folder in (a, b):
        links = start + (step if folder == homes["folder"] else 0)
        actual = os.stat(folder).st_nlink
        case.equal("links of a folder after moves", expected=links, actual=actual)


def _move(source, target, names):
    for _ in range(4):
        for name in names:
            # That another process has it already is no error.
            with contextlib.suppress(FileNotFoundError):
                os.rename(os.path.join(source, name), os.path.join(target, name))


@check
def links_are_counted(case):
    """link(2) and unlink(2) of one file by all: what is left is counted."""
    source = case.path("source")
    write_file(source, b"x")
    if together(case, "link and unlink", *each_writer(_link_often, source)) is None:
        return
    names = len(os.listdir(case.folder))
    kept = 1 + WRITERS * ((ROUNDS + 1) // 2)
    case.equal("names of the file", expected=kept, actual=names)
    case.equal("link count of the file", expected=names, actual=os.stat(source).st_nlink)


def _link_often(writer, source):
    for number in range(ROUNDS):
        path = f"{source}-{writer}-{number}"
        os.link(source, path)
        if number % 2:
            os.unlink(path)
