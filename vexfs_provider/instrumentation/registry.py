"""The instruments that there are, by name."""

from collections.abc import Callable, Mapping

from vexfs_provider.instrumentation.function_trace import FunctionGraph, FunctionTrace
from vexfs_provider.instrumentation.instrument import Instrument, Subject
from vexfs_provider.instrumentation.memory import Memory

INSTRUMENTS: Mapping[str, Callable[[Subject], Instrument]] = {
    "function": FunctionTrace,
    "function_graph": FunctionGraph,
    "memory": Memory,
}
