"""What a guest does that is to crash nothing."""

from dataclasses import dataclass

# A line at a time, since each write is one record.
TO_KERNEL = 'while read -r line; do echo "$line" >/dev/kmsg; done'


@dataclass(frozen=True)
class Workload:
    """``script`` as a kind's; ``note`` says what sort of harmless log it makes."""

    name: str
    script: str
    note: str = ""
    wait_s: float = 40.0
