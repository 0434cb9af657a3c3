"""Lines that look like the header of a report and are none; matched at the begin of a line."""

import re

_WORDS = (
    # advice about the configuration
    r"WARNING: [Tt]he mand mount option",
    r"WARNING: Unprivileged eBPF is enabled",
    r"WARNING: See https?:",
    r"WARNING: kernel not compiled with",
    r"WARNING: workqueue cpumask: online intersect > possible intersect",
    r"WARNING: fbcon: Driver ",
    r"WARNING: /etc/ssh/moduli does not exist",
    r"WARNING: Unsupported flag value\(s\) of 0x",  # of a C library whose text is printed
    r"WARNING: (?:CONFIG|Spectre|MDS|TAA|L1TF|SMT|SRBDS|MMIO)",
    r"(?i:WARNING: .{1,64} uses (?:deprecated v2 capabilities|wireless extensions))",
    # the state of a debugging facility, or the end of one
    r"INFO: lockdep is turned off",
    r"INFO: Stall ended before state dump start",
    r"INFO: NMI handler",
    r"INFO: task .{1,100}:\d+ is blocked on an? ",  # said of a hung task behind its stack
    r"BUG: no syscalls can create resource",  # of a fuzzer
)
HARMLESS = re.compile("|".join(_WORDS))
