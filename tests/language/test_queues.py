"""Queues behave as Python's, and equal queues are equal states."""

from collections import deque
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knell.language import Model, ModelError, require, when
from knell.language.evaluate import Environment
from knell.language.ground import evaluate_ground
from knell.language.grounding import Program


class Post:
    """A model that can only push and pop, with what is needed to look at its queue."""

    def __init__(self, capacity: int) -> None:
        m = Model("post")
        Kind = m.enum("Kind", "letter", "parcel")
        weight = m.int(-1, 2)
        queue = self.queue = m.queue("queue", Kind, weight, capacity=capacity)

        @m.action
        def push(k: Kind, w: weight):
            require(room=~queue.full)
            queue.push(k, w)

        @m.action
        def pop():
            require(some=~queue.empty)
            queue.pop()

        self.push, self.pop = push, pop
        self.kinds, self.weights = Kind.names, weight.values()
        self.program = Program(m)
        (self.state,) = self.program.initial()

    def do(self, action: Any, *values: int) -> None:
        """Execute an action by its meaning and in its ground form."""
        env: Environment = dict(zip(action.parameters, values, strict=True))
        assert not self.program.evaluator.failing_clauses(action, self.state, env)
        after = self.program.evaluator.execute(action, self.state, env)
        (instance,) = (
            i for i in self.program.instances if i.action is action and dict(i.env) == dict(env)
        )
        ground = list(self.state)
        for cell, content in instance.updates:
            ground[cell] = evaluate_ground(content, self.state)
        assert tuple(ground) == after
        self.state = after

    def value(self, expr: Any) -> int:
        return self.program.evaluator.value(expr, self.state, {})

    def content(self) -> list[tuple[str, int]]:
        layout, queue = self.program.layout, self.queue
        length = layout.value(self.state, queue.length.variable)
        kinds, weights = queue.components
        return [
            (self.kinds[layout.value(self.state, kinds, k)], layout.value(self.state, weights, k))
            for k in range(length)
        ]


MOVES = st.lists(
    st.one_of(st.none(), st.tuples(st.integers(0, 1), st.integers(-1, 2))), max_size=20
)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), MOVES)
def test_a_queue_is_a_deque(capacity: int, moves: list[tuple[int, int] | None]) -> None:
    post, model = Post(capacity), deque[tuple[str, int]]()
    seen: dict[tuple[tuple[str, int], ...], tuple[int, ...]] = {}
    for move in moves:
        if move is None and model:
            post.do(post.pop)
            model.popleft()
        elif move is not None and len(model) < capacity:
            post.do(post.push, *move)
            model.append((post.kinds[move[0]], move[1]))
        assert post.content() == list(model)
        assert post.value(post.queue.empty) == (not model)
        assert post.value(post.queue.full) == (len(model) == capacity)
        assert post.value(post.queue.length) == len(model)
        kind, weight = model[0] if model else (post.kinds[0], -1)
        assert post.value(post.queue.head[0] == kind)
        assert post.value(post.queue.head[1] == weight)
        for kind in post.kinds:
            for weight in post.weights:
                assert post.value(post.queue.contains(kind, weight)) == ((kind, weight) in model)
        assert seen.setdefault(tuple(model), post.state) == post.state


def test_a_queue_of_one_component_has_a_plain_head() -> None:
    m = Model("plain")
    queue = m.queue("queue", m.int(0, 3), capacity=2)
    assert m.queues == [queue]
    program = Program(m)
    (state,) = program.initial()
    assert program.evaluator.value(queue.head + 1, state, {}) == 1


def test_judges_meet_no_queue() -> None:
    m = Model("sugar")
    m.queue("queue", m.int(0, 3), m.enum("E", "a", "b"), capacity=2)
    assert [v.name for v in m.variables] == ["queue.length", "queue.0", "queue.1"]
    assert {v.hidden_in for v in m.variables} == {"queue"}


def test_pushing_under_a_condition() -> None:
    m = Model("perhaps")
    urgent = m.scalar("urgent", to=m.int(0, 1), init=0)
    queue = m.queue("queue", m.int(0, 3), capacity=1)

    @m.action
    def act():
        with when(urgent == 1):
            queue.push(3)
        urgent.set(1)

    program = Program(m)
    (state,) = program.initial()
    after = program.evaluator.execute(act, state, {})
    assert program.evaluator.value(queue.empty, after, {})
    after = program.evaluator.execute(act, after, {})
    assert program.evaluator.value(queue.contains(3), after, {})
    with pytest.raises(ModelError, match="pushes on queue queue, which is full"):
        program.evaluator.execute(act, after, {})


def test_one_action_changes_a_queue_once() -> None:
    m = Model("twice")
    queue = m.queue("queue", m.int(0, 3), capacity=2)

    def act():
        queue.pop()
        queue.push(1)

    with pytest.raises(ModelError, match="act changes queue queue twice"):
        m.action(act)
