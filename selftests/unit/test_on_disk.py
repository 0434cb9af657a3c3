"""Profiles' superblocks and purposes: each mistake is one error, and what they make of mkfs."""

import pytest

from vexfs_provider.errors import UsageError
from vexfs_provider.filesystems.catalogue import get_profile, load_profiles
from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.filesystems.profile_file import read_profile
from vexfs_provider.guest.protocol import CommandResult

PROFILE = 'name = "mine"\ndescription = "My own"\nkind = "kernel"\ntype = "mine"\n'
SUPERBLOCK = "offset = 0\nsize = 512\nmagics = [0]\nmagic_size = 4\nreports = '^X'\n"


class Guest:
    kernel_release = "6.1"

    def __init__(self):
        self.commands = []

    def run(self, argv, **_):
        self.commands.append(" ".join(argv))
        return CommandResult(0, b"", b"", 0.0)

    def put(self, path, data, mode=0o644):
        raise AssertionError("nothing is put")


def made(name, purpose):
    guest = Guest()
    Filesystem(get_profile(name), guest).make("/dev/vdb", purpose)
    return guest.commands


def test_the_words_for_a_purpose_stand_before_the_device():
    assert made("ext4", "label") == ["mkfs.ext4 -q -F -L vexfs_test /dev/vdb"]
    assert made("ext4", "few_inodes") == ["mkfs.ext4 -q -F -N 512 /dev/vdb"]
    assert made("btrfs", "few_inodes") == ["mkfs.btrfs -q -f /dev/vdb"]
    assert made("ext4", "") == ["mkfs.ext4 -q -F /dev/vdb"]


def test_what_mount_2_is_told():
    tmpfs = Filesystem(get_profile("tmpfs"), Guest(), size_mib=64)
    assert tmpfs.system_call("") == {"device": "", "kind": "tmpfs", "options": ["size=64m"]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[superblock]\n" + SUPERBLOCK.replace("size = 512\n", ""), "superblock = .*the keys"),
        ("[superblock]\n" + SUPERBLOCK.replace("512", "0"), "size has a whole number from 1"),
        ("[superblock]\n" + SUPERBLOCK.replace("[0]", "[]"), "magics are a list"),
        ("[superblock]\n" + SUPERBLOCK.replace("[0]", "[true]"), "magics has a whole number"),
        ("[superblock]\n" + SUPERBLOCK.replace("^X", "("), "regular expression"),
        ("[made_for.speed]\nmkfs = ['-f']", "keys few_inodes, label, quota"),
        ("[made_for.quota]\nfsck = ['-f']", "quota has the keys mkfs and mount"),
        ("[made_for.quota]\nmkfs = '-f'", "quota has lists of words"),
    ],
)
def test_a_mistake_is_one_clear_error(tmp_path, text, says):
    path = tmp_path / "mine.toml"
    path.write_text(f"{PROFILE}{text}\n")
    with pytest.raises(UsageError, match=says):
        read_profile(path)


def test_a_superblock_has_its_first_magic_within_it():
    for profile in load_profiles().values():
        place = profile.superblock
        if place is not None:
            assert place.offset <= place.magics[0] < place.offset + place.size, profile.name
