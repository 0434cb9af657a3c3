"""Programs that print the words of crashes, to the console or into the kernel's log."""

from vexfs_provider.corpus.workload import TO_KERNEL, Workload

_CONSOLE = "cat >/dev/ttyS0"


def _printed(name: str, printer: str, *lines: str) -> Workload:
    """A program that prints crash words; they are its words and not the kernel's."""
    text = "\n".join(lines)
    return Workload(name, f"{printer} <<'END'\n{text}\nEND\nsleep 0.2", note="program's words")


_QUOTED_OOPS = (
    'tester[812]: expecting "BUG: unable to handle page fault for address: ffffc90000000000"',
    "tester[812]: > RIP: 0010:do_something+0x12/0x40 [module]",
    "tester[812]: > Call Trace:",
    "tester[812]: >  vfs_write+0xb5/0x3e0",
    'tester[812]: "WARNING: CPU: 0 PID: 812 at fs/ext4/inode.c:1234" was not seen: ok',
)
WORDS = (
    _printed("quoted oops", _CONSOLE, *_QUOTED_OOPS),
    _printed(
        "grep of a kernel source",
        _CONSOLE,
        'lib/refcount.c:31:\tREFCOUNT_WARN("saturated; leaking memory");',
        'kernel/panic.c:340:\tpr_emerg("Kernel panic - not syncing: %s\\n", buf);',
        'mm/slub.c:  pr_err("BUG %s (%s): %s\\n", s->name, print_tainted(), buf);',
        'kernel/watchdog.c: pr_emerg("BUG: soft lockup - CPU#%d stuck for %us! [%s:%d]\\n",',
    ),
    _printed(
        "output of a test suite",
        _CONSOLE,
        "ok 1 - no BUG: or WARNING: in dmesg",
        "ok 2 - Oops counter is 0",
        "not ok 3 - lockdep: possible recursive locking # SKIP kernel without PROVE_LOCKING",
        "# warning: test 4 took 31 s",
        "ok 4 - kernel BUG at does not appear",
    ),
    _printed(
        "traceback of a program",
        _CONSOLE,
        "Traceback (most recent call last):",
        '  File "/usr/bin/collect", line 12, in <module>',
        "    raise RuntimeError('kernel panic expected but not seen')",
        "RuntimeError: kernel panic expected but not seen",
        "collect: fatal error: stack trace follows",
        "#0  0x00007f12ab34cd56 in __GI_raise (sig=6) at raise.c:51",
        "#1  0x000055d0c0de1234 in crash_handler () at main.c:99",
        "Segmentation fault (core dumped)",
    ),
    _printed(
        "service manager",
        _CONSOLE,
        "[\x1b[0;32m  OK  \x1b[0m] Started \x1b[0;1;39mkdump.service\x1b[0m - Crash kernel.",
        "[\x1b[0;1;31mFAILED\x1b[0m] Failed to start \x1b[0;1;39mabrt-oops.service\x1b[0m - Oops.",
        "[\x1b[0;1;38;5;185mDEPEND\x1b[0m] Dependency failed for local-fs.target.",
        "systemd[1]: nmi-watchdog.service: Main process exited, code=killed, status=11/SEGV",
        "systemd[1]: Job dev-vdb.device/start timed out.",
        "systemd-journald[211]: Missed 12 kernel messages",
        'You are in emergency mode. After logging in, type "journalctl -xb" to view',
    ),
    _printed(
        "words in the kernel's log",
        TO_KERNEL,
        "<4>tester: about to provoke a warning, none so far",
        "<6>run fstests generic/475 at 2026-11-22 10:11:12",
        '<5>audit: type=1701 audit(1700000000.123:45): pid=812 comm="bug" sig=11 res=1',
        "<6>stress-ng: info: dispatching hogs: 4 oops, 2 panic",
        '<6>fuzzer: "kernel BUG at" is in the list of patterns',
    ),
    _printed(
        "firmware's and bus's errors",
        TO_KERNEL,
        "<3>ACPI Error: AE_NOT_FOUND, While resolving a named reference (20220331/dspkginit-438)",
        "<3>ACPI BIOS Error (bug): Could not resolve symbol [\\_SB.PCI0.GFX0], AE_NOT_FOUND",
        "<4>ACPI: [Firmware Bug]: BIOS _OSI(Linux) query ignored",
        "<3>pcieport 0000:00:1c.0: AER: Corrected error received: 0000:00:1c.0",
        "<4>[Firmware Bug]: TSC_DEADLINE disabled due to Errata; please update microcode",
        "<3>Bluetooth: hci0: command 0x0c03 tx timeout",
        "<3>usb 1-1: device descriptor read/64, error -71",
        "<4>thermal thermal_zone0: failed to read out thermal zone (-61)",
    ),
    _printed(
        "advice about settings",
        TO_KERNEL,
        "<4>Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on, data leaks possible",
        "<4>NOTICE NOTICE NOTICE: trace_printk() being used. Allocating extra memory.",
        "<4>process 'crash' launched '/bin/sh' with NULL argv: empty string added",
        "<4>perf: interrupt took too long (2516 > 2500), lowering kernel.perf_event_max_sample",
        "<4>hrtimer: interrupt took 12345678 ns",
        "<4>clocksource: timekeeping watchdog on CPU1: Marking clocksource 'tsc' as unstable",
        "<4>TCP: request_sock_TCP: Possible SYN flooding on port 80. Sending cookies.",
        "<3>systemd[1]: Failed to start crash-collector: oops handler not found",
    ),
)
