"""For which values a conjunct breaks."""

from __future__ import annotations

import json

import pytest

from knell.spec.trace import load

MODEL = """
from knell.language import Model, exists, every, forall, implies, on, require, some

m = Model("grid")
A = m.sort("A", size=3)
on_ = m.rel("on", A, A)
n = m.scalar("n", to=m.int(0, 1), init=0)

@m.action
def switch(a: A, b: A):
    require(off=~on_[a, b])
    on_[a, b] = True

m.ends(forall(A, A, lambda a, b: on_[a, b]))
"""


SOME_IMPLY_ALL = "implies(exists(A, lambda i: on_[i, i]), forall(A, lambda k: on_[k, k]))"
DEEP = "some(n == 1, every(n == 0, ~exists(A, A, lambda i, j: on_[i, j] & ~(i == j))))"
NEVER_AFTER = "on(switch, lambda a, b: forall(A, lambda k: ~on_.next[k, b]))"


@pytest.mark.parametrize(
    ("declared", "bindings"),
    [
        ("always('P', forall(A, A, lambda i, j: ~on_[i, j]))", {"i": "a1", "j": "a1"}),
        ("always('P', ~exists(A, lambda i: on_[i, i]))", {"i": "a1"}),
        (f"always('P', {SOME_IMPLY_ALL})", {"i": "a1", "k": "a2"}),
        (f"always('P', {{'fine': n == 0, 'bad': {DEEP}}})", {"i": "a1", "j": "a2"}),
        ("always('P', ~every(exists(A, lambda i: on_[i, i]), n == 0))", {"i": "a1"}),
        (f"step('P', {NEVER_AFTER})", {"k": "a1"}),
        ("step('P', forall(A, lambda k: ~on_.next[k, k]))", {"k": "a1"}),
        ("always('P', ~(on_[A['a1'], A['a2']]))", {}),
    ],
)
def test_the_values_that_show_it(invoke, tmp_path, declared, bindings) -> None:
    path = tmp_path / "grid.py"
    path.write_text(f"{MODEL}\nm.{declared}\n")
    done = invoke("check", path, "--no-symmetry", "--trace-dir", tmp_path, "--json", "-")
    assert done.code == 1, done.err
    (trace,) = (row["trace"] for row in json.loads(done.out)["properties"] if row["trace"])
    assert load(trace).meta["bindings"] == bindings
    shown = ", ".join(f"{name} = {value}" for name, value in bindings.items())
    assert (f"with {shown} (" if shown else "P is broken (") in " ".join(done.err.split())
