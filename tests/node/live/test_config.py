"""A wrong configuration gets one line that says where and what."""

from __future__ import annotations

import pytest

from knell.node.runtime.config import load
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
