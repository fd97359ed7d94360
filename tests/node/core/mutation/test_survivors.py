"""The table of survivors speaks of code that is there, and gives each mutant a reason once."""

from tests.node.core.mutation.survivors import CORE, flat, functions, groups


def sources():
    """The core's functions, each as one line."""
    for path in CORE.glob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        for name, place in functions(path):
            yield f"{path.stem}.{name}", flat(lines[place.lineno - 1 : place.end_lineno])


def test_each_survivor_changes_a_line_that_is_there():
    known = dict(sources())
    for _, mutants in groups():
        for each in mutants:
            function, _, change = each.partition(": ")
            parts = change.split(" -> ")  # which may stand in a line, too
            was = [" -> ".join(parts[:count]) for count in range(1, len(parts))]
            assert any(line in known[function] for line in was), each
            assert not any(change == f"{line} -> {line}" for line in was), each


def test_each_survivor_has_one_reason():
    named = [each for _, mutants in groups() for each in mutants]
    assert len(named) == len(set(named))
    assert all(len(why) > 20 for why, _ in groups())
