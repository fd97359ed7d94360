"""The results of measuring, as a table and a picture."""

from xml.etree import ElementTree as ET

from knell.bench.rows import picture, row, table

ROWS = [
    row("search", 2.0, "s", ("SPIN dfs", 30.0)),
    row("walks", 5000.0, "/s", ("reference", 100.0), more_is_better=True),
    row("a & b", 0.01234, "s"),
]


def test_a_ratio_says_how_many_times_better() -> None:
    assert [each.ratio for each in ROWS] == [15.0, 50.0, None]


def test_the_json_has_the_fields_that_scripts_rely_on() -> None:
    assert ROWS[0].json() == {
        "name": "search",
        "ours": 2.0,
        "unit": "s",
        "peer": "SPIN dfs",
        "peer_value": 30.0,
        "ratio": 15.0,
    }


def test_the_table_is_aligned() -> None:
    assert table(ROWS) == [
        "search    2.00 s  SPIN dfs: 30.0 s   15.0 times",
        "walks   5,000 /s  reference: 100 /s  50.0 times",
        "a & b   0.0123 s",
    ]


def test_the_picture_is_well_formed() -> None:
    root = ET.fromstring(picture(ROWS))  # noqa: S314  # our own
    bars = root.findall("{http://www.w3.org/2000/svg}rect")
    assert len(bars) == 2
