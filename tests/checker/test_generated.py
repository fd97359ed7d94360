"""Generated code means what the language means, errors of the model included."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import knell.examples
from knell.checker.errors import MisstepError
from knell.checker.kernel import Kernel
from knell.checker.replay import is_enabled
from knell.checker.source import Source
from knell.checker.watches import Watch, Watches, condition, specialise, watch_against, watch_for
from knell.language import BOOL, Model, ModelError, require
from knell.language.evaluate import extend
from knell.language.ground import Ground, Terms, evaluate_ground
from knell.language.grounding import Program
from knell.language.loading import load_model
from knell.language.settings import Settings
from tests.language.zoo import Maker, Zoo

State = tuple[int, ...]
Moves = list[tuple[str, State]] | Literal["error"]
EXAMPLES = sorted(Path(str(knell.examples.__file__)).parent.glob("[a-z]*.py"))


def pack(program: Program, state: State) -> bytes | State:
    return bytes(state) if program.layout.bytewise else state


def meant(program: Program, state: State) -> Moves:
    """The successors by the meaning of the language, or that the model is wrong here."""
    evaluator = program.evaluator
    moves = []
    try:
        for action in program.model.actions:
            for env in extend({}, action.parameters):
                if is_enabled(evaluator, action, state, env):
                    name = f"{action.name}({', '.join(b.of.show(env[b]) for b in env)})"
                    moves.append((name, evaluator.execute(action, state, env)))
    except ModelError:
        return "error"
    return moves


def generated(program: Program, kernel: Kernel, state: State) -> Moves:
    """The same by generated code."""
    try:
        moves = kernel.successors(pack(program, state))
    except MisstepError:
        return "error"
    return [(str(program.instances[k]), tuple(after)) for k, after in moves]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_successors_in_the_examples(path: Path) -> None:
    model = load_model(path, Settings())
    program = Program(model)
    kernel = Kernel(program)
    queue = list(dict.fromkeys(program.initial()))[:300]
    seen = set(queue)
    for state in queue:
        moves = generated(program, kernel, state)
        assert moves == meant(program, state)
        assert moves != "error"
        for after in (after for move in moves for after in move[1:]):
            if after not in seen and len(queue) < 600:
                seen.add(after)
                queue.append(after)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_successors_of_random_actions(data: st.DataObject) -> None:
    make = Maker(data, Zoo())
    A, B = make.zoo.A, make.zoo.B

    def first(u: A, v: B):
        for name in make.pick(((), ("one",), ("one", "two"))):
            require(**{name: make.expression(BOOL, (u, v), 2)})
        make.updates((u, v))

    def second(u: A):
        require(one=make.expression(BOOL, (u,), 2), two=make.zoo.t)
        make.updates((u,))

    try:
        for body in (first, second):
            make.zoo.model.action(body)
    except ModelError as refused:
        assert "twice" in refused.message  # noqa: PT017  # not every random action is one
        return
    program = Program(make.zoo.model)
    kernel = Kernel(program)
    for _ in range(4):
        state = make.state([cell.to.size for cell in program.layout.cells])
        assert generated(program, kernel, state) == meant(program, state)


def value_of(evaluate: Callable[[Any], int], state: object) -> int | str:
    try:
        return int(evaluate(state))
    except (LookupError, MisstepError):
        return "error"


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_conditions_and_specialised_terms(data: st.DataObject) -> None:
    make = Maker(data, Zoo())
    program = Program(make.zoo.model)
    sizes = [cell.to.size for cell in program.layout.cells]
    term = program.ground(make.expression(BOOL, (), make.between(1, 4)), place="here")
    holds = condition(program, term)
    for _ in range(3):
        state = make.state(sizes)
        value = value_of(partial(evaluate_ground, term), state)
        assert value_of(holds, pack(program, state)) == value
        known = {k: state[k] for k in range(len(sizes)) if make.between(0, 2) == 0}
        special = specialise(program.terms, term, known)
        assert value_of(partial(evaluate_ground, special), state) == value


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_watches_find_what_a_step_made_true(data: st.DataObject) -> None:
    """After a step, the conditions that did not hold before it and hold after it are found."""
    make = Maker(data, Zoo())
    A = make.zoo.A

    def act(u: A):
        make.updates((u,), 1)

    try:
        make.zoo.model.action(act)
    except ModelError:
        return
    program = Program(make.zoo.model)
    kernel, terms = Kernel(program), program.terms
    conditions = [program.ground(make.expression(BOOL, (), 3), place="here") for _ in range(4)]
    watches = Watches(
        program,
        [
            watch_for(c) if k % 2 else watch_against(terms, terms.not_(c))
            for k, c in enumerate(conditions)
        ],
    )
    for _ in range(3):
        state = make.state([cell.to.size for cell in program.layout.cells])
        try:
            moves = kernel.successors(pack(program, state))
            before = everything(watches, pack(program, state))
            for k, after in moves:
                found = 0
                for hits in watches.after(k):
                    found |= hits(after)
                now = everything(watches, after)
                assert now & ~before & ~found == 0
                assert found & ~now == 0
        except MisstepError:
            return


def everything(watches: Watches, state: bytes | State) -> int:
    return watches.hits()(state)


def test_deep_terms_become_functions() -> None:
    terms = Terms()
    cells = [terms.cell(k, 5) for k in range(4)]
    deep: Ground = cells[0]
    for k in range(500):
        deep = terms.arithmetic("%", terms.arithmetic("+", deep, cells[k % 4]), terms.const(5))
    chain = terms.const(0)
    for k in range(400):
        chain = terms.ite(terms.equal(cells[k % 4], terms.const(k % 5)), terms.const(k % 7), chain)
    m = Model("deep")
    for k in range(4):
        m.scalar(f"x{k}", to=m.int(0, 4), init=0)
    program = Program(m)
    state = (1, 2, 3, 4)
    for term in (deep, chain, terms.less(deep, chain, strict=True)):
        assert condition(program, term)(bytes(state)) == slowly(term, state)
    source = Source()
    source.text(deep, {})
    assert len(source.functions) > 3


def slowly(term: Ground, state: State) -> int:
    """The value of a term that is too deep for a recursive evaluation."""
    done: dict[Ground, int] = {}
    stack = [term]
    while stack:
        top = stack[-1]
        missing = [part for part in top.parts if part not in done]
        if missing:
            stack += missing
            continue
        stack.pop()
        a = [done[part] for part in top.parts]
        match top.kind:
            case "const":
                done[top] = top.value
            case "cell":
                done[top] = state[top.value]
            case "ite":
                done[top] = a[1] if a[0] else a[2]
            case "==":
                done[top] = int(a[0] == a[1])
            case "<":
                done[top] = int(a[0] < a[1])
            case "+":
                done[top] = a[0] + a[1]
            case "%":
                done[top] = a[0] % a[1]
    return done[term]


def test_a_watch_that_was_decided_is_forgotten() -> None:
    m = Model("two")
    x = m.scalar("x", to=m.int(0, 3), init=0)

    @m.action
    def up():
        require(room=x < 3)
        x.set(x + 1)

    program = Program(m)
    watch = [watch_for(program.ground(x == k, place="here")) for k in (1, 2)]
    watches = Watches(program, watch)
    assert everything(watches, b"\1") == 1
    watches.keep_only(0b10)
    assert everything(watches, b"\1") == 0
    assert everything(watches, b"\2") == 2
    assert isinstance(watch[0], Watch)
