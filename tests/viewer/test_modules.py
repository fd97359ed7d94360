"""The page's modules: small, and our own. That they are typed is a matter of `make lint`."""

import re
from pathlib import Path

import pytest

import knell.viewer

WEB = Path(knell.viewer.__file__).with_name("web")


@pytest.mark.parametrize("path", sorted(WEB.glob("*.js")), ids=lambda path: path.name)
def test_each_module_is_small_says_what_it_is_for_and_makes_no_markup(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("/**")
    assert text.count("\n") <= 400
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b", text)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
