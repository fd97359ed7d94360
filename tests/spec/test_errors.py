"""User-facing errors: one printable line, whatever their parts hold."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knell.spec.claims import ClaimsError
from knell.spec.errors import KnellError, TraceError


@pytest.mark.parametrize(
    ("place", "mend", "line"),
    [
        (None, None, "it is wrong"),
        ("model.py:3", None, "model.py:3: it is wrong"),
        (None, "mend it", "it is wrong; mend it"),
        ("--set", "mend it", "--set: it is wrong; mend it"),
    ],
)
def test_the_line_says_place_message_and_mend(place, mend, line):
    assert str(KnellError("it is wrong", place=place, mend=mend)) == line


@given(st.text(), st.none() | st.text(), st.none() | st.text())
def test_it_is_always_one_printable_line(message, place, mend):
    line = str(KnellError(message, place=place, mend=mend))
    assert line.isprintable()
    assert len(line.splitlines()) <= 1


def test_terminal_commands_are_shown_and_not_obeyed():
    assert str(KnellError("\x1b[2Jgone")) == r"\x1b[2Jgone"


class ComposedError(KnellError):
    """An error that composes its own message."""

    def __init__(self, name, count):
        super().__init__(f"{name} is there {count} times", place=name, mend="drop one")


@pytest.mark.parametrize(
    "error", [TraceError("wrong", place="$.loop", mend="mend it"), ComposedError("x", 2)]
)
def test_it_crosses_a_process_boundary_whole(error):
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert (again.place, again.mend, again.args) == (error.place, error.mend, error.args)


def test_one_base_catches_all():
    assert issubclass(TraceError, KnellError)
    assert issubclass(ClaimsError, KnellError)
