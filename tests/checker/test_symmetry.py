"""Symmetry: orbits, canonical representatives, soundness, and runs that keep identities."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knell.checker import canonical
from knell.checker.canonical import canonical_form
from knell.checker.refinement import Refinement
from knell.checker.symmetry import symmetry_group
from knell.language import ANY, BOOL, Model, ModelError, exists, forall, require
from knell.language.grounding import Program
from knell.spec.errors import KnellError
from tests.checker.machines import built, checked, result_of, steps_of, two_phase_commit
from tests.checker.naive import all_permutations, explore, orbits, permuted


@pytest.mark.parametrize(("size", "orbits"), [(2, 34), (3, 80), (4, 166), (5, 314), (6, 553)])
def test_orbits_of_two_phase_commit(size: int, orbits: int) -> None:
    result = checked(built(two_phase_commit, RM=size))
    assert result.symmetry
    assert result.distinct == orbits
    assert result_of(result, "agreement").verdict == "holds"
    assert len(steps_of(result, "a_commit")) == 2 * size + 2


@pytest.mark.parametrize("few", [0, 24])
def test_orbits_whatever_the_method(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "_FEW", few)
    result = checked(tokens())
    assert result.symmetry
    found = explore(tokens(), 500)
    assert found is not None
    assert result.distinct == orbits(found, found.program.model) == 28
    assert checked(tokens(), symmetry=False).distinct == len(found.depth) == 153


def tokens() -> Model:
    """Elements of one sort hold elements of it, and a relation grows between them."""
    m = Model("tokens")
    P = m.sort("P", size=3)
    knows = m.rel("knows", P, P)
    chief = m.scalar("chief", to=P, init=ANY)

    @m.action
    def meet(p: P, q: P):
        require(others=p != q, led=chief == p)  # type: ignore[operator]  # a sort as annotation
        knows[p, q] = True

    @m.action
    def hand_over(p: P):
        require(known=knows[chief, p])
        chief.set(p)

    m.reachable("all", forall(P, P, lambda p, q: (p == q) | knows[p, q]))
    return m


def large() -> Model:
    """Two sorts, too large for trying all permutations quickly."""
    m = Model("large")
    A = m.sort("A", size=4)
    B = m.sort("B", size=3)
    m.rel("r", A, A)
    m.rel("q", A, B)
    m.var("f", A, to=A, init=lambda a: a)
    m.var("g", B, A, to=B, init=lambda b, a: b)
    m.scalar("x", to=A, init=ANY)
    t = m.scalar("t", to=BOOL, init=False)

    @m.action
    def flip():
        t.set(~t)

    return m


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_refinement_is_canonical(data: st.DataObject) -> None:
    program = Program(large())
    sorts = program.model.sorts
    sparse = data.draw(st.booleans())
    state = tuple(
        data.draw(st.sampled_from([0, 0, 0, cell.to.size - 1]))
        if sparse and cell.to is BOOL
        else data.draw(st.integers(0, cell.to.size - 1))
        for cell in program.layout.cells
    )
    permutation = data.draw(st.sampled_from(list(all_permutations(program.model))))
    form = Refinement(program.layout, sorts)
    representative = form(bytes(state))
    assert form(bytes(permuted(program, permutation, state))) == representative
    assert any(
        bytes(permuted(program, p, state)) == representative
        for p in all_permutations(program.model)
    )


def ring(size: int) -> Model:
    """A ring of nodes: a rigid function leaves its rotations alone."""
    m = Model("ring")
    N = m.sort("N", size=size)
    after = m.rigid("after", N, to=N, value=lambda n: f"n{int(n[1:]) % size + 1}")
    red = m.rel("red", N)

    @m.action
    def paint(n: N):
        require(next_is_plain=~red[after[n]])
        red[n] = ~red[n]

    return m


def test_rigid_functions_leave_their_automorphisms() -> None:
    model = ring(5)
    group = symmetry_group(Program(model), [], None)
    assert group is not None
    assert group.order == 5
    assert checked(model).distinct < checked(ring(5), symmetry=False).distinct


def test_the_run_is_real_and_shortest() -> None:
    m = tokens()
    P = m.sorts[0]
    knows = m.variables[0]
    m.always("none", ~exists(P, P, lambda p, q: knows[p, q] & knows[q, p]))
    with_symmetry = result_of(checked(m), "none")
    without = result_of(checked(m, symmetry=False), "none")
    assert with_symmetry.run is not None
    assert without.run is not None
    assert len(with_symmetry.run.states) == len(without.run.states)
    assert steps_of(checked(m), "none") == [str(step) for step in with_symmetry.run.steps]


def test_an_error_of_the_model_is_told_of_a_real_run() -> None:
    m = Model("overflow")
    P = m.sort("P", size=3)
    n = m.var("n", P, to=m.int(0, 1), init=0)

    @m.action
    def add(p: P):
        n[p] = n[p] + 1

    with pytest.raises(ModelError, match=r"reached by 2 step\(s\): add\((p\d)\), add\(\1\)"):
        checked(m)


def named() -> Model:
    m = Model("named")
    P = m.sort("P", names=("ann", "bob"))
    p = m.rel("p", P)

    @m.action
    def hail():
        p[P["ann"]] = True

    return m


def test_a_named_element_forbids_symmetry() -> None:
    assert not checked(named()).symmetry
    with pytest.raises(KnellError, match="action hail names ann of sort P") as caught:
        checked(named(), symmetry=True)
    assert "test_symmetry.py:" in str(caught.value)


def test_a_leads_to_forbids_symmetry_if_it_is_selected() -> None:
    m = tokens()
    P = m.sorts[0]
    m.leads_to("L", P, lambda p: (m.variables[0][p, p], m.variables[0][p, p]))
    assert not checked(m).symmetry
    assert checked(m, properties=("all",)).symmetry
    with pytest.raises(KnellError, match="property L is a leads-to"):
        checked(m, symmetry=True)


def test_nothing_to_divide_out() -> None:
    m = Model("plain")
    t = m.scalar("t", to=BOOL, init=False)

    @m.action
    def flip():
        t.set(~t)

    assert not checked(m).symmetry
    assert not checked(m, symmetry=True).symmetry


def test_ordered_sorts_are_never_symmetric() -> None:
    m = Model("epochs")
    E = m.sort("E", size=3, ordered=True)
    p = m.rel("p", E)

    @m.action
    def mark(e: E):
        p[e] = True

    assert not checked(m).symmetry


def test_the_group_is_the_product_of_its_parts() -> None:
    program = Program(large())
    group = symmetry_group(program, [], None)
    assert group is not None
    assert group.order == 24 * 6
    assert canonical_form(program, group)(bytes(len(program.layout.cells))) is not None
