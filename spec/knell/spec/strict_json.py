"""JSON as the standard has it, and no further.

Python's reader takes more than JSON allows, and forgives what later hurts: a key
that stands twice, `NaN`, half a character. A file of a user is refused here, in one
line, before anything relies on it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NoReturn, TypeAlias

from knell.spec.errors import TraceError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MOST_NESTED: Final = 100
"""How deep lists and objects may be nested, so that no reader runs out of stack."""


def read_file(path: Path) -> str:
    """Return the text of a file.

    Raises:
        TraceError: The file can't be read, or isn't UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise TraceError(
            f"cannot be read: {error.strerror}", place=str(path), mend="name a readable file"
        ) from None
    except UnicodeDecodeError as error:
        raise TraceError(
            f"byte {error.start} is not UTF-8", place=str(path), mend="save the file as UTF-8"
        ) from None


def parse_json(text: str, source: str) -> Json:
    """Return the JSON document that the text holds.

    Args:
        text: The document.
        source: The name that errors give to it.

    Raises:
        TraceError: The text isn't JSON, or no two readers would agree on it.
    """
    try:
        document: Json = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
        # Half of a surrogate pair can be written in JSON, but not in any file.
        json.dumps(document, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise TraceError(
            f"not JSON: {error.msg}",
            place=f"{source}:{error.lineno}:{error.colno}",
            mend="correct the syntax there",
        ) from None
    except UnicodeEncodeError:
        raise TraceError(
            "a text holds half of a surrogate pair", place=source, mend="write whole characters"
        ) from None
    except TraceError as error:
        raise TraceError(error.message, place=source, mend=error.mend) from None
    except ValueError:
        # An integer of more digits than Python is ready to convert.
        raise TraceError("a number is too long", place=source, mend="write it shorter") from None
    except RecursionError:
        raise _too_deep(source) from None
    if _nesting(document) > MOST_NESTED:
        raise _too_deep(source)
    return document


def _too_deep(source: str) -> TraceError:
    return TraceError(
        f"lists and objects are nested more than {MOST_NESTED} deep",
        place=source,
        mend="write it flatter",
    )


def _nesting(document: Json) -> int:
    """Return how deep lists and objects are nested, without recursion."""
    depth, level = 0, _containers([document])
    while level:
        depth += 1
        level = _containers(
            item for each in level for item in (each.values() if isinstance(each, dict) else each)
        )
    return depth


def _containers(items: Iterable[Json]) -> list[list[Json] | dict[str, Json]]:
    return [item for item in items if isinstance(item, list | dict)]


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result: dict[str, Json] = {}
    for key, value in pairs:
        if key in result:
            raise TraceError(f'one object has the key "{key}" twice', mend="keep one of them")
        result[key] = value
    return result


def _no_constant(name: str) -> NoReturn:
    raise TraceError(f"{name} is no JSON", mend="write a finite number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise TraceError(f"{text} is out of range", mend="write a smaller number")
    return number
