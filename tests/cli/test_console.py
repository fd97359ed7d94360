"""What people read: width, colour, encodings, counts."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from knell.checker.results import Progress
from knell.cli.console import Console, Style, mebibytes, quantity, seconds, visible
from knell.cli.progress import Display, Meter, describe


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_fit() -> None:
    lines = Style(width=40).wrap("word " * 30, "  ", "    ")
    assert all(len(line) <= 40 for line in lines)
    assert lines[0].startswith("  word")
    assert all(line.startswith("    word") for line in lines[1:])
    assert " ".join(lines).split() == ["word"] * 30


def test_a_word_that_does_not_fit_stands_alone() -> None:
    assert Style(width=40).wrap("a " + "b" * 60 + " c") == ["a", "b" * 60, "c"]
    assert Style().wrap("") == []


def test_colours_take_no_room() -> None:
    style = Style(color=True, width=40)
    red = style.paint("red", "red")
    assert red == "\x1b[31mred\x1b[0m"
    assert visible(red) == 3
    lines = style.wrap(" ".join([red] * 20))
    assert [visible(line) for line in lines] == [39, 39]


@pytest.mark.parametrize(
    ("stream", "variables", "color"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_colour_is_for_terminals(stream, variables, color, monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Console(stream).style.color is color


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_an_encoding_that_lacks_our_symbols(encoding) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    console = Console(stream)
    console.line("✓ holds · a → b §2")
    console.flush()
    assert raw.getvalue() == b"+ holds . a -> b S.2\n"


def test_numbers_and_their_nouns() -> None:
    assert quantity(1, "property") == "1 property"
    assert quantity(0, "property") == "0 properties"
    assert quantity(1200, "step") == "1,200 steps"
    assert mebibytes(3 * 2**20) == "3 MiB"
    assert seconds(0.123) == "0.12 s"
    assert seconds(1234.5) == "1,234 s"


BEFORE = Progress(distinct=100, generated=300, depth=3, queue=9, elapsed=1.0, memory=2**20)
NOW = Progress(distinct=1100, generated=4300, depth=4, queue=99, elapsed=3.0, memory=2**21)


def test_progress_in_words() -> None:
    assert describe(BEFORE) == "100 states, 100/s, depth 3, queue 9, 1 MiB, 1 s"
    assert describe(NOW, BEFORE) == "1,100 states, 500/s, depth 4, queue 99, 2 MiB, 3 s"
    judging = replace(NOW, doing="looking for a run that refutes L1")
    assert describe(judging) == "looking for a run that refutes L1: 1,100 states, 2 MiB, 3 s"
    building = replace(NOW, doing="building the model", distinct=0)
    assert describe(building) == "building the model: 2 MiB, 3 s"


def test_a_terminal_shows_one_line_that_is_rewritten() -> None:
    terminal = Terminal()
    meter = Meter(terminal)
    meter.display.pause = 0.0
    meter(BEFORE)
    meter(NOW)
    meter.clear()
    text = terminal.getvalue()
    assert "\n" not in text
    assert text.count("\r\x1b[2K") == 3
    assert text.endswith("\r\x1b[2K")


def test_elsewhere_a_line_now_and_then() -> None:
    stream = io.StringIO()
    display = Display(stream)
    assert not display.is_due()
    display.show("so far")
    display.clear()
    assert stream.getvalue() == "so far\n"


def test_a_line_that_is_too_long_for_the_terminal_is_cut() -> None:
    terminal = Terminal()
    Display(terminal).show("x" * 300)
    assert visible(terminal.getvalue().lstrip("\r")) <= 100
