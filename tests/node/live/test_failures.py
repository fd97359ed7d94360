"""Each kind of failure, with real processes: the rows of the outcome table (§8)."""

from __future__ import annotations

import asyncio

import pytest

from knell.node.demo.failures import parse
from knell.node.demo.show import show

NODES = ["n1", "n2", "n3"]


@pytest.mark.parametrize(
    "failures",
    [
        ["cause:n1"],
        ["kill:n1"],
        ["hang:n1"],
        ["cc:n2"],
        ["names:n1"],
        ["monitor:n3"],
        ["sentinel:n1"],
        ["stop:n1"],
        ["member:n1"],
        ["freeze:n1"],
        ["power:n1"],
        ["partition:n1|n2"],
        ["cause:n1", "kill:n2"],
    ],
    ids=" ".join,
)
def test_what_has_to_happen_happens(failures):
    result = asyncio.run(show(len(NODES), [parse(text, NODES) for text in failures]))
    assert result["faults"] == []
    assert result["verdict"] == "holds"
