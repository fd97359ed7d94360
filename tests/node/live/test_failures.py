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
        pytest.param(["cause:n1"], id="f13 cause:n1"),
        pytest.param(["kill:n1"], id="f14 kill:n1"),
        pytest.param(["hang:n1"], id="f15 hang:n1"),
        pytest.param(["cc:n2"], id="f8 cc:n2"),
        pytest.param(["names:n1"], id="f7 names:n1"),
        pytest.param(["monitor:n3"], id="f10 monitor:n3"),
        pytest.param(["sentinel:n1"], id="f17 sentinel:n1"),
        pytest.param(["stop:n1"], id="f37 stop:n1"),
        pytest.param(["member:n1"], id="f1 member:n1"),
        pytest.param(["stall:n1"], id="f28 stall:n1"),
        pytest.param(["freeze:n1"], id="f27 freeze:n1"),
        pytest.param(["power:n1"], id="f18 power:n1"),
        pytest.param(["partition:n1|n2"], id="f29 partition:n1|n2"),
        pytest.param(["communication:n1"], id="f5 communication:n1"),
        pytest.param(["protocol:n1"], id="f6 protocol:n1"),
        pytest.param(["memory:n1"], id="f11 memory:n1"),
        pytest.param(["object:n1"], id="f11 object:n1"),
        pytest.param(["cause:n1", "kill:n2"], id="f41 cause:n1 kill:n2"),
    ],
)
def test_what_has_to_happen_happens(failures):
    result = asyncio.run(show(len(NODES), [parse(text, NODES) for text in failures]))
    assert result["faults"] == []
    assert result["verdict"] == "holds"
