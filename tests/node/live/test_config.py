"""A wrong configuration gets one line that says where and what."""

from __future__ import annotations

import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knell.node.runtime.config import load
from knell.node.runtime.epoch import _open_run
from knell.node.runtime.keys import make_key, read_key
from knell.spec.errors import KnellError

GOOD = """
[node]
name = "n1"
key = "n1.key"
state = "state"
run = "run"
[[peer]]
name = "n1"
address = "127.0.0.1:7100"
urgent = "127.0.0.1:7101"
key = "00"
[[peer]]
name = "n2"
address = "127.0.0.1:7102"
urgent = "127.0.0.1:7103"
key = "00"
[[group]]
name = "orders"
nodes = ["n1", "n2"]
takeover = "lease"
"""


def test_a_good_one_is_taken(tmp_path):
    path = tmp_path / "n1.toml"
    path.write_text(GOOD)
    settings = load(path).settings
    assert settings.peers == ("n2",)
    assert settings.group("orders").nodes == ("n1", "n2")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"n1"\nkey', '"n9"\nkey', "node.name: 'n9' is not among the peers"),
        ('takeover = "lease"', 'takeover = "loan"', "group[0].takeover: Invalid enum value"),
        ('nodes = ["n1", "n2"]', 'nodes = ["n3"]', "no node is called 'n3'"),
        ("127.0.0.1:7103", "127.0.0.1:7102", "two addresses are the same"),
        ("127.0.0.1:7103", "localhost:7103", "'localhost:7103' is no address"),
        ("[[group]]", "[timers]\nlost = 300\n[[group]]", "timers.lost: is less than 5 beats"),
        ("[[group]]", "[[group]]\ncolour = 1", "unknown field `colour`"),
        ('takeover = "lease"', 'depends_on = ["orders"]', "dependencies form a cycle"),
        ("[node]", "[node", "is no TOML"),
        ("[node]", f"x = {'[' * 9_999}", "is nested too deeply"),
        ("127.0.0.1:7103", "[::1]:7103", "some addresses are IPv4 and some IPv6"),
        ("127.0.0.1:7103", "0.0.0.0:7103", "is no address of one host"),
        ("127.0.0.1:7103", "224.0.0.1:7103", "is no address of one host"),
        ("[[group]]", "[timers]\nlease = 86400001\n[[group]]", "timers.lease: must be above 0"),
        ("[[group]]", "[timers]\nwatch = 99\n[[group]]", "timers.watch: is less than 100"),
        ('run = "run"', f'run = "{"r" * 120}"', "node.run: is too long for sockets, by "),
    ],
)
def test_a_wrong_one_is_refused_in_one_line(tmp_path, old, new, said):
    path = tmp_path / "n1.toml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(KnellError) as caught:
        load(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_that_others_can_read_is_refused(tmp_path):
    path = tmp_path / "n1.key"
    make_key(path)
    read_key(path)
    path.chmod(0o640)
    with pytest.raises(KnellError, match="readable by others"):
        read_key(path)
    with pytest.raises(KnellError, match="exists already"):
        make_key(path)


@pytest.mark.parametrize("name", ["notes.txt", "engine.sock"])
def test_a_folder_that_is_not_the_nodes_own_stays_as_it_is(tmp_path, name):
    """With `run = "/tmp"` a node closed that to everybody else."""
    tmp_path.chmod(0o755)
    (tmp_path / name).touch()
    with pytest.raises(KnellError, match=f"holds '{name}', which is no socket"):
        _open_run(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    (tmp_path / name).unlink()
    _open_run(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


VALUES = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(
        [
            *[
                '""',
                '"n1"',
                "true",
                "nan",
                "1e400",
                "[]",
                "{a=1}",
                "1979-05-27",
                '["n1","n1"]',
                '"::1:7100"',
                '"0.0.0.0:1"',
            ],
            "9" * 5_000,
            f'"{"a" * 999}"',
        ]
    ),
    st.text(max_size=20).map(repr),
)
KEYS = "name key state run address urgent nodes takeover critical depends_on users watch lost keys"
TABLES = "[timers] [limits] [operators] [[group]] [[peer]] [node] [x] [[[ [timers.beat]"
EDITS = st.lists(
    st.tuples(
        st.integers(0, len(GOOD.splitlines()) - 1),
        st.booleans(),
        st.one_of(
            st.tuples(st.sampled_from(KEYS.split()), VALUES).map(" = ".join),
            st.sampled_from(TABLES.split()),
            st.text(max_size=30),
        ),
    ),
    max_size=5,
)


@settings(max_examples=150)
@given(edits=EDITS)
def test_whatever_stands_there_is_taken_or_refused_in_one_line(tmp_path_factory, edits):
    lines = GOOD.splitlines()
    for at, insert, line in edits:
        lines[at : at + (not insert)] = [line]
    path = tmp_path_factory.getbasetemp() / "fuzzed.toml"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    said = ""
    try:
        load(path)
    except KnellError as error:
        said = str(error)
    assert "\n" not in said
