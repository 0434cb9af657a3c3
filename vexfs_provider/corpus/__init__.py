"""An instrument that makes labelled console logs: real crashes, provoked in guests, and none.

``build`` runs a guest for each provocation (``kinds``) and each workload that crashes nothing
(``benign``), on varied kernels and ``machines``, and writes each console with its label, rewritten
in the ``forms`` in which consoles come. What the project trains on is made here and nowhere else.
"""
