"""Looking into a running kernel: what a module does with its locks and its data.

``module_trace.ModuleTrace`` is the way in: it traces one out-of-tree module in a guest and gives
the events that ``detection.races`` judges.
"""
