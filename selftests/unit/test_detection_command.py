"""The program ``vexfs-detect``."""

import json
import subprocess
import sys

import pytest

from vexfs_provider.detection.command import main

OOPS = b"""\
[   12.000001] BUG: kernel NULL pointer dereference, address: 0000000000000000
[   12.000003] CPU: 0 PID: 1 Comm: python3
[   12.000004] RIP: 0010:vexfs_write+0x12/0x40 [vexfs]
[   12.000005] Call Trace:
[   12.000006]  <TASK>
[   12.000007]  vfs_write+0x12/0x40
[   12.000008]  </TASK>
[   12.000009] ---[ end trace 0000000000000000 ]---
"""
TITLE = "BUG: unable to handle kernel NULL pointer dereference in vexfs_write"
HARMLESS = b"[    0.000000] Linux version 6.1.0 (debian)\n"


@pytest.fixture
def logs(tmp_path):
    (tmp_path / "bad.log").write_bytes(HARMLESS + OOPS)
    (tmp_path / "good.log").write_bytes(HARMLESS)
    return tmp_path


def test_findings_are_lines_for_people(logs, capsys):
    assert main([str(logs)]) == 1
    first, last = capsys.readouterr().out.splitlines()
    assert first == f"bad: {TITLE} [NULL-POINTER-DEREFERENCE, at byte {len(HARMLESS)}]"
    assert last == "1 of 2 logs tell of a crash"


def test_json_is_a_line_for_each_log(logs, capsys):
    assert main(["--json", str(logs)]) == 1
    bad, good = map(json.loads, capsys.readouterr().out.splitlines())
    assert (bad["id"], bad["detected"], bad["title"]) == ("bad", True, TITLE)
    assert (bad["type"], bad["frame"]) == ("NULL-POINTER-DEREFERENCE", "vexfs_write")
    assert bad["corrupted"] is False
    assert 0.8 <= bad["confidence"] <= 1
    assert bad["context"].startswith("[   12.000001] BUG: kernel NULL")
    assert [report["title"] for report in bad["reports"]] == [TITLE]
    assert (good["id"], good["detected"], good["title"], good["reports"]) == (
        "good",
        False,
        None,
        [],
    )
    assert 0 < good["confidence"] < 0.2


@pytest.mark.parametrize("noise", [0, 100_000])
def test_json_hints_at_the_cause_and_says_what_to_do(tmp_path, capsys, noise):
    before = HARMLESS * noise
    failed = b"[   11.9] I/O error, dev vdb, sector 8 op 0x0:(READ)\n"
    log = tmp_path / "log"
    log.write_bytes(before + failed + HARMLESS + OOPS)
    assert main(["--json", str(log)]) == 1
    found = json.loads(capsys.readouterr().out)["reports"][-1]
    place = len(before) + failed.index(b"I/O")
    assert found["cause"] == f"just before, the block layer had an I/O error on vdb (byte {place})"
    assert "Reason: " in found["recommendation"]


def test_a_log_without_a_crash_is_no_finding(logs, capsys):
    assert main([str(logs / "good.log")]) == 0
    assert capsys.readouterr().out == "0 of 1 logs tell of a crash\n"


def test_logs_without_a_crash_are_ranked_and_change_no_exit_code(logs, capsys):
    unknown = OOPS.replace(b"BUG: kernel NULL pointer dereference", b"core: a rule does not hold")
    (logs / "unknown.log").write_bytes(HARMLESS + unknown)
    (logs / "bad.log").unlink()
    assert main(["--rank", str(logs)]) == 0
    total, header, worst, *reasons, best = capsys.readouterr().out.splitlines()
    assert total == "0 of 2 logs tell of a crash"
    assert header.startswith("logs without a crash")
    assert worst.startswith("! ") and worst.endswith(" unknown")
    assert reasons and all(reason.strip() in unknown.decode() for reason in reasons)
    assert best.startswith("  ") and best.endswith(" good")


def test_a_ranking_is_for_people(logs):
    with pytest.raises(SystemExit):
        main(["--rank", "--json", str(logs)])


def test_what_is_not_there_is_a_wrong_use(capsys):
    assert main(["nowhere.log"]) == 2
    assert "no such file or directory: 'nowhere.log'" in capsys.readouterr().err


def test_the_standard_input_is_a_log_and_needs_no_end_to_be_told():
    command = [
        sys.executable,
        "-c",
        "from vexfs_provider.detection.command import main; main(['-'])",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(OOPS)
        process.stdin.flush()
        assert process.stdout.readline().decode().startswith(f"stdin: {TITLE}")
        process.stdin.close()
        assert process.stdout.read() == b"1 of 1 logs tell of a crash\n"


@pytest.mark.parametrize("options", [[], ["--json"], ["--rank"]])
def test_neither_avocado_nor_numpy_is_imported(options):
    program = (
        "import sys\n"
        "from vexfs_provider.detection.command import main\n"
        f"main({[*options, '-']})\n"
        "print(sorted({'avocado', 'numpy', 'hyperscan'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=HARMLESS, capture_output=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == b"[]", done.stdout
