"""What a user chose for a model before it is built: configuration, parameters, mutant.

A model is a Python file that runs once for each choice. The choice reaches it through a context
variable, so that a model reads as plain declarations: ``m.sort("RM", size=3)`` takes its size
from ``--set RM=5``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeAlias

from knell.language.errors import ModelError
from knell.spec.errors import KnellError, did_you_mean

ParameterValue: TypeAlias = int | bool | str


@dataclass(frozen=True)
class Settings:
    """A user's choice. ``values`` are texts, as typed after ``--set``, or values."""

    config: str | None = None
    values: Mapping[str, ParameterValue] = field(default_factory=dict)
    mutant: str | None = None


_NO_CHOICE = Settings()
_in_force: ContextVar[Settings] = ContextVar("settings", default=_NO_CHOICE)  # immutable


@contextmanager
def settings(chosen: Settings) -> Iterator[None]:
    """Build models under ``chosen`` while the context lasts."""
    token = _in_force.set(chosen)
    try:
        yield
    finally:
        _in_force.reset(token)


def settings_in_force() -> Settings:
    """The choice under which a model is being built."""
    return _in_force.get()


@dataclass(frozen=True)
class Parameter:
    """A parameter of a model: sizes, switches and bounds."""

    name: str
    default: ParameterValue
    about: str = ""
    least: int | None = None
    most: int | None = None
    choices: Sequence[str] = ()

    def check_default(self) -> None:
        """Refuse a default that the parameter itself would refuse: a mistake of the model."""
        try:
            self.read(self.default)
        except KnellError as error:
            raise ModelError(
                f"{self.default!r} is no value of parameter {self.name}", mend=error.mend
            ) from None

    def read(self, given: ParameterValue) -> ParameterValue:
        """The value that a user gave, checked; a text is read by the default's type."""
        if isinstance(self.default, bool):
            return self._boolean(given)
        if isinstance(self.default, int):
            return self._integer(given)
        if self.choices and given not in self.choices:
            raise self._wrong(given, f"one of {', '.join(self.choices)}")
        return str(given)

    def _boolean(self, given: ParameterValue) -> bool:
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        word = str(given).lower()
        if word not in words:
            raise self._wrong(given, "true or false")
        return words[word]

    def _integer(self, given: ParameterValue) -> int:
        try:
            value = int(given)
        except ValueError:
            raise self._wrong(given, "an integer") from None
        if self.least is not None and value < self.least:
            raise self._wrong(given, f"at least {self.least}")
        if self.most is not None and value > self.most:
            raise self._wrong(given, f"at most {self.most}")
        return value

    def _wrong(self, given: ParameterValue, expected: str) -> KnellError:
        return KnellError(
            f"{given!r} is no value of this parameter",
            place=f"parameter {self.name}",
            mend=f"give {expected}, for example --set {self.name}={str(self.default).lower()}",
        )


@dataclass(frozen=True)
class Mutant:
    """A planted fault: the property ids in ``killed_by`` must each be able to tell it."""

    id: str
    about: str
    killed_by: tuple[str, ...]
    config: str | None = None
    hazard: str | None = None


def resolve(
    parameter: Parameter, chosen: Settings, config: Mapping[str, ParameterValue]
) -> ParameterValue:
    """The parameter's value: the user's, else the configuration's, else the default."""
    given = chosen.values.get(parameter.name, config.get(parameter.name, parameter.default))
    return parameter.read(given)


def choose_config(
    model: str,
    chosen: Settings,
    configs: Mapping[str, Mapping[str, ParameterValue]],
    mutants: Sequence[Mutant],
) -> str | None:
    """The name of the configuration in force: the user's, the mutant's, ``default`` or none."""
    name = chosen.config
    if name is None and chosen.mutant is not None:
        name = next((mutant.config for mutant in mutants if mutant.id == chosen.mutant), None)
    if name is None:
        return "default" if "default" in configs else None
    if name not in configs:
        known = ", ".join(configs) or "none"
        raise KnellError(
            f"model {model} has no configuration {name!r}",
            place="--set config",
            mend=f"{did_you_mean(name, configs)}its configurations: {known}",
        )
    return name


def check_mutant(model: str, chosen: Settings, mutants: Sequence[Mutant]) -> None:
    """Refuse an unknown mutant, and two mutants of one name."""
    ids = [mutant.id for mutant in mutants]
    if len(ids) != len(set(ids)):
        raise ModelError(f"model {model} declares a mutant twice")
    if chosen.mutant is not None and chosen.mutant not in ids:
        raise KnellError(
            f"model {model} has no mutant {chosen.mutant!r}",
            place="--mutant",
            mend=f"{did_you_mean(chosen.mutant, ids)}its mutants: {', '.join(ids) or 'none'}",
        )
