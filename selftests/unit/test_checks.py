"""Lists of checks on a guest that is only pretended: needs, probes, losses and findings."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_bench import DEAD, FakeBench

from vexfs_provider.events import EventLog
from vexfs_provider.scenarios import capabilities
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.checks import MOST_GUESTS, Check, run_checks
from vexfs_provider.scenarios.persistence import PARTS
from vexfs_provider.scenarios.probing import probe


@pytest.fixture
def bench_with(tmp_path: Path) -> Iterator[Callable[..., FakeBench]]:
    events = EventLog(tmp_path / "events.jsonl")
    yield lambda *claims: FakeBench(tmp_path, events, *claims)
    events.close()


def titles(bench: Bench) -> list[str]:
    return [finding.title for finding in bench.record.findings]


def test_what_a_check_needs_is_probed_before_and_only_that(bench_with):
    bench = bench_with("symlink")
    bench.probes_as({"hardlink"})
    needy = [Check("m", "first", needs=("symlink",)), Check("m", "second", needs=("hardlink",))]
    run_checks(bench, needy)
    assert bench.calls == ["probe", "second"]
    assert bench.probes.keys() == {"symlink", "hardlink"}
    assert bench.record.unsupported == ["first: needs symlink"]


def test_nothing_is_probed_where_nothing_is_needed(bench_with):
    bench = bench_with()
    run_checks(bench, [Check("m", "only")])
    assert bench.calls == ["only"]
    assert bench.guest.loaded == ["checking", "syscalls", "m"]


def test_a_claim_that_cannot_be_probed_is_believed(bench_with):
    bench = bench_with("persistent")
    run_checks(bench, [Check("m", "kept", needs=("persistent", "quota"))])
    run_checks(bench, [Check("m", "kept", needs=("persistent",))])
    assert bench.calls == ["kept"]
    assert bench.record.unsupported == ["kept: needs quota"]


def test_a_failure_is_a_finding_with_both_values(bench_with):
    bench = bench_with()
    failure = {"operation": "size after append", "expected": "8", "actual": "4"}
    metric = {"unit": "ms", "better": "lower", "samples": [1.0]}
    bench.answers["grows"] = {"failures": [failure], "metrics": {"append_ms": metric}}
    run_checks(bench, [Check("m", "grows")])
    assert titles(bench) == ["grows: size after append"]
    assert "expected: 8\nactual: 4" in bench.record.findings[0].evidence[0].text
    assert bench.record.metrics["append_ms"].value == 1.0


def test_a_lost_guest_does_not_hide_the_next_check(bench_with):
    bench = bench_with()
    bench.answers["deadly"] = DEAD
    run_checks(bench, [Check("m", "deadly"), Check("m", "next")])
    assert bench.calls == ["deadly", "next"]
    assert bench.lost == [DEAD]
    assert bench.guest.loaded == ["checking", "syscalls", "m"]


def test_guests_are_not_lost_for_ever(bench_with):
    bench = bench_with()
    bench.answers["deadly"] = DEAD
    run_checks(bench, [Check("m", "deadly")] * (MOST_GUESTS + 3))
    assert len(bench.lost) == MOST_GUESTS
    assert bench.record.unsupported[0].startswith(f"not run, {MOST_GUESTS} guests were lost")


def test_a_deadly_probe_does_not_hide_the_others(bench_with):
    bench = bench_with()
    bench.probes_as({"acl", "symlink"}, deadly="hardlink")
    made = []
    probe(bench, ["acl", "hardlink", "symlink"], lambda: made.append("fresh"))
    assert {name: seen.present for name, seen in bench.probes.items()} == {
        "acl": True,
        "hardlink": False,
        "symlink": True,
    }
    # Once for all together, once for the deadly one alone; a fresh filesystem after each.
    assert bench.lost == [DEAD, DEAD]
    assert made == ["fresh", "fresh"]


def test_a_probe_that_the_kernel_complains_about_counts_as_deadly(bench_with):
    bench = bench_with()

    def complain(folder: str, names: list[str]) -> Any:
        bench.console.write_bytes(
            b"[    1.0] BUG: kernel NULL pointer dereference, address: 0000000000000000\r\n"
            b"[    1.0] Oops: 0002 [#1] PREEMPT SMP NOPTI\r\n"
            b"[    1.0] RIP: 0010:any_symlink+0x9/0x20 [any]\r\n"
        )
        return {name: {"present": True, "detail": ""} for name in names}

    bench.answers["probe"] = complain
    probe(bench, ["symlink"], lambda: None)
    assert bench.lost == [None]
    assert not bench.probes["symlink"].present


def test_a_claim_without_the_capability_is_a_finding(bench_with):
    bench = bench_with("symlink", "hardlink", "persistent")
    bench.probes_as({"symlink", "mknod"})
    capabilities.run(bench)
    assert titles(bench) == ["claimed but absent: hardlink"]
    assert "EPERM" in bench.record.findings[0].evidence[0].text
    assert bench.record.configuration["capabilities"] == ["mknod", "symlink"]
    assert bench.record.configuration["capabilities_believed"] == ["persistent"]
    assert "acl: EPERM (Operation not permitted)" in bench.record.unsupported


def test_the_parts_of_the_tree_have_names_of_their_own():
    assert len({part.name for part in PARTS}) == len(PARTS)
