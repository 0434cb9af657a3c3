"""What a run costs: samples of a guest and of its host, taken while a test runs.

They are lines of ``samples.jsonl``, one JSON object each. All have ``time`` (seconds since the
epoch, on the host's clock), ``name`` (of the guest) and ``source``: ``host`` (``host.difference``
has the fields; ``noise`` says what else used the host, if much did) or ``guest``
(``guest_counters.difference``). ``monitor`` takes them.
"""
