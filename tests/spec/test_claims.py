"""The loader of claims: what it takes, and what it says about what it refuses."""

import pytest

from knell.spec.claims import Claim, ClaimsError, load_claims
from knell.spec.ids import CLAIM_IDS, Property


def table(name, **changes):
    keys = {
        "id": f'"{name}"',
        "text": '"It is demanded."',
        "section": '"§7.1"',
        "actions": '["detect"]',
        "properties": '["S2", "L1"]',
        "scenario": '"fail a node"',
    } | changes
    lines = [f"{key} = {value}" for key, value in keys.items() if value is not None]
    return "\n".join(["[[claim]]", *lines, ""])


@pytest.fixture
def write(tmp_path):
    """Write a file of thirty claims, of which C5 may be changed or left out."""

    def write(c5=None, more=""):
        path = tmp_path / "claims.toml"
        tables = [table(name) if name != "C5" or c5 is None else c5 for name in CLAIM_IDS]
        path.write_text("\n".join([*tables, more]), encoding="utf-8")
        return path

    return write


def test_all_claims_are_loaded_in_order(write):
    claims = load_claims(write())
    assert tuple(claims) == CLAIM_IDS
    assert claims["C5"] == Claim(
        id="C5",
        text="It is demanded.",
        section="§7.1",
        actions=("detect",),
        properties=(Property.S2, Property.L1),
        scenario="fail a node",
    )


@pytest.mark.parametrize(
    ("c5", "line"),
    [
        ("", "here stands C6, where C5 belongs; give each of C1 to C30 once and in order"),
        (table("C6"), "here stands C6, where C5 belongs"),
        ("[[claim", "claims.toml: not TOML"),
        ("[other]", "other: unknown key; use [[claim]] only"),
        (table("C31"), "claim[4].id: unknown claim C31; claims are C1 to C30"),
        (table("C5", id=None), "claim[4].id: a text is needed here"),
        (table("C5", more="1"), "C5.more: unknown key; keys are id, text, section, actions"),
        (table("C5", text=None), "C5.text: a text is needed here"),
        (table("C5", text='" "'), "C5.text: a text is needed here"),
        (table("C5", section=None), "C5.section: a text is needed here"),
        (table("C5", scenario="3"), "C5.scenario: a text is needed here"),
        (table("C5", actions=None), "C5.actions: a list of names is needed here"),
        (table("C5", actions="[]"), "C5.actions: a list of names is needed here"),
        (table("C5", actions='["a", ""]'), "C5.actions[1]: is no name"),
        (table("C5", actions='["a", "a"]'), "C5.actions[1]: a stands here twice; drop one"),
        (table("C5", properties='["S2", "S16"]'), "C5.properties[1]: unknown property S16"),
    ],
)
def test_a_wrong_table_is_refused_in_one_line(write, c5, line):
    path = write(c5)
    with pytest.raises(ClaimsError) as caught:
        load_claims(path)
    assert line in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_claim_too_many_is_refused(write):
    with pytest.raises(ClaimsError, match="here stands C1, where no claim belongs"):
        load_claims(write(more=table("C1")))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "claims.toml: claim C1 is missing; add id = .C1."),
        ("claim = 3", r"claim: is no list; write it as \[\[claim\]\]"),
        ("claim = [3]", r"claim\[0\]: is no table; write it as \[\[claim\]\]"),
    ],
)
def test_a_file_without_claims_is_refused(tmp_path, text, line):
    path = tmp_path / "claims.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ClaimsError, match=line):
        load_claims(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ClaimsError, match="cannot be read: No such file"):
        load_claims(tmp_path / "none.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "claims.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ClaimsError, match="is not UTF-8 text"):
        load_claims(path)


def test_the_project_has_evidence_for_all_thirty():
    claims = load_claims()
    assert tuple(claims) == CLAIM_IDS
