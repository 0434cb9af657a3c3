"""What only the host or the filesystem can tell to be wrong: said before a guest is started."""

import pytest

from vexfs_provider.scenarios import mount


@pytest.mark.parametrize(
    ("filesystem", "values", "reason"),
    [
        ("ext5", {}, "filesystem 'ext5' has no profile; allowed: btrfs, ext4, "),
        ("ext4", {"guest_kernel": "5.4"}, "kernel '5.4' is not known; allowed: 6.1, "),
        ("ext4", {"guest_recipe": "arch"}, "guest recipe 'arch' does not exist; there are: "),
        (
            "xfs",
            {"image_size_test": "64M"},
            "parameter image_size_test = '64M'; xfs needs at least 320M",
        ),
    ],
)
def test_a_wrong_value_is_an_error(perform, filesystem, values, reason):
    record = perform(mount.cycle, filesystem, **values).record
    assert record.status == "ERROR"
    assert reason in record.reason
    assert record.guests == []


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (
            {"image_aio_test": "native", "drive_cache_test": "writeback"},
            "aio=native needs cache=none, not 'writeback'",
        ),
        (
            {
                "drive_format_test": "ahci",
                "guest_kernel": "6.1-generic",
                "logical_block_size_test": "4096",
                "physical_block_size_test": "4096",
            },
            "ahci has sectors of 512 bytes only",
        ),
    ],
)
def test_a_combination_that_cannot_be_is_cancelled(perform, values, reason):
    record = perform(mount.cycle, "ext4", **values).record
    assert record.status == "CANCEL"
    assert reason in record.reason


@pytest.fixture
def no_modules(own_cache):
    """A cache without modules; its snapshots are the user's."""
    snapshots = (own_cache / "images").resolve().with_name("snapshots")
    (own_cache / "snapshots").symlink_to(snapshots)


@pytest.mark.parametrize(("required", "status"), [("no", "CANCEL"), ("yes", "ERROR")])
def test_a_module_that_is_not_built_is_told_with_the_command(no_modules, perform, required, status):
    record = perform(mount.cycle, "vexfs", require_module=required).record
    assert record.status == status
    assert "avocado vexfs module build --name vexfs --source DIR --kernel 6.1" in record.reason
