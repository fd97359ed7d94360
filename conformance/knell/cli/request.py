"""One check as plain data, so that it can be handed to another process."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from knell.checker.results import Options, Progress
from knell.cli.console import Style
from knell.language.settings import Settings


@dataclass(frozen=True)
class Request:
    """What a user asked `knell check` for, as far as one configuration is concerned."""

    target: str
    config: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    mutant: str | None = None
    engine: str = "auto"
    workers: int = 1
    symmetry: bool | None = None
    properties: list[str] | None = None
    fail_fast: bool = False
    simulate: int | None = None
    seed: int = 0
    max_states: int | None = None
    max_depth: int | None = None
    max_seconds: float | None = None
    checkpoint: str | None = None
    resume: str | None = None
    fingerprints: bool = False
    disk: str | None = None
    trace_dir: str | None = None
    html: bool = False
    style: Style = field(default_factory=Style)

    @property
    def settings(self) -> Settings:
        """What the model is built under."""
        return Settings(config=self.config, values=self.values, mutant=self.mutant)

    def options(self, progress: Callable[[Progress], None] | None) -> Options:
        """What the checker is asked."""
        return Options(
            engine=self.engine,
            workers=self.workers,
            symmetry=self.symmetry,
            properties=None if self.properties is None else tuple(self.properties),
            fail_fast=self.fail_fast,
            simulate=self.simulate,
            seed=self.seed,
            max_states=self.max_states,
            max_depth=self.max_depth,
            max_seconds=self.max_seconds,
            checkpoint=Path(self.checkpoint) if self.checkpoint else None,
            resume=Path(self.resume) if self.resume else None,
            fingerprints=self.fingerprints,
            disk=Path(self.disk) if self.disk else None,
            progress=progress,
        )

    def text(self) -> str:
        """The request as one line of text."""
        return json.dumps(dataclasses.asdict(self))


def parse(text: str) -> Request:
    """The request that :meth:`Request.text` wrote."""
    values = json.loads(text)
    return Request(**{**values, "style": Style(**values["style"])})
