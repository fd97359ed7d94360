"""The TLA+ texts: fresh in `spec/tla`, whole, and made of names that they declare."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from knell.checker import Options, check
from knell.examples import EXAMPLES
from knell.export.tla import Counts, export
from knell.export.tla_text import camel, identifier
from knell.language import Model, Settings, each, exists, forall, require
from knell.language.loading import load_model
from knell.protocol import NODE_SHUTDOWN
from tests.export.tla_reader import Reader
from tests.long import LONG

QUICK = ["die-hard", "peterson", "two-phase-commit", "transaction-commit", "quorum-vote"]
KEPT = Path(__file__).parents[2] / "spec" / "tla"
MODELS = {**EXAMPLES, "node-shutdown": NODE_SHUTDOWN}


def load(name: str) -> Model:
    config = "small" if name == "node-shutdown" else None
    return load_model(MODELS[name], Settings(config=config))


@pytest.mark.parametrize("name", MODELS)
def test_the_kept_text_is_fresh(name) -> None:
    model = load(name)
    result = check(model, Options(symmetry=False, properties=()))
    assert result.complete
    module = export(model, Counts(result.distinct, result.depth))
    how = f"run: knell export {name} --to tla --output spec/tla"
    assert (KEPT / f"{module.name}.tla").read_text(encoding="utf-8") == module.tla, how
    assert (KEPT / f"{module.name}.cfg").read_text(encoding="utf-8") == module.cfg, how


@pytest.mark.parametrize("name", MODELS if LONG else QUICK)
def test_another_reader_finds_the_same_states(name) -> None:
    model = load(name)
    ours = check(model, Options(symmetry=False, properties=()))
    found = Reader(export(model).tla).explore()
    assert found == (ours.distinct, ours.generated, ours.depth)


@pytest.mark.parametrize("name", MODELS)
def test_every_operator_that_is_named_is_defined(name) -> None:
    module = export(load(name))
    defined = set(re.findall(r"^(\w+)(?:\([\w, ]+\))? ==", module.tla, re.MULTILINE))
    listed = re.findall(r"^  (\w+)$", module.cfg, re.MULTILINE)
    assert set(listed) <= defined
    called = set(re.findall(r"\b([A-Z]\w*)\(", module.tla)) - {"Cardinality", "WF_vars", "SF_vars"}
    assert called <= defined


@pytest.mark.parametrize("name", MODELS)
def test_brackets_are_balanced(name) -> None:
    for block in export(load(name)).tla.split("\n\n"):
        text = re.sub(r"\\\*.*", "", block)
        for opening, closing in ("()", "[]", "{}"):
            assert text.count(opening) == text.count(closing), block
        assert text.count("<<") == text.count(">>"), block


@pytest.mark.parametrize("name", MODELS)
def test_every_action_says_what_becomes_of_every_variable(name) -> None:
    model = load(name)
    names = {identifier(v.name) for v in model.variables}
    blocks = export(model).tla.split("\n\n")
    for action in model.actions:
        head = re.compile(rf"^{camel(action.name)}(\(| ==)", re.MULTILINE)
        (block,) = (b for b in blocks if head.search(b))
        changed = set(re.findall(r"/\\ (\w+)' = ", block))
        unchanged = re.search(r"UNCHANGED <<([^>]*)>>", block)
        same = set(re.findall(r"\w+", unchanged[1])) if unchanged else set()
        assert changed | same == names
        assert not changed & same


def test_names_do_not_clash() -> None:
    m = Model("clash")
    P = m.sort("P", names=["a", "p"])
    x = m.rel("x", P)

    def p(a: P):
        require(some=exists(P, lambda a: x[a]) | forall(P, lambda p: ~x[p]))
        for q in each(P):
            x[q] = ~x[q]
        x[a] = True

    m.action(p)
    m.always("none", exists(P, lambda x1: x[x1]) | forall(P, lambda a: ~x[a]))
    text = export(m.finish()).tla
    assert "P_(" not in text
    assert "PHolds(a2) ==" in text
    assert "\\E a3 \\in P : x[a3]" in text
