"""The generated documents are as the code says."""

from __future__ import annotations

import pytest

from knell.cli.docs import ROOT, documents


@pytest.mark.parametrize("name", ["spec/CLI.md", "spec/CLAIMS.md"])
def test_is_fresh(name) -> None:
    path = ROOT / name
    text = documents()[path]
    assert path.read_text(encoding="utf-8") == text, "run: make docs"


def test_help_fits_a_narrow_terminal() -> None:
    text = documents()[ROOT / "spec" / "CLI.md"]
    assert all(len(line) <= 80 for line in text.splitlines())
