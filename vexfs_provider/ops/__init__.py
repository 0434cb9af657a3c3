"""The operation language: one list of filesystem operations, run, compared, generated, minimised.

``operations`` has the operations, ``text`` their written form, ``executor`` runs lists in a guest,
``compare`` judges two outcomes, ``generate`` makes lists and ``minimise`` makes them short.
"""
