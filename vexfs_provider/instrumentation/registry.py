"""The instruments that there are, by name."""

from collections.abc import Callable, Mapping

from vexfs_provider.instrumentation.block_latency import BlockLatency
from vexfs_provider.instrumentation.function_trace import FunctionGraph, FunctionTrace
from vexfs_provider.instrumentation.instrument import Instrument, Subject
from vexfs_provider.instrumentation.lock_contention import LockContention
from vexfs_provider.instrumentation.memory import Memory
from vexfs_provider.instrumentation.off_cpu import OffCpu
from vexfs_provider.instrumentation.profile import Profile

INSTRUMENTS: Mapping[str, Callable[[Subject], Instrument]] = {
    "function": FunctionTrace,
    "function_graph": FunctionGraph,
    "memory": Memory,
    "block_latency": BlockLatency,
    "profile": Profile,
    "off_cpu": OffCpu,
    "lock_contention": LockContention,
}
