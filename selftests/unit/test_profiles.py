"""Filesystem profiles: the built-in ones, a user's, and every mistake in one."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.errors import UsageError
from vexfs_provider.filesystems.capabilities import CAPABILITIES
from vexfs_provider.filesystems.catalogue import get_profile, load_profiles
from vexfs_provider.filesystems.profile import PLACEHOLDERS, Kind, expand
from vexfs_provider.filesystems.profile_file import read_profile

MINIMAL = 'name = "mine"\ndescription = "My own"\nkind = "kernel"\ntype = "mine"\n'
MODULE = (
    MINIMAL.replace('"kernel"', '"module"') + '[module]\nname = "mine"\nobject = "mine_fs.ko"\n'
)


@pytest.fixture
def profile_of(tmp_path):
    def read(text):
        path = tmp_path / "mine.toml"
        path.write_text(text)
        return read_profile(path)

    return read


def test_the_built_in_profiles_are_there():
    kinds = {name: profile.kind for name, profile in load_profiles().items()}
    assert kinds == {
        "btrfs": Kind.KERNEL,
        "ext4": Kind.KERNEL,
        "f2fs": Kind.KERNEL,
        "fuse": Kind.FUSE,
        "tmpfs": Kind.MEMORY,
        "vexfs": Kind.MODULE,
        "vexfs_fuse": Kind.FUSE,
        "xfs": Kind.KERNEL,
    }


def test_no_check_command_can_repair():
    """A check that repairs would hide what it found from the next one."""
    read_only = {"-n", "--readonly", "--dry-run"}
    for profile in load_profiles().values():
        assert profile.check is None or read_only & set(profile.check), profile.name


def test_profiles_travel_between_processes():
    for profile in load_profiles().values():
        assert pickle.loads(pickle.dumps(profile)) == profile


def test_what_is_not_given_has_a_default(profile_of):
    profile = profile_of(MINIMAL)
    assert (profile.mkfs, profile.check, profile.check_ok) == (None, None, (0,))
    assert profile.unmount == ("umount", "{mountpoint}")
    assert not profile.can("symlink")


def test_a_user_profile_adds_and_replaces(tmp_path):
    (tmp_path / "a.toml").write_text(MINIMAL)
    (tmp_path / "b.toml").write_text(MINIMAL.replace('"mine"', '"ext4"', 1))
    profiles = load_profiles([tmp_path])
    assert profiles["mine"].description == "My own"
    assert profiles["ext4"].type == "mine"
    assert profiles["xfs"].type == "xfs"


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(UsageError, match="nonesuch"):
        load_profiles([tmp_path / "nonesuch"])


def test_an_unknown_filesystem_lists_those_there_are():
    with pytest.raises(UsageError, match=r"'zfs'.*btrfs, ext4, f2fs"):
        get_profile("zfs")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("mkfss = []", "unknown key 'mkfss' = \\[\\]; allowed: name, description"),
        ("mkfs = 'mkfs.ext4 {device}'", "mkfs = .*must be a list"),
        ("mkfs = []", "mkfs = .*not empty"),
        ("mkfs = ['mkfs', '{disk}']", "mkfs = .*{disk}; placeholders are device"),
        ("mkfs = ['mkfs', '{mountpoint}']", "mkfs = .*runs unmounted"),
        ("check_ok = [256]", "check_ok = \\[256\\].*from 0 to 255"),
        ("check_ok = [true]", "check_ok = \\[True\\].*whole number"),
        ("min_size_mib = 0", "min_size_mib = 0: must be a whole number from 1"),
        ("capabilities = ['sim_link']", "capabilities = .*one of acl"),
        ("needs_kernel = ['f2fs']", "needs_kernel = .*CONFIG_F2FS_FS"),
        ("load = ['a b']", "load = .*kernel module"),
        ("log_prefix = 3", "log_prefix = 3: must be a text"),
        ("daemon = ['d', '{mountpoint}']", "daemon belongs to kind = 'fuse'"),
        ("[module]\nname = 'a'", "belongs to the kinds 'module' and 'fuse'"),
        ("[vector]\nadd = 1", "vector = .*magic, one ASCII letter"),
        ("[vector]\nmagic = 'V'\nadd = 300", "vector = .*from 0 to 255"),
        ("[expected_differences]\nfree_blocks = ''", "expected_differences = .*reason"),
        ("[expected_differences]\nmtime = 'any'", "some of: acknowledged_at_abort"),
        ("name = [", "is not TOML"),
    ],
)
def test_a_mistake_is_one_clear_error(profile_of, tmp_path, line, says):
    with pytest.raises(UsageError, match=says) as caught:
        profile_of(f"{MINIMAL}{line}\n")
    assert str(tmp_path / "mine.toml") in str(caught.value)


@pytest.mark.parametrize("key", ["name", "description", "kind", "type"])
def test_a_missing_key_is_named(profile_of, key):
    kept = [line for line in MINIMAL.splitlines() if not line.startswith(f"{key} ")]
    with pytest.raises(UsageError, match=f"the key '{key}' is missing"):
        profile_of("\n".join(kept))


def test_an_unknown_kind_lists_the_kinds(profile_of):
    with pytest.raises(UsageError, match=r"kind = 'disk'.*kernel, module, fuse, memory"):
        profile_of(MINIMAL.replace("kernel", "disk"))


def test_a_module_kind_needs_its_object(profile_of):
    assert profile_of(MODULE).module.object == "mine_fs.ko"
    with pytest.raises(UsageError, match=r"needs a table \[module\]"):
        profile_of(MODULE.replace('object = "mine_fs.ko"', ""))
    with pytest.raises(UsageError, match=r"\[module\]: unknown key 'source'"):
        profile_of(MODULE + 'source = "/src"\n')
    with pytest.raises(UsageError, match=r"\[module\]: object = 'mine'.*\.ko"):
        profile_of(MODULE.replace("mine_fs.ko", "mine"))


def test_a_filesystem_in_memory_has_no_mkfs(profile_of):
    with pytest.raises(UsageError, match="'memory' has no device, so no key mkfs"):
        profile_of(MINIMAL.replace("kernel", "memory") + "mkfs = ['mkfs', '{device}']\n")


def test_missing_kernel_options():
    config = "CONFIG_EXT4_FS=y\nCONFIG_XFS_FS=m\n# CONFIG_F2FS_FS is not set\n"
    assert get_profile("ext4").missing_config(config) == []
    assert get_profile("xfs").missing_config(config) == []
    assert get_profile("f2fs").missing_config(config) == ["CONFIG_F2FS_FS"]


@given(st.lists(st.text()), st.text(), st.text(), st.text())
def test_a_word_stays_one_word(words, device, label, mountpoint):
    values = {"device": device, "label": label, "mountpoint": mountpoint, "size_mib": 7}
    given_words = [word for word in words if "{" not in word]
    assert expand(given_words, values) == given_words
    templates = [f"a{{{name}}}z" for name in PLACEHOLDERS]
    wanted = [f"a{device}z", f"a{label}z", f"a{mountpoint}z", "a7z"]
    assert expand(templates, values) == wanted


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.lists(st.text()))))
def test_any_table_is_a_profile_or_a_usage_error(tmp_path_factory, table):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    # Escaped as TOML's basic strings are; surrogates cannot be in a file.
    path.write_text("".join(f"{toml(key)} = {toml(value)}\n" for key, value in table.items()))
    with pytest.raises(UsageError, match="any"):
        read_profile(path)


def toml(value):
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(char):08x}" for char in value) + '"'
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return str(value)


def test_each_capability_is_explained():
    assert all(text.strip() and "\n" not in text for text in CAPABILITIES.values())


def test_known_failures_of_xfstests_have_their_reasons(profile_of):
    table = '[xfstests_failures]\n"generic/004" = '
    assert profile_of(f'{MINIMAL}{table}"no O_TMPFILE"').xfstests_failures == {
        "generic/004": "no O_TMPFILE"
    }
    with pytest.raises(UsageError, match="xfstests_failures"):
        profile_of(f'{MINIMAL}{table}""')
