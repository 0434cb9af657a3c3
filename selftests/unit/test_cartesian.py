"""The tests that Avocado-VT's own parser makes of our Cartesian files."""

import itertools
import json

import pytest

EXPAND = """
import json, sys
from virttest import cartesian_config, data_dir
guest, reference, assignments, wanted = json.loads(sys.argv[1])
parser = cartesian_config.Parser(data_dir.get_backend_cfg_path("qemu", "tests.cfg"))
for chosen in (guest, "i440fx", "smp2", "qcow2", "virtio_net", "virtio_blk", reference):
    parser.only_filter(chosen)
for name, value in assignments.items():
    parser.assign(name, value)
tests = []
for test in parser.get_dicts():
    name = test["_short_name_map_file"]["subtests.cfg"].removeprefix("type_specific.")
    tests.append([name, {key: test.get(key) for key in wanted}])
print(json.dumps(tests))
"""
DEFAULT_GUEST = "JeOS.27"
USUAL = ("vexfs", "ext4", "xfs", "btrfs")
OTHERS = ("f2fs", "tmpfs", "fuse")
DIMENSIONS = {
    "on": (*USUAL, *OTHERS),
    "kernel": ("6_1", "6_12", "6_1_generic", "6_12_generic"),
    "cpus": ("1", "2"),
    "mem": ("512", "1024"),
    "sector": ("512", "4096"),
    "cache": ("none", "writeback", "unsafe"),
    "bus": ("virtio_blk", "virtio_scsi", "nvme", "ahci"),
}
OURS = {
    "vms": "",
    "images": "",
    "start_vm": "no",
    "auto_cpu_model": "no",
    "verify_host_dmesg": "no",
    "verify_guest_dmesg": "no",
    "take_regular_screendumps": "no",
    "store_vm_info": "no",
    "guest_recipe": "debian12",
    "guest_kernel": "6.1",
    "guest_machine": "pc",
    "guest_start": "auto",
    "vm_accelerator": "auto",
    "mem_guest": "512",
    "smp_guest": "2",
    "test_images": "test",
    "image_size_test": "512M",
    "image_format_test": "raw",
    "image_aio_test": "threads",
    "drive_format_test": "virtio_blk",
    "drive_cache_test": "none",
    "logical_block_size_test": "512",
    "physical_block_size_test": "512",
    "require_module": "no",
    "type": "mount_cycle",
    "filesystem": "ext4",
    "vexfs_level": "1",
    "mount_cycles": "10",
    "scenario_timeout": "900",
}


@pytest.fixture
def expand(registered_home):
    """The tests that a reference gives: a list of name and wanted parameters."""

    def expansion(reference, wanted=(), *, guest=DEFAULT_GUEST, assign=None):
        question = json.dumps([guest, reference, assign or {}, list(wanted)])
        return registered_home.json(EXPAND, question)

    return expansion


LEVEL1 = ("capabilities", "basic_io", "metadata", "persistence", "posix_errors", "space")
LEVEL1 += ("concurrent", "differential")
LEVEL2 = ("benchmarks", "lifecycle", "backends", "host_share", "guest_network", "xfstests")
LEVEL2 += ("differential", "mount_options", "mount_devices", "mount_trees", "many_files")
LEVEL3 = (
    *("disk_io_error", "memory_allocation_failure", "network_timeout", "syscall_interruption"),
    *("power_cut", "stress"),
)
ONLY_VEXFS = ("module_cycle", "vector")
MATRIX = ("mount_cycle", "persistence")


def possible(values: dict[str, str]) -> bool:
    """Whether a machine can be: the rules of ``matrix.cfg``, said again."""
    if "generic" not in values["kernel"] and (values["bus"] == "ahci" or values["on"] == "f2fs"):
        return False
    if values["bus"] == "ahci" and values["sector"] == "4096":
        return False
    disk = (values["bus"], values["cache"], values["sector"])
    return values["on"] != "tmpfs" or disk == ("virtio_blk", "none", "512")


def matrix(level: int) -> set[str]:
    names = set()
    for chosen in itertools.product(*DIMENSIONS.values()):
        values = dict(zip(DIMENSIONS, chosen, strict=True))
        if possible(values):
            tail = ".".join(f"{name}_{value}" for name, value in values.items())
            scenarios = MATRIX if level == 1 else ("mount_cycle",)
            names |= {f"vexfs.matrix.level{level}.{scenario}.{tail}" for scenario in scenarios}
    return names


def test_levels_are_one_machine_and_the_usual_filesystems_come_alone(expand):
    levels = ("level1", "level2", "level3")
    names = [name for name, _ in expand(", ".join(f"vexfs.{x}" for x in (*levels, "more")))]
    expected = {f"vexfs.{level}.mount_cycle.on_{name}" for level in levels for name in USUAL}
    expected |= {f"vexfs.more.{level}.mount_cycle.on_{name}" for level in levels for name in OTHERS}
    expected |= {f"vexfs.level1.{scenario}.on_{name}" for scenario in LEVEL1 for name in USUAL}
    expected |= {f"vexfs.level1.{scenario}.on_vexfs" for scenario in ONLY_VEXFS}
    expected |= {f"vexfs.level2.{scenario}.on_{name}" for scenario in LEVEL2 for name in USUAL}
    expected |= {f"vexfs.level3.{scenario}.on_{name}" for scenario in LEVEL3 for name in USUAL}
    expected |= {
        f"vexfs.more.level1.{scenario}.on_{name}" for scenario in LEVEL1 for name in OTHERS
    }
    assert set(names) == expected
    assert len(names) == len(expected)


def test_the_matrix_is_the_cross_product_of_what_is_possible(expand):
    names = [name for name, _ in expand("vexfs.matrix.level1")]
    assert set(names) == matrix(1)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("guest", [DEFAULT_GUEST, "Fedora.31.x86_64", "VexFS"])
def test_no_stock_configuration_changes_our_parameters(expand, guest):
    [(_, params)] = expand("vexfs.level1.mount_cycle.on_ext4", OURS, guest=guest)
    assert params == OURS


def test_every_parameter_can_be_given_on_the_command_line(expand):
    # Those that name the test itself, and the one that Avocado-VT's own resolver needs, stay.
    given = {name: "given" for name in OURS if name != "type"}
    [(_, params)] = expand("vexfs.level1.mount_cycle.on_ext4", OURS, assign=given)
    assert params == OURS | given


def test_the_matrix_sets_what_its_names_say(expand):
    reference = "vexfs.matrix.level2.mount_cycle.on_f2fs.kernel_6_12_generic.cpus_1.mem_1024"
    wanted = ("drive_format_test", "drive_cache_test", "logical_block_size_test")
    wanted += ("physical_block_size_test", "mem_guest", "smp_guest", "guest_kernel", "filesystem")
    wanted += ("mount_cycles", "vexfs_level", "scenario_timeout")
    tests = {name.rpartition("mem_1024.")[2]: params for name, params in expand(reference, wanted)}
    assert len(tests) == 4 * 2 * 3 - 3
    assert tests["sector_4096.cache_unsafe.bus_nvme"] == {
        "drive_format_test": "nvme",
        "drive_cache_test": "unsafe",
        "logical_block_size_test": "4096",
        "physical_block_size_test": "4096",
        "mem_guest": "1024",
        "smp_guest": "1",
        "guest_kernel": "6.12-generic",
        "filesystem": "f2fs",
        "mount_cycles": "50",
        "vexfs_level": "2",
        "scenario_timeout": "900",
    }


def test_f2fs_gets_a_kernel_that_has_it(expand):
    tests = expand("vexfs.more.level1.mount_cycle.on_f2fs", ["guest_kernel"])
    assert [params["guest_kernel"] for _, params in tests] == ["6.1-generic"]
