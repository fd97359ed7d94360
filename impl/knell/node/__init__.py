"""The implementation: nodes that run the protocol of `spec/PROTOCOL.md`.

* `knell.node.core`: the protocol as a pure function from events to effects.
* `knell.node.wire`: frames, signatures, and the limits of what a node takes from outside.
* `knell.node.sim`: many cores in one process, under a network that does its worst.

It shares words with the model (`knell.spec`), and nothing else.
"""
