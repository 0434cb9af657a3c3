"""Looking into a running kernel: what it does meanwhile, and a module with its locks and its data.

``instrument.Instrument`` is what watches a guest during a test and leaves an artefact; ``registry``
has them by name, and ``recorder`` records what most of them look at.

``module_trace.ModuleTrace`` is the way in: it traces one out-of-tree module in a guest and gives
the events that ``detection.races`` judges.
"""
