"""Rigid functions and axioms, initial states, properties."""

import itertools

import pytest

from knell.language import (
    ANY,
    BOOL,
    Model,
    ModelError,
    count,
    exists,
    forall,
    iff,
    implies,
    on,
    require,
)
from knell.language.grounding import Program
from tests.language.worlds import World


def test_the_tables_of_rigid_functions() -> None:
    m = Model("tables")
    A = m.sort("A", names=("a", "b", "c"))
    K = m.int(0, 2)
    ways = [
        m.rigid("by_pairs", A, A, value={("a", "b"), ("b", "c")}),
        m.rigid("by_list", A, A, value=[("a", "b"), ("b", "c")]),
        m.rigid("by_function", A, A, value=lambda x, y: x + y in ("ab", "bc")),
        m.rigid(
            "by_mapping",
            A,
            A,
            value={
                (x, y): (x, y) in {("a", "b"), ("b", "c")}
                for x, y in itertools.product("abc", repeat=2)
            },
        ),
    ]
    assert len({tuple(w.table.items()) for w in ways}) == 1
    assert m.rigid("single", A, value={"b"}).table == {(0,): 0, (1,): 1, (2,): 0}
    assert m.rigid("of_ints", K, to=K, value=lambda k: 2 - k).table == {(0,): 2, (1,): 1, (2,): 0}
    assert m.rigid("by_number", K, to=K, value={0: 1, 1: 1, 2: 1}).table[(2,)] == 1
    assert m.rigid("of_truth", BOOL, value=lambda v: v is True).table == {(0,): 0, (1,): 1}
    constant = m.rigid("constant", to=K, value=lambda: 2)
    assert World(m).value(constant[()] == 2) == "true"


def test_axioms_are_checked_on_the_tables() -> None:
    m = Model("axioms")
    A = m.sort("A", size=3)
    before = m.rigid("before", A, A, value={("a1", "a2"), ("a2", "a3"), ("a1", "a3")})
    m.axiom("irreflexive", forall(A, lambda x: ~before[x, x]))
    m.axiom(
        "transitive",
        forall(A, A, A, lambda x, y, z: implies(before[x, y] & before[y, z], before[x, z])),
    )
    Program(m)
    m.axiom("total", forall(A, A, lambda x, y: before[x, y] | before[y, x]))
    with pytest.raises(ModelError, match="axiom total does not hold"):
        Program(m)


def test_initial_values() -> None:
    m = Model("initial")
    A = m.sort("A", size=2)
    K = m.int(1, 3)
    E = m.enum("E", "red", "green")
    first = m.rigid("first", A, value={"a1"})
    m.rel("empty", A)
    m.rel("full", A, init=True)
    m.rel("given", A, init=lambda a: first[a])
    m.var("numbers", K, to=m.int(0, 9), init=lambda k: k * k)
    m.scalar("color", to=E, init=E["green"])
    m.scalar("flag", to=BOOL, init=False)
    (state,) = Program(m).initial()
    assert World(m).layout.show(state) == {
        "empty[a1]": "false",
        "empty[a2]": "false",
        "full[a1]": "true",
        "full[a2]": "true",
        "given[a1]": "true",
        "given[a2]": "false",
        "numbers[1]": "1",
        "numbers[2]": "4",
        "numbers[3]": "9",
        "color": "green",
        "flag": "false",
    }


def test_any_value_and_constraints() -> None:
    m = Model("any")
    A = m.sort("A", size=2)
    p = m.rel("p", A, init=ANY)
    x = m.scalar("x", to=m.int(-1, 1), init=ANY)
    m.scalar("y", to=m.int(5, 6), init=6)
    assert len(list(Program(m).initial())) == 4 * 3
    m.init(some_p=exists(A, lambda a: p[a]))
    assert len(list(Program(m).initial())) == 3 * 3
    m.init(counted=count(A, lambda a: p[a]) == x + 1)
    states = list(Program(m).initial())
    assert states == sorted(states)
    assert [World(m).layout.show(s)["x"] for s in states] == ["0", "0", "1"]


def test_a_model_may_have_no_initial_state() -> None:
    m = Model("none")
    x = m.scalar("x", to=m.int(0, 1), init=0)
    m.init(impossible=x == 1)
    assert list(Program(m).initial()) == []


class Claims:
    """A small model to claim things of."""

    def __init__(self) -> None:
        m = self.m = Model("claims")
        A = self.A = m.sort("A", size=2)
        p = self.p = m.rel("p", A)
        x = self.x = m.scalar("x", to=m.int(0, 3), init=0)

        @m.action
        def mark(a: A):
            require(unmarked=~p[a])
            p[a] = True

        @m.action
        def grow():
            x.set(x + 1)

        self.mark, self.grow = mark, grow


def test_one_formula_or_named_conjuncts() -> None:
    c = Claims()
    one = c.m.always("one", c.x < 3, about="Small.", claims=["C1"], witness="seen")
    several = c.m.always("several", {"low": c.x < 3, "high": c.x >= 0})
    seen = c.m.reachable("seen", c.x == 2)
    assert [clause.name for clause in one.clauses] == ["one"]
    assert (one.about, one.claims, one.witness, one.kind) == ("Small.", ("C1",), "seen", "always")
    assert [clause.name for clause in several.clauses] == ["low", "high"]
    assert (seen.kind, c.m.properties) == ("reachable", [one, several, seen])


def test_properties_of_steps() -> None:
    c = Claims()
    x, p, A = c.x, c.p, c.A
    claimed = c.m.step(
        "steps",
        {
            "grows": x.next >= x,
            "stays_marked": forall(A, lambda a: implies(p[a], p.next[a])),
            "marks_one": on(c.mark, lambda a: ~p[a] & p[a].next & (x.next == x)),
        },
    )
    assert [clause.name for clause in claimed.clauses] == ["grows", "stays_marked"]
    (about_mark,) = claimed.steps
    assert about_mark.action is c.mark
    world = World(c.m)
    before = world.state({"p[a1]": "true", "x": "1"})
    after = world.state({"p[a1]": "true", "p[a2]": "true", "x": "1"})

    def holds(formula, **names: int) -> bool:
        env = {b: names[b.name] for b in c.mark.parameters if b.name in names}
        return bool(world.evaluator.value(formula, before, env, after))

    assert all(holds(clause.formula) for clause in claimed.clauses)
    assert holds(about_mark.formula, a=1)
    assert not holds(about_mark.formula, a=0)


def test_leads_to_has_instances() -> None:
    c = Claims()
    for_each = c.m.leads_to("each", c.A, lambda a: (c.x > 0, c.p[a]))
    at_last = c.m.leads_to("at_last", lambda: (True, c.x == 3))
    assert [b.name for b in for_each.bound] == ["a"]
    assert [clause.name for clause in for_each.clauses] == ["premise", "goal"]
    assert at_last.bound == ()


def test_an_end_is_no_deadlock() -> None:
    c = Claims()
    c.m.ends(iff(c.x == 3, True))
    assert c.m.end is not None
    assert World(c.m).value(c.m.end, {"x": "3"}) == "true"
