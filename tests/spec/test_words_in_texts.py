"""The texts of `spec/` and the vocabulary in code use the same words, in the same order."""

import re
from pathlib import Path

import pytest

from knell.spec.ids import Hazard, Property
from knell.spec.vocabulary import Cause, MemberState, Message, NodePhase

SPEC = Path(__file__).parents[2] / "spec"
NO_NODE_MESSAGES = {"heartbeat", "acknowledgement"}


def first_column(text, header):
    """Return the words in the first column of the table with this header."""
    table = text.split(f"\n| {header} |", 1)[1].split("\n\n", 1)[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    words = [re.sub(r"\(.*?\)", "", cell) for cell in cells]
    return [word.strip(" `*") for cell in words for word in cell.split(", ")]


@pytest.fixture(scope="module")
def protocol():
    return (SPEC / "PROTOCOL.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def properties():
    return (SPEC / "PROPERTIES.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("header", "words"),
    [("phase | meaning", NodePhase), ("state | meaning", MemberState), ("cause | what", Cause)],
)
def test_the_protocol_lists_the_words(protocol, header, words):
    header = next(line[2:-2] for line in protocol.splitlines() if line.startswith(f"| {header}"))
    assert first_column(protocol, header) == [word.value for word in words]


def test_the_protocol_lists_the_messages(protocol):
    header = "message | signed by | leaves epochs of N | releases"
    listed = [word for word in first_column(protocol, header) if word not in NO_NODE_MESSAGES]
    assert sorted(listed) == sorted(word.value for word in Message)


def test_the_properties_have_a_section_each(properties):
    sections = re.findall(r"^## ([SL]\d+) ", properties, re.MULTILINE)
    assert sections == [each.value for each in Property]


def test_the_hazards_have_a_row_each(properties):
    rows = re.findall(r"^\| (H\d+)\b", properties, re.MULTILINE)
    assert rows == [each.value for each in Hazard]
