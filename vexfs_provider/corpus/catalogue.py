"""All kinds, by subject. The names are the labels' and must not change lightly."""

from vexfs_provider.corpus.kinds import Kind
from vexfs_provider.corpus.kinds_debug import DEBUG
from vexfs_provider.corpus.kinds_faults import ASSERTIONS, FAULTS
from vexfs_provider.corpus.kinds_state import COUNTS, HANGS, MEMORY, STACKS
from vexfs_provider.corpus.kinds_system import SYSTEM

KINDS: tuple[Kind, ...] = (
    *FAULTS,
    *ASSERTIONS,
    *COUNTS,
    *MEMORY,
    *STACKS,
    *HANGS,
    *SYSTEM,
    *DEBUG,
)
