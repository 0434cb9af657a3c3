"""Runs in the guest: checks of overlayfs with the filesystem as its upper and lower layer."""

import errno
import os
import stat

from checking import pattern, read_file, write_file
from mount_subject import SIZE, holds, mount_check, names, put
from mounting import mount, place_for, unmount


@mount_check
def overlay_with_it_below(case, place):
    """As the lower layer: it is shown, and never changed."""
    lower = place_for(case.folder, "lower")
    _fill(lower)
    before = _tree(lower)
    scratch = place_for(place, "scratch")
    merged = _overlay(place, lower, place_for(scratch, "upper"), place_for(scratch, "work"))
    _use(case, "below", merged)
    unmount(merged)
    case.equal("the lower layer after it", expected=before, actual=_tree(lower))


@mount_check
def overlay_with_it_above(case, place):
    """As the upper layer: copies, whiteouts and renamed folders are kept there over a remount."""
    lower = place_for(place, "lower")
    _fill(lower)
    upper, work = place_for(case.folder, "upper"), place_for(case.folder, "work")
    merged = _overlay(place, lower, upper, work)
    _use(case, "above", merged)
    _compare_upper(case, upper)
    unmount(merged)
    mount("overlay", merged, "overlay", 0, _layers(lower, upper, work))
    _compare_used(case, "above, mounted again", merged)
    unmount(merged)


@mount_check
def overlay_with_it_in_both_layers(case, place):
    """Upper and lower layer on one filesystem."""
    lower = place_for(case.folder, "lower")
    _fill(lower)
    upper, work = place_for(case.folder, "upper"), place_for(case.folder, "work")
    merged = _overlay(place, lower, upper, work)
    _use(case, "in both layers", merged)
    unmount(merged)
    holds(case, "a file of the lower layer after it", f"{lower}/changed", 1)


def _layers(lower, upper, work):
    # Renaming a folder of the lower layer needs redirect_dir; else it is EXDEV.
    return f"lowerdir={lower},upperdir={upper},workdir={work},redirect_dir=on"


def _overlay(place, lower, upper, work):
    merged = place_for(place, "merged")
    mount("overlay", merged, "overlay", 0, _layers(lower, upper, work))
    return merged


def _fill(lower):
    os.mkdir(f"{lower}/folder")
    for seed, name in enumerate(("changed", "removed", "renamed", "kept", "folder/in"), start=1):
        put(f"{lower}/{name}", seed)


def _use(case, how, merged):
    """Change a copy, remove, rename a file and a folder, make something new; then look."""
    with open(f"{merged}/changed", "r+b") as file:
        file.write(b"copied up")
    os.unlink(f"{merged}/removed")
    os.rename(f"{merged}/renamed", f"{merged}/to")
    os.rename(f"{merged}/folder", f"{merged}/moved")
    put(f"{merged}/moved/new", 6)
    write_file(f"{merged}/removed_and_made", b"1")
    os.unlink(f"{merged}/removed_and_made")
    write_file(f"{merged}/removed_and_made", b"2")
    _compare_used(case, how, merged)


def _compare_used(case, how, merged):
    wanted = ["changed", "kept", "moved", "removed_and_made", "to"]
    case.equal(f"names of an overlay, it {how}", expected=wanted, actual=names(merged))
    case.equal(
        f"names in a renamed folder of it, {how}",
        expected=["in", "new"],
        actual=names(f"{merged}/moved"),
    )
    copied = b"copied up" + pattern(SIZE, 1)[9:]
    actual = read_file(f"{merged}/changed")
    case.equal(f"a file that was copied up, it {how}", expected=copied, actual=actual)
    for name, seed in (("to", 3), ("kept", 4), ("moved/in", 5), ("moved/new", 6)):
        holds(case, f"an unchanged file of an overlay, it {how}", f"{merged}/{name}", seed)
    case.raises(
        f"open a removed file of the lower layer, it {how}",
        errno.ENOENT,
        os.open,
        f"{merged}/removed",
        os.O_RDONLY,
    )


def _compare_upper(case, upper):
    """What overlayfs.rst says the upper layer then has."""
    status = os.lstat(f"{upper}/removed")
    whiteout = stat.S_ISCHR(status.st_mode) and status.st_rdev == 0
    case.true("the removed file is a whiteout in the upper layer", whiteout, oct(status.st_mode))
    redirect = os.getxattr(f"{upper}/moved", "trusted.overlay.redirect")
    case.equal("where the renamed folder's content is", expected=b"folder", actual=redirect)


def _tree(folder):
    """Paths, kinds and sizes below a folder."""
    found = []
    for top, folders, files in os.walk(folder):
        for name in folders + files:
            status = os.lstat(f"{top}/{name}")
            size = status.st_size if stat.S_ISREG(status.st_mode) else 0
            found.append([os.path.relpath(f"{top}/{name}", folder), oct(status.st_mode), size])
    return sorted(found)
