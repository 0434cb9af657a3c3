"""Speed, measured: ``python -m benchmarks [GROUP...]`` prints a table and writes build/bench.json.

A group is a function that returns rows; ``__main__`` lists them. Each figure is the median of at
least five runs (one for what takes minutes), and where a row has a reference, subject and
reference ran in turn, so that a busy host slows both.
"""
