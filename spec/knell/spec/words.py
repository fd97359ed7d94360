"""The base of all vocabularies: a word that says what it means."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A fixed word with a one-line description.

    A word is a string: it compares with, prints as and serializes to its value, so
    that specification, model, log and viewer show the same text. Its `about` says
    in one line what it means.

    >>> class Colour(Word):
    ...     RED = "red", "Stop."
    >>> Colour.RED == "red", f"{Colour.RED}", Colour.RED.about
    (True, 'red', 'Stop.')
    """

    _value_: str
    about: str

    def __new__(cls, value: str, about: str = "") -> Self:
        """Make the word `value`, described by `about`.

        A definition gives both. The default serves type checkers, which take the
        look-up of a word, `Colour("red")`, for a call of this method.
        """
        word = str.__new__(cls, value)
        word._value_ = value
        word.about = about
        return word
