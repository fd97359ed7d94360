"""ITF expressions: from JSON to values and back.

The Informal Trace Format (ADR 015 of the Apalache model checker) writes the
values of a state as JSON, with an object of one `#` key for what JSON lacks. This
module reads every form of it, in both revisions (the older one also allows plain
JSON integers), and writes the newer one.

Every error names its place in the document as a path, such as
`$.states[2].phase["#map"][0][1]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from knell.spec.errors import TraceError
from knell.spec.strict_json import Json
from knell.spec.values import Map, Opaque, Record, Seq, Value, order

_INTEGER: Final = re.compile(r"-?[0-9]+")
_LARGEST_PLAIN: Final = 2**53 - 1  # beyond it, some JSON parsers lose digits
_MOST_DIGITS: Final = 4000  # Python converts about this many by default
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def below(path: str, key: str | int) -> str:
    """Extend a JSON path by a field or an index.

    >>> below(below("$", "states"), 0), below("$", "#meta")
    ('$.states[0]', '$["#meta"]')
    """
    if isinstance(key, int):
        return f"{path}[{key}]"
    if _PLAIN_NAME.fullmatch(key):
        return f"{path}.{key}"
    return f'{path}["{key}"]'


def decode(json: Json, path: str) -> Value:
    """Return the value that an ITF expression stands for.

    Raises:
        TraceError: It stands for none; the place is `path` or below.
    """
    match json:
        case bool():
            return json
        case str():
            return json
        case int():
            if abs(json) > _LARGEST_PLAIN:
                raise TraceError(
                    "a plain integer beyond 2^53 loses digits in some tools",
                    place=path,
                    mend=f'write {{"#bigint": "{json}"}}',
                )
            return json
        case float():
            raise TraceError(f"{json} is no integer", place=path, mend="traces hold integers only")
        case None:
            raise TraceError("null is no value", place=path, mend="write a value")
        case list():
            return Seq(_decode_all(json, path))
        case dict():
            return _decode_object(json, path)


def _decode_all(items: list[Json], path: str) -> list[Value]:
    return [decode(item, below(path, index)) for index, item in enumerate(items)]


def _decode_object(json: dict[str, Json], path: str) -> Value:
    special = next((key for key in json if key.startswith("#")), None)
    if special is None:
        return Record((key, decode(item, below(path, key))) for key, item in json.items())
    decoder = _DECODERS.get(special)
    if decoder is None:
        raise TraceError(
            f"unknown form {special}", place=path, mend=f"forms are {', '.join(_DECODERS)}"
        )
    if len(json) > 1:
        raise TraceError(
            f"an object with {special} has other keys too", place=path, mend="remove them"
        )
    return decoder(json[special], below(path, special))


def _decode_bigint(json: Json, path: str) -> int:
    if not isinstance(json, str) or not _INTEGER.fullmatch(json):
        raise TraceError("is no integer in a string", place=path, mend='write digits, "-12"')
    if len(json) > _MOST_DIGITS:
        raise TraceError(f"has {len(json)} digits", place=path, mend=f"use up to {_MOST_DIGITS}")
    return int(json)


def _decode_tuple(json: Json, path: str) -> tuple[Value, ...]:
    return tuple(_decode_all(_list(json, path), path))


def _decode_set(json: Json, path: str) -> frozenset[Value]:
    items = _decode_all(_list(json, path), path)
    elements = frozenset(items)
    # To Python `True == 1`, so a set of both would silently lose one of them.
    if len(elements) < len(items) and len(elements) < len({order(item) for item in items}):
        raise TraceError(
            "holds both a truth value and its number", place=path, mend="use values of one kind"
        )
    return elements


def _decode_map(json: Json, path: str) -> Map:
    table: dict[Value, Value] = {}
    for index, pair in enumerate(_list(json, path)):
        place = below(path, index)
        if not isinstance(pair, list) or len(pair) != 2:
            raise TraceError("is no pair", place=place, mend="write [key, value]")
        key = decode(pair[0], below(place, 0))
        if key in table:
            raise TraceError("this key stands here twice", place=place, mend="keep one pair")
        table[key] = decode(pair[1], below(place, 1))
    return Map(table)


def _decode_opaque(json: Json, path: str) -> Opaque:
    if not isinstance(json, str):
        raise TraceError("is no string", place=path, mend="write the value as text")
    return Opaque(json)


def _list(json: Json, path: str) -> list[Json]:
    if not isinstance(json, list):
        raise TraceError("is no list", place=path, mend="write [...]")
    return json


_DECODERS: Final[Mapping[str, Callable[[Json, str], Value]]] = {
    "#bigint": _decode_bigint,
    "#tup": _decode_tuple,
    "#set": _decode_set,
    "#map": _decode_map,
    "#unserializable": _decode_opaque,
}


def encode(value: Value) -> Json:
    """Return the value as an ITF expression, ready for `json`.

    Sets are sorted and functions keep their order, so that equal traces of one
    maker are equal files.
    """
    match value:
        case bool():
            return value
        case str():
            return str(value)
        case int():
            return {"#bigint": str(value)}
        case Seq():
            return [encode(item) for item in value]
        case tuple():
            return {"#tup": [encode(item) for item in value]}
        case frozenset():
            return {"#set": [encode(item) for item in sorted(value, key=order)]}
        case Map():
            return {"#map": [[encode(key), encode(item)] for key, item in value.items()]}
        case Record():
            return {_field(key): encode(item) for key, item in value.items()}
        case Opaque():
            return {"#unserializable": value.text}


def _field(name: str) -> str:
    if name.startswith("#"):
        raise TraceError(f"a record has a field {name}", mend="begin no field's name with #")
    return name
