"""Generated values and traces, for tests of what must hold of all of them."""

from hypothesis import strategies as st

from knell.spec.trace import KINDS, Step, Trace, TraceState, new_meta
from knell.spec.values import Map, Opaque, Record, Seq

names = st.text("abcxyz_", min_size=1, max_size=4)
texts = st.text(max_size=6)
parameters = st.dictionaries(names, texts, max_size=2)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(texts, children, max_size=3),
    max_leaves=4,
)


values = st.recursive(
    st.booleans() | st.integers() | texts | st.builds(Opaque, texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.lists(inner, max_size=3).map(Seq),
        st.frozensets(inner, max_size=3),
        st.dictionaries(inner, inner, max_size=3).map(Map),
        st.dictionaries(names, inner, max_size=3).map(Record),
    ),
    max_leaves=8,
)


@st.composite
def traces(draw):
    """Well-formed traces of ours, with and without a loop."""
    variables = tuple(draw(st.lists(names, unique=True, max_size=3)))
    later = st.builds(
        TraceState,
        st.fixed_dictionaries(dict.fromkeys(variables, values)),
        action=names,
        parameters=parameters,
        violated=st.none() | names,
        meta=st.dictionaries(st.just("note"), json_values),
    )
    first = TraceState({name: draw(values) for name in variables})
    states = (first, *draw(st.lists(later, max_size=3)))
    loop = draw(st.none() | st.integers(0, len(states) - 1))
    must_close = loop is not None and loop < len(states) - 1
    step = st.builds(Step, names, parameters)
    return Trace(
        new_meta(
            model=draw(names),
            kind=draw(st.sampled_from(KINDS)),
            property_id=draw(st.none() | names),
            conjuncts=draw(st.lists(names, max_size=2)),
            bindings=draw(parameters),
            config=draw(st.dictionaries(names, st.integers() | st.booleans() | texts, max_size=2)),
            mutant=draw(st.none() | names),
        ),
        variables,
        states,
        loop=loop,
        closing=None if loop is None else draw(step if must_close else st.none() | step),
    )
