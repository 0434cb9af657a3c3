"""``avocado vexfs corpus``: its arguments and what it prints; nothing is built here."""

import argparse

import pytest

from vexfs_provider.corpus import whole
from vexfs_provider.corpus.build import Summary
from vexfs_provider.errors import UsageError
from vexfs_provider.plugins_avocado.verbs import corpus


@pytest.fixture
def built(monkeypatch, tmp_path):
    """What was asked to be built, as (plan, folder)."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    asked = []

    def build(plan, folder, *, store, progress):
        asked.append((plan, folder))
        return Summary(2, 3, 20, {"null_read", "bug"}, ["did not fire: x on 6.1"])

    monkeypatch.setattr(whole, "build_corpus", build)
    return asked


def call(*arguments):
    parser = argparse.ArgumentParser()
    corpus.configure(parser)
    return corpus.run(parser.parse_args(arguments))


def test_the_arguments_become_a_plan(built, tmp_path):
    out = tmp_path / "out"
    arguments = ["--out", str(out), "--kernel", "6.1", "--kernel", "6.12"]
    assert call("build", *arguments, "--count-benign", "7", "--seed", "3") == 0
    assert built == [(whole.Plan(("6.1", "6.12"), 7, 3, with_debug=False), out)]


def test_by_default_it_goes_to_the_cache_under_its_key(built, tmp_path):
    assert call("build") == 0
    [(plan, folder)] = built
    assert plan == whole.Plan()
    assert folder.parent == tmp_path / "cache" / "vexfs-provider" / "corpus"


def test_what_is_built_and_what_is_not_is_printed(built, capsys, tmp_path):
    call("build", "--out", str(tmp_path / "out"))
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "did not fire: x on 6.1"
    assert said[1].startswith("2 crashes of 2 kinds and 3 consoles without one, in 20 logs: ")
    assert said[1].endswith(str(tmp_path / "out"))


def test_a_corpus_that_is_kept_is_not_built_again(built, capsys):
    call("build")
    [(_, folder)] = built
    folder.mkdir(parents=True)
    assert call("build") == 0
    assert len(built) == 1
    assert str(folder) in capsys.readouterr().out.splitlines()[-1]


def test_a_negative_number_is_refused(built):
    with pytest.raises(UsageError, match=r"--count-benign -1"):
        call("build", "--count-benign", "-1")
    assert built == []
