"""Whether something else used the host while a guest was measured."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from vexfs_provider.monitoring.host import Reading, difference

# A guest has at least half of a small host for itself then, and medians of five samples bear it.
MOST_OTHERS_PERCENT = 25.0  # of one processor
MOST_STEAL_PERCENT = 5.0  # of all

GOVERNORS = Path("/sys/devices/system/cpu")
PROCESSORS = Path("/proc/cpuinfo")
GUESTS = ("qemu", "kvm", "firecracker", "cloud-hyperviso", "VBoxHeadless", "VirtualBoxVM")
"""How programs that run guests begin their names, of which Linux keeps 15 characters."""


def noise(before: Reading, after: Reading) -> str:
    """What else the host did between two readings, in words; empty if that was little."""
    used = difference(before, after)
    words = []
    if used["others_cpu_percent"] > MOST_OTHERS_PERCENT:
        words.append(f"other processes used {used['others_cpu_percent']:.0f} % of a processor")
    if used["host_steal_percent"] > MOST_STEAL_PERCENT:
        words.append(f"{used['host_steal_percent']:.0f} % of the host's time was stolen")
    return ", ".join(words)


def describe_host(pid: int, folder: Path = GOVERNORS) -> Mapping[str, Any]:
    """What a measurement on this host depends on, as JSON values.

    ``governor`` is that of the processors' frequency and ``model`` the processor's name, empty
    where the host shows none; ``other_guests`` are guests beside that of process ``pid``.
    """
    governors = {path.read_text().strip() for path in folder.glob("cpu*/cpufreq/scaling_governor")}
    names = [process.info for process in psutil.process_iter(["pid", "name"])]
    guests = [one for one in names if one["pid"] != pid and (one["name"] or "").startswith(GUESTS)]
    return {
        "processors": psutil.cpu_count() or 1,
        "model": _processor_model(),
        "load_average": [round(value, 2) for value in os.getloadavg()],
        "governor": " ".join(sorted(governors)),
        "other_guests": len(guests),
    }


def _processor_model() -> str:
    found = re.search(r"^model name\s*: (.+)$", PROCESSORS.read_text(), re.MULTILINE)
    return found[1].strip() if found else ""
