"""Templates of log lines, mined by Drain (``drain3``): words that stay, ``<*>`` for what differs.

Source: He, Zhu, Zheng, Lyu: Drain: an online log parsing approach with fixed depth tree, ICWS 2017.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from results_parsers.errors import ResultsError

if TYPE_CHECKING:
    from drain3.drain import LogCluster

SIMILARITY = 0.6
"""So many of the words of two lines must be the same for one template, of 1."""

DEPTH = 5
LONGEST_LINE = 500  # characters
MOST_NEW = 1000
"""So many new templates a job may have: a crash may fill the console with noise."""

MASKS = (
    (r"^(\? )?[\w.]+\+0x[0-9a-f]+/0x[0-9a-f]+( \[\w+\])?$", "FRAME"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    (r"\b[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d\b", "PCI"),
    (r"\b0x[0-9a-fA-F]+\b", "HEX"),
    (r"\b(?=[a-f]*\d)[0-9a-f]{8,}\b", "HEX"),
    (r"\b(?:[vs]d[a-z]{1,2}\d*|dm-\d+|nvme\d+n\d+|loop\d+)\b", "DEV"),
    (r"(?<![A-Za-z_\d])\d+(\.\d+)*", "NUM"),
)
"""What is never the same, by regular expressions, in this order."""

_CLOCK = re.compile(r"^\[ *\d+\.\d+\](\[ *[TC]\d+\])? ?")


@dataclass(frozen=True)
class Template:
    """``example`` is the first line that it was made of, with its masks."""

    id: int
    text: str
    example: str


@dataclass
class Counts:
    """Of a job: lines and tests by the number of their template, lines that have none, and the
    templates that are new or have changed.
    """

    lines: Counter[int] = field(default_factory=Counter)
    tests: Counter[int] = field(default_factory=Counter)
    unmatched: int = 0
    changed: dict[int, Template] = field(default_factory=dict)


class Miner:
    """Knows templates and learns more. Raises ``ResultsError`` without drain3."""

    def __init__(self, known: Iterable[Template] = ()):
        try:
            from drain3.drain import Drain, LogCluster
            from drain3.masking import LogMasker, MaskingInstruction
        except ImportError as error:
            raise ResultsError(
                "log templates need drain3; run: pip install 'vexfs-provider[logs]'"
            ) from error
        self._drain = Drain(depth=DEPTH, sim_th=SIMILARITY)
        instructions = [MaskingInstruction(pattern, name) for pattern, name in MASKS]
        self._masker = LogMasker(instructions, "<", ">")
        self._examples: dict[int, str] = {}
        for one in known:
            # The tree finds a template by the first words of the line that began it.
            cluster: Any = LogCluster(one.example.split(), one.id)
            self._drain.id_to_cluster[one.id] = cluster
            self._drain.add_seq_to_prefix_tree(self._drain.root_node, cluster)
            cluster.log_template_tokens = tuple(one.text.split())
            self._drain.clusters_counter = max(self._drain.clusters_counter, one.id)
            self._examples[one.id] = one.example

    def count(self, tests: Iterable[Iterable[str]]) -> Counts:
        """Count the lines of a job's tests, and learn what is new in them."""
        counts = Counts()
        most = self._drain.clusters_counter + MOST_NEW
        known: dict[str, int | None] = {}
        for lines in tests:
            found: set[int] = set()
            for line, times in Counter(map(_bare, lines)).items():
                if line not in known:
                    known[line] = self._learn(line, most, counts)
                template = known[line]
                if template is None:
                    counts.unmatched += times
                    continue
                counts.lines[template] += times
                found.add(template)
            counts.tests.update(found)
        return counts

    def _learn(self, line: str, most: int, counts: Counts) -> int | None:
        """The template of a line, which is None for one too many and for an empty line."""
        masked = self._masker.mask(line)
        if not masked:
            return None
        if self._drain.clusters_counter >= most:
            match = self._drain.match(masked)
            return match.cluster_id if match else None
        cluster, change = self._drain.add_log_message(masked)
        number = cluster.cluster_id
        if change != "none":
            self._examples.setdefault(number, masked)
            counts.changed[number] = self._template(cluster)
        return number

    def _template(self, cluster: "LogCluster") -> Template:
        number = cluster.cluster_id
        return Template(number, cluster.get_template(), self._examples[number])


def _bare(line: str) -> str:
    """A line without the kernel's clock and what a terminal does not show."""
    text = "".join(c if c.isprintable() else " " for c in line[:LONGEST_LINE])
    return _CLOCK.sub("", text).strip()
