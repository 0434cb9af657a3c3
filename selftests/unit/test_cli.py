"""``avocado vexfs`` without a guest: exit codes, errors, options, the doctor's verdict."""

import argparse
import json
import subprocess
import sys
import types

import pytest

from vexfs_provider.errors import BuildError, UsageError
from vexfs_provider.plugins_avocado import command, fresh
from vexfs_provider.plugins_avocado.verbs import VERBS
from vexfs_provider.runner import doctor
from vexfs_provider.runner.doctor import FOUND, MISSING, UNPROVED, Need


def run_verb(monkeypatch, outcome):
    """What the command makes of a verb that returns or raises ``outcome``."""

    def run(_args):
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setitem(VERBS, "setup", types.SimpleNamespace(run=run))
    return command.VexfsCommand().run({"vexfs_verb": "setup"})


@pytest.mark.parametrize(
    ("outcome", "code", "said"),
    [
        (0, 0, ""),
        (1, 1, ""),
        (UsageError("no such thing"), 2, "avocado vexfs: error: no such thing\n"),
        (BuildError("mke2fs failed"), 3, "avocado vexfs: error: mke2fs failed\n"),
    ],
)
def test_errors_become_a_line_and_a_code(monkeypatch, capsys, outcome, code, said):
    assert run_verb(monkeypatch, outcome) == code
    assert capsys.readouterr().err == said


def test_a_bug_is_not_hidden(monkeypatch):
    with pytest.raises(ZeroDivisionError):
        run_verb(monkeypatch, ZeroDivisionError())


def test_no_verb_names_the_verbs(capsys):
    assert command.VexfsCommand().run({"vexfs_verb": None}) == 2
    said = capsys.readouterr().err
    assert all(verb in said for verb in VERBS)


def parse(verb, *words):
    parser = argparse.ArgumentParser()
    VERBS[verb].configure(parser)
    return parser.parse_args(words)


def test_module_build_takes_lists():
    args = parse(
        "module",
        *["build", "--name", "m", "--source", "src", "--patch", "a.patch", "--patch", "b.patch"],
        *["--kernel", "6.1", "--kernel", "6.12", "--tool", "mkfs.m=mkfs.c"],
        "--cflags=-O1 -DX",
    )
    assert [patch.name for patch in args.patch] == ["a.patch", "b.patch"]
    assert args.kernel == ["6.1", "6.12"]
    assert args.tool == ["mkfs.m=mkfs.c"]
    assert args.cflags == "-O1 -DX"


@pytest.mark.parametrize(
    "words",
    ["module build --name m", "module build --source src", "guest", "guest burn", "module"],
)
def test_what_is_missing_ends_with_2(words):
    verb, *rest = words.split()
    with pytest.raises(SystemExit) as stop:
        parse(verb, *rest)
    assert stop.value.code == 2


def test_every_verb_says_what_it_does():
    assert all((verb.__doc__ or "").strip() for verb in VERBS.values())


def test_plain_names_reach_the_guest():
    given = ["mem=1024", "smp=1", "mount_cycles=3", "image_size_test=1G"]
    assert fresh.guest_params(given) == ["mem_guest=1024", "smp_guest=1"]
    assert fresh.guest_params([]) == []


def test_other_commands_are_left_alone():
    config = {"subcommand": "list", "vt.type": "libvirt", "vt.extra_params": ["mem=1"]}
    fresh.FreshConfig().run(config)
    assert config["vt.extra_params"] == ["mem=1"]


def test_loading_the_plugin_loads_no_machinery():
    # Every Avocado command loads it.
    script = (
        "import sys, vexfs_provider.plugins_avocado.command, vexfs_provider.plugins_avocado.fresh;"
        "parts = {m.split('.')[1] for m in sys.modules if m.startswith('vexfs_provider.')};"
        "print(sorted(parts & {'guest', 'filesystems', 'detection', 'scenarios', 'settings'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("needs", "code"),
    [
        ([Need("a", FOUND, "")], 0),
        ([Need("a", FOUND, ""), Need("b", MISSING, "", required=False)], 0),
        ([Need("a", MISSING, "")], 3),
        ([Need("a", UNPROVED, "")], 3),
    ],
)
def test_doctor_fails_for_required_needs_only(needs, code):
    assert doctor.exit_code(needs) == code


def test_doctor_says_what_mends():
    text = doctor.table(
        [Need("qemu", MISSING, "package q", "apt-get install q"), Need("a", FOUND, "x", "y")]
    )
    assert "missing   qemu" in text
    assert "-> apt-get install q" in text
    assert "-> y" not in text


def test_doctor_prints_json(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "examine", lambda: [Need("qemu", FOUND, "/usr/bin/qemu")])
    assert VERBS["doctor"].run(parse("doctor", "--json")) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"name": "qemu", "state": "found", "detail": "/usr/bin/qemu", "mend": "", "required": True}
    ]
