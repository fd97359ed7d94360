"""The terminal face: the same facts as the page, in 80 columns, plain when piped."""

import re
from dataclasses import replace

import pytest

from knell.cli.console import Style
from knell.spec.trace import dump
from knell.viewer import bundle_of, render_text
from tests.viewer import makers


@pytest.fixture(scope="module")
def one_signal_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("traces") / "S2.itf.json"
    dump(makers.one_signal()[0], path)
    return path


def told(bundle, *, other=None, step=None, width=80, color=False):
    return render_text(bundle, Style(color, width), other, step)


@pytest.mark.parametrize("width", [80, 60, 100])
@pytest.mark.parametrize("kind", ["one_signal", "two_epochs", "stuttering", "looping"])
def test_every_line_fits(request, kind, width):
    bundle = request.getfixturevalue(kind)
    lines = told(bundle, width=width) + told(bundle, step=2, width=width)
    assert [line for line in lines if len(line) > width] == []


def test_the_story_has_the_facts_of_the_page(one_signal):
    text = "\n".join(told(one_signal))
    assert "✗ S2 is violated (C8, C28, C29, C30): At any moment at most one node" in text
    assert "In step 4 n3 breaks it by promote(o=n3, g=g1): one_primary does not hold" in text
    assert "primary[n3, g1] = true: step 4, promote(o=n3, g=g1)" in text
    assert "step 4 was allowed since released[n3, g1, n1] = true: step 3" in text
    flat = " ".join(text.split())
    assert "hear_distress(o=n3, i=n1), which set released[n3, g1, n1] = true." in flat
    assert "released[n3, g1, n1] = false instead of true, and 2 more." in flat
    assert "Step 4, promote(o=n3, g=g1), is not allowed: earlier_released does not hold" in text
    assert re.search(r"2 +● failing +│ +│ +detect_by_cc\(i=n1, c=fault\)", text)
    assert re.search(r"3 +├─distress─+▶● +hear_distress\(o=n3, i=n1\)", text)
    assert "+ released[n3, g1, n1] [n3, g2, n1]" in text


def test_a_divergence_says_what_was_expected_and_what_was_observed():
    text = "\n".join(told(makers.diverging()[1]))
    assert "✗ The implementation differs from the model" in text
    assert "Step 4, promote(o=n3, g=g1), has another outcome there." in text
    assert "primary[n3, g1]: expected true, observed false" in text
    assert "prevented" not in text


def test_a_divergence_of_another_shape_is_no_trouble():
    trace, _ = makers.diverging()
    for odd in ("D-1", {"id": 3}, {"id": "x", "step": "y", "enabled": True, "findings": [3, {}]}):
        bundle = bundle_of(replace(trace, meta={**trace.meta, "divergence": odd}), "odd")
        assert told(bundle)


def test_one_moment(one_signal):
    text = "\n".join(told(one_signal, step=3))
    assert "promote(o=n3, g=g1) ✗ breaks S2 one_primary" in text
    assert "quiesce(i=n1): members_out" in text
    assert "heard: [n3, n1]" in text
    assert "does not hold here" not in text
    after = "\n".join(told(one_signal, step=4))
    assert "✗ S2 one_primary" in after
    assert "already broken" in after
    assert "breaks S2" not in after
    assert "act(i=n2, g=g1) changes nothing" in after


def test_a_loop(looping):
    text = "\n".join(told(looping))
    assert "the loop starts with the state below" in text
    assert re.search(r"↺ back to the state after step \d+, and so on for ever", text)
    assert "taken (weak): hand_on" in text
    assert "waits for mood[p3] = served, which never comes" in text


def test_a_run_that_stands_still(stuttering):
    text = "\n".join(told(stuttering, width=200))
    assert "↺ nobody is obliged to move" in text
    assert "would have to happen" in text
    assert re.search(r"member\[n\d, g\d\] = notified: step \d, notify_member", text)
    assert len(re.findall("never enabled to change anything", text)) == 1
    assert "✗ L1" not in text.partition("start")[2]


def test_two_traces(one_signal, repaired):
    text = " ".join(" ".join(told(one_signal, other=repaired)).split())
    assert "The first 3 states are the same; they part at step 3: hear_distress" in text
    assert (
        "Under the second's configuration, the first's step 3 would not set "
        "released[n3, g1, n1], so step 4 would not be allowed." in text
    )
    assert "the same up to step 2" in text
    assert "one-signal (signals = 1): S2 is violated" in text
    assert "default (signals = 2): S2_failover can be reached" in text


def test_two_traces_that_are_the_same_are_told_in_a_line(one_signal):
    lines = told(one_signal, other=one_signal)
    assert lines == ["The traces are the same from start to end."]


def test_many_lanes_and_none():
    wide = makers.walk("ewd840", 5)[1]
    assert all(len(line) <= 40 for line in told(wide, width=40))
    assert "start" in "\n".join(told(makers.walk("die-hard", 5)[1]))


def test_a_trace_of_another_tool():
    text = "\n".join(told(makers.foreign()[1]))
    assert "a step without a name" in text
    assert "+ net[p][body][1]" in text


def test_control_characters_are_written_out():
    text = "\n".join(told(makers.hostile()[1], color=True))
    assert "\\x1b[31m" in text
    assert "\x1b[31mX" not in text


def test_no_color_when_piped(invoke, one_signal_file):
    done = invoke("view", one_signal_file)
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "S2 is violated" in done.out
    assert "is not allowed: earlier_released does not hold" in done.out
    assert "This is a weaker variant: signals = 1 instead of 2" in done.out


def test_a_page_is_written(invoke, one_signal_file, tmp_path):
    out = tmp_path / "t.html"
    assert invoke("view", one_signal_file, "--html", out).code == 0
    text = out.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r'(src|href)="(?!data:,)', text)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--open"], "--open: only a file can be opened"),
        (["--step", "2", "--html", "x.html"], "--step: one step is shown of one trace"),
        (["--step", "99"], "--step: the trace has no step 99; give 0 to 4"),
        (["--model", "nowhere"], "no model is called 'nowhere'"),
        (["missing.itf.json"], "missing.itf.json: cannot be read"),
        (["--html", "no/such/dir.html"], "its directory does not exist"),
    ],
)
def test_bad_usage(invoke, one_signal_file, arguments, said):
    done = invoke("view", one_signal_file, *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1


def test_damaged_files_are_refused_in_one_line(invoke, tmp_path):
    path = tmp_path / "bad.itf.json"
    path.write_text('{"vars": [], "states": [{}, null]}', encoding="utf-8")
    done = invoke("view", path, "--html", tmp_path / "out.html")
    assert done.code == 2
    assert "$.states[1]" in done.err


def test_a_trace_of_a_users_own_model_carries_what_is_known(invoke, tmp_path):
    invoke("check", makers.CAROUSEL, "--trace-dir", tmp_path)
    done = invoke("view", tmp_path / "carousel-default-served.itf.json")
    assert done.code == 0
    assert "taken (weak): hand_on" in done.out


def test_a_trace_of_another_model_says_so(invoke, tmp_path):
    path = tmp_path / "walk.itf.json"
    dump(makers.walk("die-hard", 3)[0], path)
    done = invoke("view", path, "--model", "peterson")
    assert done.code == 0
    assert "the model does not take this run: the model has other variables" in done.out
