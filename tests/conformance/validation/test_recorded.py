"""Logs of real nodes: good ones are explained, each damaged copy is found out at its line."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from knell.conformance.validation import MalformedLogError, Verdict, validate

LOGS = sorted((Path(__file__).parents[1] / "logs").glob("*.ndjson"))
BURSTS = Path(__file__).parent / "bursts.ndjson"
"""A live log of leases on a machine that stalls: grants arrive several at a time."""

SAMPLE = 6


def lines_of(path):
    return [json.loads(text) for text in path.read_text().splitlines()]


def judged(tmp_path, lines):
    path = tmp_path / "log.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (verdict,) = validate([path])
    return verdict


def malformed_at(tmp_path, lines, number, what):
    with pytest.raises(MalformedLogError, match=what) as caught:
        judged(tmp_path, lines)
    assert caught.value.place == f"{tmp_path}/log.ndjson:{number}"


def rejected_at(tmp_path, lines, *numbers):
    """Rejected at that line, or at one of those."""
    verdict = judged(tmp_path, lines)
    assert verdict.verdict is Verdict.REJECT
    places = {rejection.place for rejection in verdict.rejections}
    assert places & {f"{tmp_path}/log.ndjson:{number}" for number in numbers}, verdict.rejections
    return verdict


def positions(lines, holds, seed):
    """Some positions whose line is such, always the same."""
    found = [at for at, line in enumerate(lines) if holds(at, line)]
    return random.Random(seed).sample(found, min(SAMPLE, len(found)))  # noqa: S311 # no secret


def has_next(lines, at):
    """Whether the next line is of the same epoch."""
    return at + 1 < len(lines) and lines[at + 1]["seq"] == lines[at]["seq"] + 1


def test_there_are_five():
    assert len(LOGS) == 5


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
class TestLog:
    def test_is_explained(self, path):
        (verdict,) = validate([path])
        assert (verdict.verdict, verdict.explained) == (Verdict.ACCEPT, verdict.lines)

    def test_the_order_in_the_file_says_nothing(self, path, tmp_path):
        lines = lines_of(path)
        random.Random(3).shuffle(lines)  # noqa: S311 # no secret
        assert judged(tmp_path, lines).verdict is Verdict.ACCEPT

    def test_times_say_nothing(self, path, tmp_path):
        lines = [{**line, "t": -index} for index, line in enumerate(lines_of(path))]
        assert judged(tmp_path, lines).verdict is Verdict.ACCEPT

    def test_a_line_that_is_missing(self, path, tmp_path):
        lines = lines_of(path)
        for at in positions(lines, lambda at, _: has_next(lines, at), 1):
            damaged = lines[:at] + lines[at + 1 :]
            malformed_at(tmp_path, damaged, at + 1, "is missing before this one")

    def test_a_line_that_comes_twice(self, path, tmp_path):
        lines = lines_of(path)
        for at in positions(lines, lambda *_: True, 2):
            malformed_at(tmp_path, [*lines[: at + 1], *lines[at:]], at + 2, "twice")

    def test_a_torn_line(self, path, tmp_path):
        text = path.read_text()
        for cut in (len(text) - 1, len(text) - 40):
            torn = tmp_path / "torn.ndjson"
            torn.write_text(text[:cut])
            with pytest.raises(MalformedLogError, match="torn"):
                validate([torn])

    def test_an_end_that_is_missing(self, path, tmp_path):
        """An epoch may end anywhere, unless others heard what it said later."""
        lines = lines_of(path)
        last = max(at for at, line in enumerate(lines) if line["node"] == "n1")
        assert judged(tmp_path, lines[:last] + lines[last + 1 :]).verdict is Verdict.ACCEPT
        heard = {line["caused_by"] for line in lines}
        said = min(at for at, line in enumerate(lines) if line["msg_id"] in heard - {None})
        node = lines[said]["node"]
        kept = [line for at, line in enumerate(lines) if line["node"] != node or at < said]
        number = 1 + min(
            at for at, line in enumerate(kept) if line["caused_by"] == lines[said]["msg_id"]
        )
        if any(line["node"] == node for line in kept) and _declares_no_loss(kept):
            malformed_at(tmp_path, kept, number, "nobody has sent")

    def test_a_message_that_nobody_sent(self, path, tmp_path):
        lines = lines_of(path)
        if not _declares_no_loss(lines):
            pytest.skip("where lines were lost, messages may be unknown")
        for at in positions(lines, lambda _, line: line["caused_by"], 4):
            damaged = [*lines]
            damaged[at] = {**lines[at], "caused_by": "DISTRESS:n1:7:7"}
            malformed_at(tmp_path, damaged, at + 1, "nobody has sent")

    @pytest.mark.parametrize(
        ("record", "told"),
        [
            ("phase", "quiesced"),
            ("view", ["n1.1", "n2.1", "n3.1"]),
            ("left", {"n1": 1, "n2": 1, "n3": 1}),
            ("partitioned", ["n1.1", "n2.1", "n3.1"]),
            ("primary", ["front", "store"]),
            ("member", {"store": "gone"}),
        ],
    )
    def test_a_record_that_was_altered(self, path, tmp_path, record, told):
        lines = lines_of(path)

        def is_wrong(_, line):
            value = line["post"].get(record)
            if record == "member" and value is not None:
                return value.get("store") != "gone"
            if record == "primary" and value is not None:
                return set(value) != set(told)
            return value is not None and value != told and line["action"] != "end_clustering"

        for at in positions(lines, is_wrong, 5):
            damaged = [*lines]
            damaged[at] = {**lines[at], "post": {**lines[at]["post"], record: told}}
            rejected_at(tmp_path, damaged, at + 1)

    def test_an_action_that_was_altered(self, path, tmp_path):
        lines = lines_of(path)
        for old, new in (("quiesce", "end_clustering"), ("end_clustering", "request_stop")):
            for at in positions(lines, lambda _, line, old=old: line["action"] == old, 6):
                damaged = [*lines]
                damaged[at] = {**lines[at], "action": new}
                verdict = rejected_at(tmp_path, damaged, at + 1)
                assert any("fails" in why for r in verdict.rejections for why in r.reasons)

    def test_two_lines_that_changed_places(self, path, tmp_path):
        """What a node did first it says second."""
        lines = lines_of(path)
        pairs = {("quiesce", "end_clustering"), ("propose", "commit"), ("restart", "member_joins")}

        def depends(at, line):
            after = lines[at + 1] if has_next(lines, at) else line
            names = line["action"], after["action"]
            return names in pairs and (names[0] != "propose" or line["args"] == after["args"])

        found = positions(lines, depends, 7)
        assert found
        for at in found:
            damaged = [*lines]
            first, second = lines[at], lines[at + 1]
            damaged[at] = {**second, "seq": first["seq"]}
            damaged[at + 1] = {**first, "seq": second["seq"]}
            if first["action"] == "restart":
                malformed_at(tmp_path, damaged, at + 1, "tells no config")
            else:
                # Where lines were lost, the first may stand for one of them; not the second.
                rejected_at(
                    tmp_path, damaged, at + 1, *([] if _declares_no_loss(lines) else [at + 2])
                )

    def test_values_that_there_are_not(self, path, tmp_path):
        lines = lines_of(path)
        for at in positions(lines, lambda _, line: line["args"], 8):
            for name, value in lines[at]["args"].items():
                damaged = [*lines]
                damaged[at] = {**lines[at], "args": {**lines[at]["args"], name: f"{value}9"}}
                rejected_at(tmp_path, damaged, at + 1)


def _declares_no_loss(lines):
    epochs = {(line["node"], line["epoch"]) for line in lines}
    return all(line["action"] != "lines_lost" for line in lines) and len(epochs) == len(
        {node for node, _ in epochs}
    )


def test_each_of_several_grants_under_way_extends_the_lease():
    (run,) = validate([BURSTS])
    assert (run.verdict, run.why) == (Verdict.ACCEPT, "")
