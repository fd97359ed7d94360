"""The tests that `plugin` adds to a project: one for each action of the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pytest

from knell.conformance import known
from knell.conformance.adapter.peer import PeerError
from knell.conformance.campaign import Options, Result, conform
from knell.conformance.mapping.actions import RULES
from knell.conformance.reports.text import story
from knell.language.loading import load_model
from knell.language.model import Model
from knell.language.settings import Settings
from knell.protocol import NODE_SHUTDOWN
from knell.spec.errors import KnellError


class Campaign:
    """One judgement, made when it is first asked for."""

    def __init__(self, config: pytest.Config) -> None:
        try:
            settings = Settings(
                config=config.getoption("--knell-config"),
                values=dict(map(_setting, config.getoption("--knell-set") or [])),
            )
            self.model: Model = load_model(NODE_SHUTDOWN, settings)
            listed = config.getoption("--knell-known-failing")
            self._known = [] if listed is None else known.read(Path(listed))
        except KnellError as error:
            raise pytest.UsageError(str(error)) from None
        self._options = Options(
            adapter=config.getoption("--knell-adapter"),
            budget_seconds=config.getoption("--knell-budget"),
        )

    @cached_property
    def _outcome(self) -> Result | Exception:
        try:
            result = conform(self.model, self._options)
        except (KnellError, PeerError) as error:
            return error
        known.apply(result, self._known)
        return result

    @property
    def result(self) -> Result:
        """The judgement, or why there is none."""
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise KnellError(f"{text!r} is no setting", place="--knell-set", mend="write NAME=VALUE")
    return name, value


class Run(pytest.Collector):
    """The tests of one adapter."""

    def collect(self) -> Iterator[pytest.Item]:
        campaign = Campaign(self.config)
        for action in campaign.model.actions:
            if action.name in RULES:
                yield Requirement.from_parent(self, name=action.name, campaign=campaign)
        yield Whole.from_parent(self, name="run", campaign=campaign)


class _Item(pytest.Item):
    """A test that reads the campaign's result."""

    def __init__(self, *, campaign: Campaign, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type] # pytest's own
        self.campaign = campaign

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        return str(excinfo.value)

    def reportinfo(self) -> tuple[str, None, str]:
        return "knell", None, f"knell: {self.name}"


class Requirement(_Item):
    """One action of the protocol."""

    def runtest(self) -> None:
        coverage = self.campaign.result.coverage
        own = [
            each
            for each in self.campaign.result.divergences
            if each.id.partition("/")[0] == self.name
        ]
        if own:
            raise AssertionError("\n".join(line for each in own for line in story(each)))
        if self.name in coverage.skipped:
            pytest.skip(coverage.skipped[self.name])
        missing = coverage.by_action[self.name] - coverage.covered_by_action[self.name]
        if missing:
            raise AssertionError(f"{missing:,} transitions were not replayed")


class Whole(_Item):
    """What belongs to no action: failures of the adapter, and lists that are out of date."""

    def runtest(self) -> None:
        result = self.campaign.result
        wrong = [
            *result.coverage.failures,
            *(f"known to fail, but does not: {id}" for id in result.unexpected),
            *(each.id for each in result.divergences if each.id.startswith("reset/")),
        ]
        if wrong or not result.coverage.replays:
            raise AssertionError("\n".join(wrong) or "nothing was replayed")
