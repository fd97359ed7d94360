"""Replay: each transition of the model done by the implementation, and compared.

`product` explores model and implementation together, which is possible because the cores are
values: every pair of a state of the model and a state of the implementation that some run reaches
is visited once, and every action is tried there, those that the model disables included.
"""
