"""Nodes of `knell.node` as values: no network, no clock, no process; the harness owns all three.

`node` is one node, `perform` does to it what the mapping says.
"""
