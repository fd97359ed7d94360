"""Folding keeps the value of a term and keeps its failure; equal terms are one object."""

import itertools

import pytest

from knell.language import Model, ModelError, every, ite, some
from knell.language.ground import Terms, evaluate_ground
from knell.language.grounding import Program

M = Model("folding")
PLACE = M.int(0, 2)
x = M.scalar("x", to=M.int(-1, 3), init=0)
y = M.scalar("y", to=PLACE, init=0)
f = M.var("f", PLACE, to=M.int(5, 6), init=5)
g = M.var("g", PLACE, to=PLACE, init=0)
only = M.rigid("only", M.int(1, 1), to=M.int(4, 4), value={1: 4})
zero = M.rigid("zero", PLACE, to=M.int(0, 0), value=lambda i: 0 * i)

FORMULAS = {
    "equal to a value that it never has": f[x] == 9,
    "different from a value that it never has": f[x] != 9,
    "equal to itself": f[x] == f[x],
    "below a bound": f[x] < 9,
    "above a bound": f[x] > 9,
    "not below itself": f[x] < f[x],
    "a truth value compared with a number": ite(f[x] == 5, 1, 0) == 4,
    "times nothing": (f[x] * 0) == 0,
    "an index that fails": f[g[x]] == 5,
    "an index with one value": only[only[x] - 3] == 4,
    "an index that fails, of one value": g[zero[x]] == 0,
    "after the part that decides": every(x == 0, f[x + 1] == 5),
    "before the part that decides": every(f[x] == 5, some()),
    "a junction that no state satisfies": every(f[x] == 5, f[x] != 5),
    "a junction that all states satisfy": some(f[x] == 5, f[x] != 5),
    "chosen by a failure": ite(f[x] == 5, y, y) == y,
    "failing in one choice": ite(x > 2, 5, f[x]) == 5,
    "both choices alike": ite(x > 0, f[x], f[x]) == 5,
    "a sum": f[x] + 0 == 5,
    "a remainder": f[x] % 1 == 0,
    "a quotient": f[x] // 9 == 0,
    "a minus": -f[x] < 0,
    "one of several": x.is_in(1, 3) & (g[x] == 0),
}


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS.keys())
def test_a_term_fails_exactly_where_the_expression_has_no_value(formula) -> None:
    program = Program(M)
    term = program.ground(formula, place="here")
    failures = 0
    for state in itertools.product(*(range(cell.to.size) for cell in program.layout.cells)):
        try:
            expected = program.evaluator.value(formula, state, {})
        except ModelError:
            failures += 1
            with pytest.raises(LookupError) as failure:
                evaluate_ground(term, state)
            error = program.failures[failure.value.args[0]]
            assert "outside its domain" in error.message
        else:
            assert evaluate_ground(term, state) == expected


def test_terms_are_interned_and_folded() -> None:
    terms = Terms()
    a, b = terms.cell(0, 2), terms.cell(1, 2)
    assert terms.and_(a, b) is terms.and_(a, terms.true, b)
    assert terms.and_(a, terms.not_(a)) is terms.false
    assert terms.or_(a, terms.true) is terms.true
    assert terms.not_(terms.not_(a)) is a
    assert terms.equal(a, terms.true) is a
    assert terms.equal(a, terms.false) is terms.not_(a)
    assert terms.ite(a, terms.true, terms.false) is a
    assert terms.cell(2, 1) is terms.const(0)
    assert terms.less(terms.cell(3, 3), terms.const(3), strict=True) is terms.true
    assert terms.fail(0) is terms.fail(0)
    assert terms.and_(terms.false, terms.fail(0)) is terms.false
    failing = terms.equal(terms.fail(0), terms.const(1))
    assert failing.kind == "=="
    assert terms.equal(terms.fail(0), terms.fail(0)).fallible
    assert terms.less(terms.fail(0), terms.fail(0), strict=True).fallible
    assert terms.and_(failing, terms.false).fallible
    assert terms.or_(failing, terms.not_(failing)).fallible
    assert terms.ite(failing, a, a).fallible
