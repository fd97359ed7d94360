"""Reading a command line: whatever is wrong with it becomes one line."""

from __future__ import annotations

import argparse
import math
import re
from typing import Any, NoReturn

from knell.spec.errors import KnellError, did_you_mean

HELP_WIDTH = 80

_CHOICE = re.compile(
    r"(?P<argument>.*): invalid choice: '(?P<given>.*)' \(choose from (?P<known>.*)\)"
)
_QUOTED = re.compile(r"[\w-]+")


class UsageError(KnellError):
    """The command line asks for something that there is not."""


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help that looks the same whatever the terminal."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, max_help_position=26, width=HELP_WIDTH, **options)


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviations and raises its errors."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", Formatter)
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        choice = _CHOICE.fullmatch(message)
        if choice is None:
            raise UsageError(message, mend=f"see '{self.prog} --help'")
        known = _QUOTED.findall(choice["known"])
        raise UsageError(
            f"{choice['argument']}: there is no {choice['given']!r}",
            mend=f"{did_you_mean(choice['given'], known)}choose from {', '.join(known)}",
        )

    def refuse(self, unknown: str) -> NoReturn:
        """Refuse an argument that this parser does not know."""
        known = [flag for action in self._actions for flag in action.option_strings]
        guess = did_you_mean(unknown, known)
        raise UsageError(f"unknown argument {unknown!r}", mend=f"{guess}see '{self.prog} --help'")


def count(text: str) -> int:
    """An integer of at least 1."""
    return _integer(text, 1)


def natural(text: str) -> int:
    """An integer of at least 0."""
    return _integer(text, 0)


def port(text: str) -> int:
    """A port of this machine; 0 stands for any free one."""
    value = _integer(text, 0)
    if value > 65535:
        raise argparse.ArgumentTypeError(f"{value} is no port: give one of 0 to 65535")
    return value


def duration(text: str) -> float:
    """A time in seconds, greater than 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no time; give seconds, more than 0")
    return value


def assignment(text: str) -> tuple[str, str]:
    """``NAME=VALUE``."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"{text!r} sets nothing; write NAME=VALUE")
    return name.strip(), value.strip()


def ids(text: str) -> list[str]:
    """One id, or several with commas between them."""
    found = [part.strip() for part in text.split(",")]
    if not all(found):
        raise argparse.ArgumentTypeError(f"{text!r} names no property; write ID or ID,ID")
    return found


def _integer(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise argparse.ArgumentTypeError(f"{text!r} is no integer of at least {least}")
    return value


def chosen(args: argparse.Namespace) -> tuple[str | None, dict[str, str]]:
    """What ``--set`` chooses: the named configuration, if any, and values of parameters."""
    values: dict[str, str] = {}
    for name, value in args.set:
        if name in values:
            raise UsageError(
                f"{name} is given twice, {values[name]} and {value}",
                place="--set",
                mend="give it once",
            )
        values[name] = value
    return values.pop("config", None), values


def add_variant(group: Any) -> None:
    """Declare the options that choose a variant of the model: parameters and mutant."""
    group.add_argument(
        "--set",
        action="append",
        type=assignment,
        default=[],
        metavar="NAME=VALUE",
        help="give a parameter a value; config=NAME selects a named configuration; repeatable",
    )
    group.add_argument(
        "--mutant", metavar="ID", help="plant a fault, in the configuration that it names"
    )
