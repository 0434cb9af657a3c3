"""The functions of code that is built into a kernel, by the kernel's list of symbols."""

import importlib.util

import pytest

from vexfs_provider.paths import data_dir

SYMBOLS = """\
ffffffff81000000 T other
ffffffff81000100 T demo_open
ffffffff81000200 t helper
ffffffff81000300 t __demo_read
ffffffff81000400 T behind
ffffffff81900000 t demo_open.cold
ffffffff81900010 t alien
ffffffff82000000 t demo_init
ffffffffc0000000 t loaded\t[other]
ffffffffc0000100 t twice\t[other]
ffffffffc0000200 t twice\t[other]
ffffffffc0000300 d data\t[other]
"""
TRACEABLE = (
    "other\ndemo_open\nhelper\n__demo_read\nbehind\nloaded [other]\ntwice [other]\ntwice [other]\n"
)


@pytest.fixture
def code(tmp_path, monkeypatch):
    """The module that runs in the guest, with the kernel's lists as files of the test's own."""
    path = data_dir("deps") / "guest" / "code" / "function_coverage.py"
    spec = importlib.util.spec_from_file_location("function_coverage", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, text in (("SYMBOLS", SYMBOLS), ("TRACEABLE", TRACEABLE)):
        (tmp_path / name).write_text(text)
        monkeypatch.setattr(module, name, str(tmp_path / name))
    return module


def test_what_is_built_in_lies_between_the_functions_of_its_name(code):
    addresses, unsure = code.find_functions("demo")
    assert [hex(address)[-3:] for address in addresses] == ["100", "200", "300"]
    assert unsure == 0


def test_a_module_has_the_functions_that_are_marked_as_its_own(code):
    addresses, unsure = code.find_functions("other")
    assert addresses == [0xFFFFFFFFC0000000]
    assert unsure == 2


def test_a_name_that_the_kernel_does_not_have_gives_none(code):
    assert code.find_functions("absent") == ([], 0)
