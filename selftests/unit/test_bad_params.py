"""A bad parameter is one error that names it, its value and what is allowed."""

import re
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.errors import UsageError
from vexfs_provider.params import Range, Switch, read_arguments, read_config

GOOD = {"type": "mount_cycle", "filesystem": "ext4"}


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("guest_machine", "q35", "pc"),
        ("smp_guest", "0", "a whole number from 1 to 64"),
        ("smp_guest", "two", "a whole number from 1 to 64"),
        ("mem_guest", "64", "a whole number from 128 to 65536"),
        ("mem_guest", "-512", "a whole number from 128 to 65536"),
        ("mem_guest", "512M", "a whole number from 128 to 65536"),
        ("guest_start", "hot", "auto, warm, cold"),
        ("vexfs_level", "4", "a whole number from 1 to 3"),
        ("vm_accelerator", "xen", "auto, tcg, kvm"),
        ("scenario_timeout", "0", "a whole number from 1 to 604800"),
        ("scenario_timeout", "10m", "a whole number from 1 to 604800"),
        ("require_module", "true", "yes, no"),
        ("trace_locks", "on", "yes, no"),
        ("dump_on_panic", "1", "yes, no"),
        ("coverage", "branches", "functions, lines, no"),
        ("monitor_interval", "0.5", "a whole number from 0 to 3600"),
        ("trace_objects", "a-b", "SYMBOL or SYMBOL+OFFSET"),
        ("instrument", "function nothing", "none, or different ones of function, function_graph"),
        ("instrument", "function function", "none, or different ones of function, function_graph"),
        ("test_images", "a b a", "different names of lower-case letters"),
        ("test_images", "Test", "different names of lower-case letters"),
        ("test_images", "a/b", "different names of lower-case letters"),
        ("image_size_test", "512", "a size such as 512M or 2G"),
        ("image_size_test", "0M", "a size such as 512M or 2G"),
        ("image_size_test", "1.5G", "a size such as 512M or 2G"),
        ("old_data_test", "64", "a size such as 512M or 2G, at least 0M"),
        ("drive_format_test", "ide", "virtio_blk, virtio_scsi, nvme, ahci"),
        ("image_format_test", "vmdk", "raw, qcow2"),
        ("drive_cache_test", "directsync", "none, writeback, unsafe"),
        ("image_aio_test", "posix", "threads, native, io_uring"),
        ("logical_block_size_test", "1024", "512, 4096"),
        ("physical_block_size_test", "520", "512, 4096"),
    ],
)
def test_the_error_names_parameter_value_and_what_is_allowed(name, value, allowed):
    with pytest.raises(UsageError) as caught:
        read_config(GOOD | {name: value})
    words = str(caught.value)
    assert words.startswith(f"parameter {name} = {value!r}; allowed: ")
    assert allowed in words


def test_a_physical_sector_smaller_than_a_logical_one_is_refused():
    with pytest.raises(
        UsageError, match="physical_block_size_test = '512'; allowed: at least 4096"
    ):
        read_config(GOOD | {"logical_block_size_test": "4096"})


@pytest.mark.parametrize("name", ["type", "filesystem"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_parameter_is_named(name, value):
    values = {key: text for key, text in GOOD.items() if key != name}
    if value is not None:
        values[name] = value
    with pytest.raises(UsageError, match=f"parameter '{name}' is missing"):
        read_config(values)


def scenario(bench: object, *, rounds: Annotated[int, Range(1, 9)] = 3) -> None:
    """A scenario with an argument of its own."""


def test_a_scenarios_argument_keeps_to_its_range():
    assert read_arguments(scenario, {}) == {"rounds": 3}
    assert read_arguments(scenario, {"rounds": " 9 "}) == {"rounds": 9}
    for wrong in ("0", "10", "3.5", "many"):
        expected = re.escape(f"parameter rounds = {wrong!r}; allowed: a whole number from 1 to 9")
        with pytest.raises(UsageError, match=expected):
            read_arguments(scenario, {"rounds": wrong})


def switched(bench: object, *, lying: Annotated[bool, Switch()] = False) -> None:
    """A scenario that can be told to do something else."""


def test_a_scenarios_switch_is_yes_or_no():
    assert read_arguments(switched, {}) == {"lying": False}
    assert read_arguments(switched, {"lying": "yes"}) == {"lying": True}
    with pytest.raises(UsageError, match="parameter lying = 'True'; allowed: yes, no"):
        read_arguments(switched, {"lying": "True"})


@given(st.text(max_size=12))
def test_any_size_is_read_or_refused_with_its_name(text):
    try:
        disk = read_config(GOOD | {"image_size_test": text}).guest.disks[0]
    except UsageError as error:
        assert "image_size_test" in str(error)
    else:
        number = re.fullmatch(r"(\d+)[MG]", text.strip())
        assert disk.size_mib > 0 if number else (text.strip() == "" and disk.size_mib == 512)
