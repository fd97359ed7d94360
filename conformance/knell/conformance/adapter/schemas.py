"""The JSON Schemas of the adapter protocol, which the package carries as files.

``python -m knell.conformance.adapter.schemas DIR`` writes them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from knell.conformance.adapter import wire

FOLDER = Path(__file__).with_name("schema")
"""Where the files are."""


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of a request, of a reply, and of what `ok` holds, by name."""
    answers = {f"ok-{name}": kind for name, kind in wire.ANSWERS.items()}
    found = {}
    for name, kind in {"request": wire.Request, **answers}.items():
        found[name] = msgspec.json.schema(kind)
    found["reply"] = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "integer"},
            "ok": {"type": "object"},
            "err": msgspec.json.schema(wire.Error),
        },
        "oneOf": [{"required": ["ok"]}, {"required": ["err"]}],
    }
    for name, schema in found.items():
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["title"] = f"adapter protocol {wire.VERSION}: {name}"
    return found


def write(folder: Path) -> None:
    """Write all schemas into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        text = json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
