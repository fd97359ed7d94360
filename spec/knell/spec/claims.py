"""The claims and their evidence, loaded from `spec/claims.toml`.

The file holds one table for each claim, in order:

```toml
[[claim]]
id = "C2"                           # C1 to C30
text = "What the claim demands."
section = "§7.3"                    # where spec/PROTOCOL.md realizes it
actions = ["detect_by_cc"]          # actions of the model that realize it
properties = ["S15", "L1"]          # properties that show it
scenario = "What happens in it."    # the run of the implementation that shows it
```

An error names the file, the key and the mend. Whether the actions exist can only
be judged where the model is known, so it is not judged here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from itertools import zip_longest
from pathlib import Path
from typing import Any

from knell.spec.errors import KnellError
from knell.spec.ids import CLAIM_IDS, Property

_FILE = "claims.toml"
_KEYS = ("id", "text", "section", "actions", "properties", "scenario")


class ClaimsError(KnellError):
    """The table of claims is malformed or incomplete."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim and the evidence for it.

    Attributes:
        id: C1 to C30.
        text: What the claim demands.
        section: The section of the protocol's text that realizes it.
        actions: The model's actions that realize it.
        properties: The properties that show it.
        scenario: The scenario of the implementation that shows it.
    """

    id: str
    text: str
    section: str
    actions: tuple[str, ...]
    properties: tuple[Property, ...]
    scenario: str


def load_claims(path: Path | None = None) -> dict[str, Claim]:
    """Load all claims, by id and in order.

    Args:
        path: The file to load; by default the project's own.

    Raises:
        ClaimsError: The file can't be read, is malformed, or lacks a claim.
    """
    source, text = _read(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ClaimsError(f"not TOML: {error}", place=source, mend="correct the syntax") from None
    claims = [_claim(table, source, index) for index, table in enumerate(_tables(document, source))]
    for expected, claim in zip_longest(CLAIM_IDS, claims):
        if claim is None:
            raise ClaimsError(
                f"claim {expected} is missing", place=source, mend=f'add id = "{expected}"'
            )
        if claim.id != expected:
            raise ClaimsError(
                f"here stands {claim.id}, where {expected or 'no claim'} belongs",
                place=source,
                mend=f"give each of {CLAIM_IDS[0]} to {CLAIM_IDS[-1]} once and in order",
            )
    return {claim.id: claim for claim in claims}


def _read(path: Path | None) -> tuple[str, str]:
    """Return the name of the file and its text.

    An installed package holds the file beside this module; a checkout holds it
    where readers look for it, at the top of `spec/`.
    """
    if path is None:
        packaged = resources.files("knell.spec") / _FILE
        if packaged.is_file():
            return _FILE, packaged.read_text(encoding="utf-8")
        path = Path(__file__).parents[2] / _FILE
    try:
        return str(path), path.read_text(encoding="utf-8")
    except OSError as error:
        raise ClaimsError(
            f"cannot be read: {error.strerror}", place=str(path), mend="name a readable file"
        ) from None
    except UnicodeDecodeError:
        raise ClaimsError("is not UTF-8 text", place=str(path), mend="save it as UTF-8") from None


def _tables(document: Mapping[str, Any], source: str) -> list[Any]:
    for key in document:
        if key != "claim":
            raise ClaimsError("unknown key", place=f"{source}: {key}", mend="use [[claim]] only")
    tables = document.get("claim", [])
    if not isinstance(tables, list):
        raise ClaimsError("is no list", place=f"{source}: claim", mend="write it as [[claim]]")
    return tables


def _claim(table: object, source: str, index: int) -> Claim:
    place = f"{source}: claim[{index}]"
    if not isinstance(table, dict):
        raise ClaimsError("is no table", place=place, mend="write it as [[claim]]")
    name = _string(table, "id", place)
    if name not in CLAIM_IDS:
        raise ClaimsError(
            f"unknown claim {name}",
            place=f"{place}.id",
            mend=f"claims are {CLAIM_IDS[0]} to {CLAIM_IDS[-1]}",
        )
    place = f"{source}: {name}"
    for key in table:
        if key not in _KEYS:
            raise ClaimsError(
                "unknown key", place=f"{place}.{key}", mend=f"keys are {', '.join(_KEYS)}"
            )
    return Claim(
        id=name,
        text=_string(table, "text", place),
        section=_string(table, "section", place),
        actions=_strings(table, "actions", place),
        properties=tuple(
            _property(value, f"{place}.properties[{position}]")
            for position, value in enumerate(_strings(table, "properties", place))
        ),
        scenario=_string(table, "scenario", place),
    )


def _string(table: Mapping[str, Any], key: str, place: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ClaimsError(
            "a text is needed here", place=f"{place}.{key}", mend=f'write {key} = "..."'
        )
    return value


def _strings(table: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    values = table.get(key)
    mend = f'write {key} = ["...", ...]'
    if not isinstance(values, list) or not values:
        raise ClaimsError("a list of names is needed here", place=f"{place}.{key}", mend=mend)
    for index, value in enumerate(values):
        if not isinstance(value, str) or not value.strip():
            raise ClaimsError("is no name", place=f"{place}.{key}[{index}]", mend=mend)
        if value in values[:index]:
            raise ClaimsError(
                f"{value} stands here twice", place=f"{place}.{key}[{index}]", mend="drop one"
            )
    return tuple(values)


def _property(value: str, place: str) -> Property:
    try:
        return Property(value)
    except ValueError:
        raise ClaimsError(
            f"unknown property {value}", place=place, mend="properties are S1 to S15 and L1 to L6"
        ) from None
