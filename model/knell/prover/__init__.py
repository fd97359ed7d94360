"""Proofs with z3: bounded runs, k-induction, and induction over sorts of any size.

* ``finite``, ``bounded``: a model of given sizes, unrolled state by state.
* ``results``: what an attempt answers; ``backend``: the one door to z3.
"""
