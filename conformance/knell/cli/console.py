"""Where people read: lines of text, coloured only on a terminal."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO

from knell.spec.errors import KnellError

_CODES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "cyan": 36}

_SIGNS = {"holds": ("✓", "green"), "violated": ("✗", "red"), "unknown": ("?", "yellow")}

_CONTROL = re.compile(r"\x1b\[[0-9;]*m")

_PLAIN = str.maketrans(
    {"✓": "+", "✗": "X", "·": ".", "→": "->", "↺": "<-", "─": "-", "…": "...", "§": "S."}
)
"""What stands for our symbols where the encoding lacks them."""

_NARROWEST, _WIDEST, _USUAL = 40, 100, 80


@dataclass(frozen=True)
class Style:
    """What the reader's end can show: plain data, so that another process can write for it."""

    color: bool = False
    width: int = _USUAL

    def paint(self, text: str, *colors: str) -> str:
        """The text in these colours, or as it is where there are none."""
        if not self.color or not text:
            return text
        codes = ";".join(str(_CODES[color]) for color in colors)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def sign(self, verdict: str) -> str:
        """One character for a verdict."""
        symbol, color = _SIGNS.get(verdict, _SIGNS["unknown"])
        return self.paint(symbol, color)

    def wrap(self, text: str, indent: str = "", hanging: str | None = None) -> list[str]:
        """The text in lines that fit; those after the first begin with ``hanging``."""
        hanging = indent if hanging is None else hanging
        lines, line, gap = [], indent, ""
        for word in text.split():
            if gap and visible(f"{line} {word}") > self.width:
                lines.append(line)
                line, gap = hanging, ""
            line, gap = f"{line}{gap}{word}", " "
        return [*lines, line] if gap else lines


def visible(text: str) -> int:
    """How many columns the text takes, colours aside."""
    return len(plain(text))


def plain(text: str) -> str:
    """The text without its colours."""
    return _CONTROL.sub("", text)


class Console:
    """A stream that people read. A reader who stops reading is no error."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.style = Style(_wants_color(self.is_terminal), _width(self.is_terminal))

    def line(self, text: str = "") -> None:
        """Write one line."""
        self.write(f"{text}\n")

    def lines(self, texts: Iterable[str]) -> None:
        """Write several lines."""
        for text in texts:
            self.line(text)

    def write(self, text: str) -> None:
        """Write text as it is, as far as the stream's encoding can say it."""
        try:
            self.stream.write(_encodable(text, self.stream.encoding or "utf-8"))
        except OSError as error:
            give_up(self.stream, error)

    def flush(self) -> None:
        """Hand on what was written so far."""
        try:
            self.stream.flush()
        except OSError as error:
            give_up(self.stream, error)


def give_up(stream: TextIO, error: OSError) -> None:
    """Send whatever else the stream is given nowhere, since it can't be written.

    Raises:
        KnellError: It isn't because its reader is gone; the disk may be full.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
    if not isinstance(error, BrokenPipeError):
        raise KnellError(
            f"cannot be written: {error.strerror}", place="the output", mend="send it elsewhere"
        )


def _encodable(text: str, encoding: str) -> str:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    return text


def _wants_color(is_terminal: bool) -> bool:
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _width(is_terminal: bool) -> int:
    if not is_terminal:
        return _USUAL
    return max(_NARROWEST, min(shutil.get_terminal_size().columns, _WIDEST))


def cut(text: str, room: int) -> str:
    """The text, or as many of its words as fit; nothing if hardly anything does."""
    if len(text) <= room:
        return text
    if room < 12:
        return ""
    return f"{text[: room - 1].rpartition(' ')[0]} …"


def quantity(number: int, what: str) -> str:
    """A number with its noun: ``1 step``, ``1,200 states``, ``2 properties``."""
    if number != 1:
        what = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {what}"


def mebibytes(size: int) -> str:
    """A size in memory."""
    return f"{size / 2**20:,.0f} MiB"


def seconds(duration: float) -> str:
    """A duration, with as many digits as matter."""
    return f"{duration:.2f} s" if duration < 10 else f"{duration:,.0f} s"
