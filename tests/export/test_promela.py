"""SPIN stores exactly the states that the model has, and breaks the same properties as soon.

A long run (``make witnesses``) asks it of every configuration and every mutant.
"""

from pathlib import Path

import pytest

from knell.checker import Options, check
from knell.examples import EXAMPLES
from knell.export.promela import to_promela
from knell.language import Model, Settings, forall, require
from knell.language.ground_properties import DEADLOCK
from knell.language.loading import load_model
from knell.protocol import NODE_SHUTDOWN
from knell.protocol.mutants import MUTANTS
from knell.protocol.parameters import SUITE
from knell.spec.errors import KnellError
from tests.checker.machines import built
from tests.export.spin import counts_agree, spin, verdicts_agree
from tests.long import LONG

SMALLER = {"coffee-can": {"M": 10}, "readers-writers": {"N": 3}}
CONFIGS = [*SUITE, "one-signal"] if LONG else ["small", "default"]
PLANTED = [m.id for m in MUTANTS] if LONG else ["gate-ignores-acts"]


def example(name: str) -> Model:
    return load_model(EXAMPLES[name], Settings(values=SMALLER.get(name, {})))


def agrees(model: Model, folder: Path) -> None:
    """SPIN's verdicts and shortest runs are ours, for all that can be asked of it."""
    asked = [p.id for p in model.properties if p.kind != "leads_to"]
    ours = check(model, Options(symmetry=False, properties=(*asked, DEADLOCK)))
    assert ours.complete
    verdicts_agree(model, folder, ours)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name: str, tmp_path: Path) -> None:
    counts_agree(example(name), tmp_path)
    agrees(example(name), tmp_path)


@pytest.mark.parametrize("config", CONFIGS)
def test_protocol(config: str, tmp_path: Path) -> None:
    model = load_model(NODE_SHUTDOWN, Settings(config))
    counts_agree(model, tmp_path)
    agrees(model, tmp_path)


@pytest.mark.parametrize("mutant", PLANTED)
def test_mutants(mutant: str, tmp_path: Path) -> None:
    model = load_model(NODE_SHUTDOWN, Settings(mutant=mutant))
    agrees(model, tmp_path)


def test_updates_are_simultaneous(tmp_path: Path) -> None:
    def build() -> Model:
        m = Model("swap")
        small = m.int(-3, 3)
        a = m.scalar("a", to=small, init=-3)
        b = m.scalar("b", to=small, init=2)

        @m.action
        def swap():
            a.set(b)
            b.set(a)

        @m.action
        def halve():
            a.set(a // 2)
            b.set(b % 3 - 1)

        return m

    counts_agree(built(build), tmp_path)


@pytest.mark.parametrize("may_end", [False, True])
def test_a_right_end_is_no_deadlock(may_end: bool, tmp_path: Path) -> None:
    def build() -> Model:
        m = Model("once")
        P = m.sort("P", size=2)
        done = m.rel("done", P)

        @m.action
        def finish(p: P):
            require(new=~done[p])
            done[p] = True

        if may_end:
            m.ends(forall(P, lambda p: done[p]))
        return m

    model = built(build)
    agrees(model, tmp_path)
    assert spin(model, tmp_path, [DEADLOCK]).shortest == ({} if may_end else {DEADLOCK: 3})


def test_what_spin_cannot_ask_is_refused() -> None:
    with pytest.raises(KnellError, match="no state or step of peterson breaks a property 'live'"):
        to_promela(example("peterson"), ["live"])


def test_too_many_initial_states_are_refused() -> None:
    with pytest.raises(KnellError, match="5150 initial states are too many"):
        to_promela(load_model(EXAMPLES["coffee-can"], Settings()))
