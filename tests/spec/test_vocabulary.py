"""The vocabulary: complete, described, and the same text everywhere."""

import json
import pickle

import pytest

from knell.spec.ids import CLAIM_IDS, Hazard, Property
from knell.spec.vocabulary import CLAIMED_CAUSES, Cause, MemberState, Message, NodePhase

VOCABULARIES = [NodePhase, MemberState, Cause, Message, Property, Hazard]
WORDS = [word for words in VOCABULARIES for word in words]


@pytest.mark.parametrize("word", WORDS, ids=repr)
def test_each_word_is_described_in_one_line(word):
    assert word.about.endswith(".")
    assert word.about.isprintable()
    assert len(word.about) <= 100


@pytest.mark.parametrize("words", VOCABULARIES)
def test_descriptions_differ(words):
    assert len({word.about for word in words}) == len(words)


@pytest.mark.parametrize("word", WORDS, ids=repr)
def test_a_word_is_the_same_text_in_code_logs_and_json(word):
    assert word == word.value == str(word) == f"{word}"
    assert json.loads(json.dumps(word)) == word
    assert type(word)(word.value) is word
    assert pickle.loads(pickle.dumps(word)) is word  # noqa: S301  # our own bytes


@pytest.mark.parametrize("words", [NodePhase, MemberState, Cause, Message])
def test_names_and_values_agree(words):
    assert all(word.name == word.value.upper() for word in words)


def test_ids_are_complete_and_in_order():
    assert [p.value for p in Property if p.is_safety] == [f"S{n}" for n in range(1, 16)]
    assert [p.value for p in Property if not p.is_safety] == [f"L{n}" for n in range(1, 7)]
    assert [h.value for h in Hazard] == [f"H{n}" for n in range(1, 18)]
    assert CLAIM_IDS[0] == "C1"
    assert CLAIM_IDS[-1] == "C30"
    assert len(CLAIM_IDS) == 30


def test_the_claimed_causes_are_the_first_ones():
    assert tuple(Cause)[: len(CLAIMED_CAUSES)] == CLAIMED_CAUSES


def test_an_unknown_word_is_refused():
    with pytest.raises(ValueError, match="boredom"):
        Cause("boredom")
