"""Each rule on its samples, and on the harmless lines that look like one."""

import re

import pytest
from report_samples import ALONE, BODY, BOOTS, HARMLESS, LESSER, WITH_STACK

from vexfs_provider.detection import Severity, first_crash, reports, scan
from vexfs_provider.detection.recommendations import recommendation
from vexfs_provider.detection.rule import Rule
from vexfs_provider.detection.rules import RULES
from vexfs_provider.detection.trail import NOBODY, STACK


def console(text: str) -> bytes:
    return "".join(f"[    9.000000] {line}\n" for line in text.splitlines()).encode()


@pytest.mark.parametrize("sample", WITH_STACK, ids=lambda sample: sample[0][:60])
def test_report_is_named_after_the_guilty_function(sample: tuple[str, ...]) -> None:
    header, title, body = sample if len(sample) > 2 else (*sample, BODY)
    (found,) = reports(console(f"{header}\n{body.strip(chr(10))}"))
    assert found.title == title.format("demo_write")
    assert found.frame in (found.title.split(" in ")[-1], "demo_write")
    assert found.severity >= Severity.ERROR
    assert found.corrupted_reason in ("", "no stack", "what it belongs to is lost")


@pytest.mark.parametrize(("line", "title"), ALONE)
def test_message_is_named(line: str, title: str) -> None:
    (found,) = scan(console(line))
    assert found.title == title
    assert found.severity >= Severity.ERROR


@pytest.mark.parametrize(("line", "title"), LESSER)
def test_lesser_trouble_is_a_warning(line: str, title: str) -> None:
    (found,) = scan(console(line))
    assert found.title.startswith(title)
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize("line", HARMLESS.strip().splitlines())
def test_harmless_line_is_no_finding(line: str) -> None:
    assert reports(console(line)) == []


@pytest.mark.parametrize("line", BOOTS)
def test_boot_is_a_crash_only_where_a_kernel_ran_before(line: str) -> None:
    boot = f"[    0.000000] {line}\n".encode()
    ran = b"[  123.000000] EXT4-fs (vda): mounted filesystem\n"
    asked = b"[  124.000000] reboot: Restarting system\n"
    assert [found.title for found in reports(ran + boot)] == ["unexpected kernel reboot"]
    assert reports(boot) == reports(ran + asked + boot) == []
    assert scan(ran + boot) == []  # scenarios restart guests


def test_boot_behind_words_of_a_program_that_ran_before_the_firmware() -> None:
    boot = b"SeaBIOS (version 1.8.2)\nBooting from Hard Disk 0...\nBooting the kernel.\n"
    assert first_crash(reports(b"executing program 3\n" + boot)) is not None
    assert reports(b"\x1bc\x1b[?7l\r\n" + boot) == []


_IO_ERROR = "[   10.707414] I/O error, dev vda, sector 83780 op 0x0:(READ) flags 0x80700"
_GOODBYES = (
    "[   10.700000] reboot: Power down",
    "[   10.700000] reboot: Restarting system",
    "[   10.700000] reboot: System halted",
    "[   10.700000] kexec_core: Starting new kernel",
    "[   10.691097] sysrq: Power Off",
    "[   10.700992] ACPI: PM: Preparing to enter system sleep state S5",
)


@pytest.mark.parametrize("goodbye", _GOODBYES)
def test_a_kernel_that_shuts_its_disks_down_cannot_read_them(goodbye: str) -> None:
    def told(*lines: str) -> list[str]:
        return [finding.title for finding in scan("\n".join(lines).encode())]

    assert told(_IO_ERROR, goodbye) == ["block layer: I/O error"]
    assert told(goodbye, _IO_ERROR, _IO_ERROR) == []
    assert told(goodbye, "[    0.000000] Linux version 6.1.0", _IO_ERROR) == told(_IO_ERROR)
    assert len(told(goodbye, "[   10.800000] kernel BUG at fs/ext4/inode.c:1!")) == 1


@pytest.mark.parametrize("reason", ["Fatal exception", "sysrq triggered crash"])
def test_panic_is_critical(reason: str) -> None:
    (found,) = scan(console(f"Kernel panic - not syncing: {reason}"))
    assert found.severity is Severity.CRITICAL


SAMPLES = [
    line
    for sample in (*WITH_STACK, *ALONE, *LESSER)
    for line in f"{sample[0]}\n{sample[0]}".splitlines()
]


def matches(rule: Rule, text: str) -> bool:
    return rule.hint in text and bool(rule.header.match(text))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.pattern[:60])
def test_every_rule_fires_on_a_sample_but_not_where_a_program_quotes_it(rule: Rule) -> None:
    fitting = [line for line in (*SAMPLES, *BOOTS) if matches(rule, line)]
    assert fitting
    for line in fitting:
        quoted = console(f"test[77]: {line}")
        assert reports(b"[    1.000000] it ran\n" + quoted) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.pattern[:60])
def test_title_uses_only_groups_that_the_rule_has(rule: Rule) -> None:
    known = {"frame"} if rule.blame is not NOBODY else set()
    known |= {"origin"} if rule.blame.steps.count(STACK) > 1 else set()
    for pattern in (rule.header, *rule.searches):
        known |= set(pattern.groupindex)
    for template in (rule.title, *rule.alternatives):
        assert set(re.findall(r"{(\w+)", template)) <= known


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.pattern[:60])
def test_every_kind_of_error_has_a_recommendation(rule: Rule) -> None:
    beyond_advice = {"bug-other", "rust-panic", "warning-message"}
    assert rule.kind in beyond_advice or recommendation(rule.kind)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.pattern[:60])
def test_patterns_are_linear(rule: Rule) -> None:
    steps = [step for step in (*rule.blame.steps, *rule.blame.otherwise) if step]
    for pattern in (rule.header, *rule.searches, *steps):
        assert unbounded_repeats_of_anything(pattern) == []


def unbounded_repeats_of_anything(pattern: re.Pattern[str]) -> list[str]:
    """Repetitions of ``.`` without a bound, and repetitions within repetitions.

    Either lets a match take more than linear time; a bounded one costs a constant.
    """
    return re.findall(r"(?<![\\\[])\.[*+]|[*+]\)[*+]|[*+]\){\d+,}", pattern.pattern)


@pytest.mark.parametrize(
    ("pattern", "wrong"), [("a.*b", 1), ("(a+)+", 1), (r"a\.+", 0), (r"[.*]+b{0,3}", 0)]
)
def test_the_check_of_patterns_itself(pattern: str, wrong: int) -> None:
    assert len(unbounded_repeats_of_anything(re.compile(pattern))) == wrong
