"""One test of a tree of xfstests that the user names, on the filesystem in the guest.

Each is a test of Avocado's own, on a fresh guest: one that crashes its guest costs no other.
``plugins_avocado/xfstests_resolver.py`` makes as many of the one variant as were chosen.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from vexfs_provider.detection import Severity
from vexfs_provider.errors import NotApplicable, UsageError
from vexfs_provider.filesystems.known_failures import TEST, load_known_failures
from vexfs_provider.filesystems.profile import Kind, Profile
from vexfs_provider.guest.guest import STEP_NOTE
from vexfs_provider.guest.shape import Disk
from vexfs_provider.params import Text
from vexfs_provider.progress import SILENT
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.store import Store
from vexfs_provider.workloads import xfstests_result, xfstests_tree
from vexfs_provider.workloads.xfstests_result import End, Result

MODULE = "xfstests"
ROOT = "/run/vexfs/xfstests"  # as deps/guest/code/xfstests.py has it
MOUNTPOINTS = {"TEST": "/mnt/test", "SCRATCH": "/mnt/scratch"}
PREPARE_TIMEOUT_S = 120.0
RUN_TIMEOUT_S = 86_400.0  # it is the test's own time that ends it
DIFF_LENGTH = 40  # lines that check shows of a difference

PROVOKED: Mapping[str, str] = {
    "shutdown": r"[Ss]hut|I/O|JBD2|EXT4-fs|XFS: log|BTRFS: errno|remounted read-only",
    "eio": r"[Ss]hut|I/O|JBD2|EXT4-fs|XFS: (?!assertion)|BTRFS: errno|remounted read-only",
    "recoveryloop": r"[Ss]hut|I/O|JBD2|EXT4-fs|XFS: log|BTRFS: errno|remounted read-only",
    "thin": r"[Ss]hut|I/O|JBD2|EXT4-fs|remounted read-only",
    "fuzzers": r"EXT4-fs|JBD2|XFS: (?!assertion)|BTRFS|F2FS",
}
"""Group -> titles of what the kernel reports because its tests make it; no crash is among them."""

_LIST = rf"{TEST}(?:[ ,]+{TEST})*"
Folder = Annotated[str, Text(r"/.*", "the absolute path of an xfstests tree")]
Groups = Annotated[str, Text(r"[\w.-]+(?:[ ,]+[\w.-]+)*", "groups, as: quick attr")]
Tests = Annotated[str, Text(_LIST, "tests, as: generic/001 generic/002")]
Failures = Annotated[str, Text(r"/.*", "the absolute path of a TOML file")]


def require_tree(
    profile: Profile,
    *,
    xfstests_dir: str,
    xfstests_group: str,
    xfstests_tests: str,
    xfstests_failures: str,
) -> None:
    """Raise ``NotApplicable`` without a tree, and ``UsageError`` if it or the choice is wrong."""
    if not xfstests_dir:
        raise NotApplicable(
            "no tree of xfstests is named; name one that is built or installed: "
            "--vt-extra-params xfstests_dir=/var/lib/xfstests"
        )
    tree = Path(xfstests_dir)
    xfstests_tree.check_tree(tree)
    chosen = chosen_tests(tree, profile, xfstests_group, xfstests_tests)
    if profile.kind in (Kind.MEMORY, Kind.FUSE):
        raise NotApplicable(f"xfstests needs a device to mount, which {profile.name} has not")
    if len(chosen) != 1:
        raise UsageError(
            f"parameter xfstests_group = {xfstests_group!r}: these are {len(chosen)} tests, and "
            "only references that name the provider (vexfs) are made into as many; or choose "
            f"one: xfstests_tests={chosen[0]}"
        )
    if xfstests_failures:
        load_known_failures(Path(xfstests_failures))


def chosen_tests(tree: Path, profile: Profile, groups: str, tests: str) -> list[str]:
    """The tests of the tree that the parameters choose. Raises ``UsageError``."""
    there = xfstests_tree.list_tests(tree, profile.type)
    return xfstests_tree.choose_tests(there, _words(groups), _words(tests))


def run(
    bench: Bench,
    *,
    xfstests_dir: Folder = "",
    xfstests_group: Groups = "quick",
    xfstests_tests: Tests = "",
    xfstests_failures: Failures = "",
) -> None:
    """Run the one test that is chosen; it passes if ``check`` says so and the kernel keeps quiet.

    The first disk is TEST_DEV, the second, if there is one, SCRATCH_DEV. What the test leaves is
    in the log folder, ``xfstests/``. One that cannot run there raises ``NotApplicable``.
    """
    tree = Path(xfstests_dir)
    [test] = chosen_tests(tree, bench.profile, xfstests_group, xfstests_tests)
    groups = xfstests_tree.list_tests(tree, bench.profile.type)[test]
    known = dict(bench.profile.xfstests_failures)
    if xfstests_failures:
        known |= load_known_failures(Path(xfstests_failures))
    bench.record.configuration["xfstests"] = {"test": test, "groups": sorted(groups)}
    with bench.step("preparation of xfstests"):
        devices = _prepare(bench, tree)
    for group in sorted(groups & PROVOKED.keys()):
        bench.expect(PROVOKED[group])
    with bench.step(f"xfstests {test}"):
        bench.guest.note(f"{STEP_NOTE}xfstests {test}")
        output = _check(bench, devices, test)
        files = bench.guest.call(MODULE, "results", PREPARE_TIMEOUT_S, test=test)
        _keep(bench, test, {"check": output, **files})
        result = xfstests_result.judge(test, output, files)
        _report(bench, test, result, xfstests_result.evidence(result, files), known.get(test, ""))


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _prepare(bench: Bench, tree: Path) -> dict[str, str]:
    """Plug the tree, make the filesystem; the devices by the names that xfstests has for them."""
    guest, profile = bench.guest, bench.profile
    spare = [name for name in guest.disks if guest.disk_path(name) != bench.device]
    devices = {"TEST": bench.device}
    if spare:
        devices["SCRATCH"] = guest.disk_path(spare[0])
    image = xfstests_tree.tree_image(tree, Store(), SILENT)
    place = guest.add_disk(Disk("xfstests", path=image, read_only=True))
    guest.load_code(MODULE)
    tools = {"mkfs": profile.mkfs, "fsck": profile.check or ("true",)}
    arguments = {
        "device": place,
        "folders": [MOUNTPOINTS[name] for name in devices],
        "kind": profile.type,
        "tools": {name: command for name, command in tools.items() if command},
    }
    guest.call(MODULE, "prepare", PREPARE_TIMEOUT_S, **arguments)
    bench.filesystem.make(bench.device)  # check looks after it by itself from now on
    return devices


def _check(bench: Bench, devices: Mapping[str, str], test: str) -> str:
    environment = {
        "FSTYP": bench.profile.type,
        "RESULT_BASE": f"{ROOT}/results",
        "HOST_OPTIONS": f"{ROOT}/none",  # no local.config of the tree's
        "DIFF_LENGTH": str(DIFF_LENGTH),
        **_mount_options(bench.profile.mount_options),
    }
    for name, device in devices.items():
        environment[f"{name}_DEV"] = device
        environment["TEST_DIR" if name == "TEST" else "SCRATCH_MNT"] = MOUNTPOINTS[name]
    script = f'cd {ROOT}/tree && exec ./check "$1" 2>&1'
    command = ["sh", "-c", script, "check", test]
    done = bench.guest.run(command, timeout_s=RUN_TIMEOUT_S, env=environment)
    bench.record.configuration["xfstests"]["seconds"] = round(done.seconds, 1)
    return done.stdout.decode(errors="replace")


def _mount_options(options: Sequence[str]) -> dict[str, str]:
    if not options:
        return {}
    words = f"-o {','.join(options)}"
    return {"MOUNT_OPTIONS": words, "TEST_FS_MOUNT_OPTS": words}


def _keep(bench: Bench, test: str, files: Mapping[str, str]) -> None:
    """Write what the guest had into the log folder, under names that are ours."""
    folder = bench.guest.folder / "xfstests"
    folder.mkdir(exist_ok=True)
    for end, text in files.items():
        (folder / f"{test.replace('/', '_')}.{end}").write_text(text)


def _report(bench: Bench, test: str, result: Result, seen: str, known: str) -> None:
    operation = f"./check {test}"
    if result.end is End.NOT_RUN:
        words = f"xfstests {test} cannot run: {result.reason}"
        if not bench.kernel_trouble():  # else that is what the test ends with
            raise NotApplicable(words)
        bench.unsupported(words)
    elif result.end is End.PASSED and known:
        bench.fail(
            f"xfstests {test} passes, though it is listed as failing",
            kind="xfstests",
            operation=operation,
            expected=f"a failure: {known}",
            actual="it passes",
            recommendation="Take it off the list.",
            severity=Severity.WARNING,
        )
    elif result.end is not End.PASSED:
        what = "fails" if result.end is End.FAILED else "does not start"
        bench.fail(
            f"xfstests {test} {what}",
            kind="xfstests",
            operation=operation,
            expected=f"the output in tests/{test}.out, and sound filesystems",
            actual=seen,
            recommendation=f"Known to fail: {known}" if known else "",
            known=bool(known) and result.end is End.FAILED,
        )
