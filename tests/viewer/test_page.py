"""The page in a browser: what it shows, on traces of the checker."""

import re
from pathlib import Path

import pytest

from knell.language.settings import Settings
from knell.viewer import render_page
from tests.viewer import makers

SUITE = Path(__file__).parents[1] / "cli" / "samples" / "relay.py"


def show(visit, *bundles, anchor="", **options):
    return visit({"traces": list(bundles)}, anchor, **options)


# What it says


def test_the_headline_says_what_is_violated_by_whom_and_what_would_prevent_it(visit, one_signal):
    tab = show(visit, one_signal)
    headline = tab.text(".headline")
    assert "S2 is violated" in headline
    assert "At any moment at most one node can act as primary of a group." in headline
    assert "In step 4 n3 breaks it by promote(o=n3, g=g1): one_primary does not hold" in headline
    assert "primary[n3, g1] = true set by step 4: promote" in headline
    assert "signals = 1 instead of 2 (1: DISTRESS alone; 2: DISTRESS, then QUIESCED)" in headline
    assert "promote(o=n3, g=g1), is not allowed: earlier_released does not hold" in headline
    assert "since released[n3, g1, n1] = false" in headline
    flat = " ".join(headline.split())
    assert "Step 3, hear_distress(o=n3, i=n1), has another effect there: released[n3, g1" in flat
    assert "Step 4 means: “A backup becomes primary" in flat
    assert (
        "Step 4 was allowed by step 3, hear_distress(o=n3, i=n1), "
        "which set released[n3, g1, n1] = true." in flat
    )


def test_reasons_and_remedies_go_from_cause_to_effect(visit, one_signal):
    tab = show(visit, one_signal)
    why = tab.page.locator(".why li").all_inner_texts()
    assert why[0].startswith("step 4 was allowed since released[n3, g1, n1] = true set by step 3")
    assert why[1].startswith("primary[n3, g1] = true set by step 4")
    steps = tab.page.locator(".remedy .to-step").all_inner_texts()
    assert steps == ["Step 3", "Step 4"]


def test_only_the_cell_that_decides_is_told_and_the_rest_is_folded(visit, one_signal):
    tab = show(visit, one_signal)
    first = tab.page.locator(".remedy li").first
    assert first.inner_text().endswith("released[n3, g1, n1] = false instead of true, and 2 more")
    assert "heard_release" not in first.inner_text()
    tab.page.locator(".more summary").click()
    assert "heard_release[n3, n1] = false instead of true" in first.inner_text()


def test_each_row_says_what_its_action_is(visit, one_signal, repaired):
    tab = show(visit, one_signal)
    assert tab.page.locator(".row .said").all_inner_texts() == [
        one_signal["extras"]["actions"][step[0]]["about"] for step in one_signal["steps"]
    ]
    assert show(visit, one_signal, repaired).count(".said") == 0


def test_a_narrow_page_shows_the_whole_headline_and_the_run(visit, one_signal):
    tab = show(visit, one_signal, viewport={"width": 800, "height": 900})
    for selector in (".remedy li >> nth=-1", ".row.chosen", ".legend"):
        box = tab.page.locator(selector).bounding_box()
        assert box["y"] + box["height"] <= 900
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 800


def test_the_page_begins_at_the_step_that_breaks_it(visit, one_signal):
    tab = show(visit, one_signal)
    assert tab.step == 4
    assert "promote" in tab.text(".about-step")
    assert "A backup becomes primary" in tab.text(".about-step")
    assert "§7" in tab.text(".about-step")


def test_each_step_has_its_action_parameters_and_section(visit, one_signal):
    tab = show(visit, one_signal)
    rows = tab.page.locator(".row").all_inner_texts()
    assert len(rows) == 5
    assert re.search(r"strike\s*i=n1, c=fault\s*§7\.1\s*environment", rows[1])
    assert re.search(r"hear_distress\s*o=n3, i=n1\s*§5", rows[3])
    assert "✗ S2" in rows[4]


# The diagram


def boxes_of(locator):
    return locator.bounding_box()


def test_lanes_bands_arrows_and_members(visit, one_signal):
    tab = show(visit, one_signal)
    assert tab.page.locator(".lane-name b").all_inner_texts() == ["n1", "n2", "n3"]
    assert tab.page.locator(".member-name").all_inner_texts() == ["g1", "g2"] * 3
    assert tab.count(".graph .band.w-failing") == 1
    assert tab.count(".graph .arrow.known") == 1
    assert tab.page.locator(".graph .arrow title").all_text_contents() == [
        "distress: step 2 → step 3"
    ]
    assert tab.count(".graph .primary") == 3


def test_a_message_that_is_not_received_is_marked(visit, one_signal):
    tab = show(visit, one_signal)
    told = tab.page.locator(".graph .unheard title").all_text_contents()
    assert told == ["distress: not received by n2 in this run"]


def test_a_signal_that_nobody_reads_is_drawn_and_named(visit, repaired):
    tab = show(visit, repaired)
    told = tab.page.locator(".graph .unheard title").all_text_contents()
    lost = [text for text in told if text.startswith("distress")]
    assert lost == [f"distress: not received by {node} in this run" for node in ("n2", "n3")]
    assert tab.page.locator(".graph .label").all_text_contents().count("distress") == 1


def test_the_name_of_a_message_lies_beside_the_lane_that_gets_it(visit, one_signal):
    tab = show(visit, one_signal)
    label = tab.page.locator(".graph .label", has_text="distress").bounding_box()
    names = [tab.page.locator(".lane-name").nth(k).bounding_box() for k in (0, 1, 2)]
    assert label["x"] > names[2]["x"]
    members = [box["x"] for box in map(boxes_of, tab.page.locator(".member-name").all()[4:])]
    assert label["x"] + label["width"] < min(members)


def test_the_legend_tells_each_colour_and_sign_once(visit, stuttering, one_signal, repaired):
    tab = show(visit, stuttering)
    entries = tab.page.locator(".legend > span").all_inner_texts()
    assert len([text for text in entries if "failing" in text or "notified" in text]) == 1
    assert "not there" in entries
    assert "↺ from here on for ever" in entries
    assert "from here on the runs differ" not in entries
    both = show(visit, one_signal, repaired).text(".legend")
    assert "from here on the runs differ" in both


def test_marks_of_a_row_are_not_cut(visit, stuttering):
    tab = show(visit, stuttering, viewport={"width": 1280, "height": 800})
    for text in ("environment", "↺ stays so for ever"):
        mark = tab.page.locator(".row .flag", has_text=text).first
        assert mark.evaluate("e => e.scrollWidth <= e.clientWidth + 1 || !e.clientWidth")
        box, pane = mark.bounding_box(), tab.page.locator(".scroller").bounding_box()
        assert box["x"] + box["width"] <= pane["x"] + pane["width"]


def test_the_page_itself_does_not_scroll(visit, stuttering):
    tab = show(visit, stuttering, viewport={"width": 1280, "height": 800})
    assert tab.page.evaluate("document.scrollingElement.scrollHeight") <= 800


def test_members_fold_away(visit, one_signal):
    tab = show(visit, one_signal)
    before = tab.count(".graph .band")
    tab.page.locator(".lane-fold").first.click()
    assert tab.page.locator(".member-name").all_inner_texts() == ["g1", "g2"] * 2
    tab.press("m", "m")
    assert tab.count(".member-name") == 0
    assert tab.count(".graph .band") < before


def test_lanes_can_be_hidden(visit, one_signal):
    tab = show(visit, one_signal)
    tab.page.locator(".lanes-menu summary").click()
    tab.page.locator(".lanes-menu label", has_text="n2").click()
    assert tab.page.locator(".lane-name b").all_inner_texts() == ["n1", "n3"]
    assert tab.count(".graph .arrow.known") == 1


def test_epochs_share_a_lane_and_a_return_is_marked(visit, two_epochs):
    tab = show(visit, two_epochs)
    assert tab.page.locator(".lane-name b").all_inner_texts()[:2] == ["n1", "n2"]
    assert "epoch 2" in " ".join(tab.page.locator(".word").all_text_contents())
    assert tab.count(".rise") == 1
    assert tab.count(".crash") == 1


def test_losses_are_marked(visit):
    trace = makers.found("node-shutdown", Settings("default"), "S14_silent")[1]
    tab = show(visit, trace)
    assert tab.count(".lost") + tab.count(".cross") >= 2
    assert tab.count(".graph .cut") == 1


# The state


def test_the_state_shows_what_the_step_changed(visit, one_signal):
    tab = show(visit, one_signal, anchor="#step=3")
    assert "view" in tab.page.locator("tr.changed th").all_inner_texts()[0]
    assert tab.page.locator("tr.changed .chip.minus").all_inner_texts() == ["-n3, n1"]
    assert "+n3, g1, n1" in tab.page.locator(".chip.plus").all_inner_texts()
    assert "never → once" in tab.text(".state")
    assert "Never changes: member" in tab.text("#panel")
    tab.press("d")
    assert "Never changes" not in tab.text("#panel")
    tab.press("d")
    assert tab.count(".state tr:not(.changed)") == 0


def test_nested_values_show_nested_differences(visit):
    tab = show(visit, makers.foreign()[1], anchor="#step=1")
    nested = tab.text(".nested")
    assert "+1" in nested
    assert "0 → 1" in tab.text(".state")
    assert tab.count(".nest.changed") == 2
    assert "+y" in tab.page.locator(".chip.plus").all_inner_texts()


# Properties, choices


def test_properties_tell_each_conjunct_and_where_it_flipped(visit, one_signal):
    tab = show(visit, one_signal, anchor="#step=4&tab=facts")
    own = tab.page.locator(".property").first
    assert "S2" in own.inner_text()
    assert "✗" in own.inner_text()
    assert "not from 4" in own.inner_text().replace("\n", " ")
    assert "primary[n3, g1] = true" in own.inner_text()
    tab.press("k")
    assert "✓" in tab.page.locator(".property").first.inner_text()


def test_choices_tell_what_could_happen_and_which_clause_forbids_the_rest(visit, one_signal):
    tab = show(visit, one_signal, anchor="#step=3&tab=choices")
    taken = tab.page.locator(".choice.taken").inner_text()
    assert "promote" in taken
    assert "breaks S2 one_primary" in taken
    tab.page.locator(".choice.taken summary").click()
    assert "primary[n3, g1] := true" in tab.page.locator(".choice.taken").inner_text()
    quiesce = tab.page.locator(".disabled > li", has_text="quiesce").first
    assert "needs members_out" in quiesce.inner_text()
    choices = tab.page.locator(".enabled > li").all_inner_texts()
    idle = ["changes nothing" in text for text in choices]
    assert any(idle)
    assert idle == sorted(idle)  # they come last


def test_what_is_broken_already_is_not_broken_again(visit, one_signal):
    tab = show(visit, one_signal, anchor="#step=4&tab=choices")
    choices = tab.text(".enabled")
    assert "already broken" in choices
    assert "breaks S2" not in choices


# Loops


def test_a_loop_is_drawn_with_its_closing_step_and_fairness(visit, looping):
    tab = show(visit, looping)
    assert "served is violated" in tab.text(".headline")
    assert "waits for mood[p3] = served, which never comes, with p = p3" in tab.text(".headline")
    assert tab.count(".graph path.loop") == 1
    assert "loop starts" in tab.text(".scroller")
    assert "↺ back to" in tab.page.locator(".row").last.inner_text()
    tab.page.locator(".fairness summary").click()
    assert "hand_on" in tab.text(".fairness")
    assert "taken" in tab.text(".fairness")
    tab.press("End")
    assert "Step" in tab.text(".about-step")


def test_a_run_that_stands_still_says_so(visit, stuttering):
    tab = show(visit, stuttering)
    headline = tab.text(".headline")
    assert "From step 1 on it waits for phase[n" in headline
    assert re.search(r"after step \d+ nobody is obliged to move", headline)
    assert re.search(rf"It hangs since step {tab.step}, notify_member\(", headline)
    assert "notify_member" in tab.text(".about-step")
    assert "stays so for ever" in tab.text(".scroller")
    remedy = tab.text(".remedy")
    assert re.search(
        r"It could not stay as it is after step \d+: force_out\(.*\) would have", remedy
    )
    assert "force_out means: “The deadline passed: " in remedy
    why = tab.text(".why").replace("\n", " ")
    assert re.search(r"phase\[n\d\] = failing set by .* never becomes ended or crashed", why)
    assert re.search(r"member\[n\d, g\d\] = notified set by .* never becomes gated", why)


def test_actions_that_fare_alike_share_a_row(visit, stuttering):
    tab = show(visit, stuttering)
    tab.page.locator(".fairness summary").click()
    rows = tab.page.locator(".fairness tbody tr").all_inner_texts()
    assert len({row.split("\t")[0] for row in rows}) == len(rows)
    assert "never enabled to change anything" in rows[0]
    assert "hear_distress, " in rows[0]


def test_a_counterexample_to_induction_is_no_violation(visit):
    tab = show(visit, makers.induction()[1])
    assert "is not shown by induction" in tab.text(".headline")
    assert "Nobody says that the first of them can be reached" in tab.text(".headline")
    assert tab.count("tr.changed") > 0
    tab.press("2")
    assert tab.count(".choice.taken") + tab.count(".empty") == 1


def test_a_counterexample_to_induction_begins_anywhere(visit):
    tab = show(visit, makers.induction()[1], anchor="#step=0")
    assert "a state that has it" in tab.text(".row")
    assert "Step 0: a state that has it" in tab.text(".about-step")
    assert tab.count(".remedy") == 0


@pytest.mark.parametrize("enabled", [True, False])
def test_a_divergence_says_what_was_expected_and_what_was_observed(visit, enabled):
    tab = show(visit, makers.diverging(enabled=enabled)[1])
    headline = tab.text(".headline")
    assert "✗ The implementation differs from the model" in headline
    assert "primary[n3, g1]: expected true, observed false" in headline
    assert "What would have prevented it" not in headline
    assert tab.step == 4
    if enabled:
        assert "Step 4, promote(o=n3, g=g1), has another outcome there." in headline
        assert "✗ D-1" in tab.text(".row.bad")
    else:
        assert "After step 4 the model does not allow promote(n2, g1)." in headline
        assert tab.count(".row.bad") == 0


# Two traces


def test_two_traces_are_aligned_on_their_common_prefix(visit, one_signal, repaired):
    tab = show(visit, one_signal, repaired)
    headline = tab.text(".headline").replace("\n", " ")
    sides = tab.page.locator(".side-line").all_inner_texts()
    for line, bundle, what in zip(
        sides,
        (one_signal, repaired),
        (
            ("left: one-signal (signals = 1)", "✗ S2 is violated", "S2"),
            ("right: default (signals = 2)", "✓ S2_failover can be reached", "S2_failover"),
        ),
        strict=True,
    ):
        about = bundle["extras"]["properties"][what[2]]["about"]
        about = about or "Step 11, promote(o=n3, g=g1), reaches it, with i = n3, g = g1."
        assert line == f"{what[0]} {what[1]} {about}"
    assert "The first 3 states are the same; they part at step 3" in headline
    assert tab.page.locator(".config").all_inner_texts() == ["one-signal", "default"]
    assert tab.page.locator(".head-action").all_inner_texts() == [
        "left: one-signal (signals = 1)",
        "right: default (signals = 2)",
    ]
    assert tab.count(".scroller") == 2
    assert tab.count(".member-name") == 0
    assert tab.step == 3
    assert "heard[n3, n1]" in tab.text(".compare")
    assert tab.count(".row.parted") > 2


@pytest.mark.parametrize("swapped", [False, True])
def test_the_comparison_says_what_decides(visit, one_signal, repaired, swapped):
    pair = (repaired, one_signal) if swapped else (one_signal, repaired)
    weak, sound = ("right", "left") if swapped else ("left", "right")
    assert show(visit, *pair).text(".prevention") == (
        f"Under the {sound}'s configuration, the {weak}'s step 3 would not set "
        "released[n3, g1, n1], so step 4 would not be allowed."
    )


def test_where_no_side_is_the_sound_model_the_comparison_says_nothing_of_it(visit, one_signal):
    assert show(visit, one_signal, one_signal).count(".prevention") == 0


def test_side_by_side_the_panel_says_whose_state_it_shows(visit, one_signal, repaired):
    tab = show(visit, one_signal, repaired)
    assert tab.count(".of-side") == 0
    for name in ("State", "Could happen", "Properties", "Watch"):
        tab.page.get_by_role("tab", name=name).click()
        assert tab.text(".of-side") == "left, step 3"
    tab.press("End")
    assert tab.text(".of-side") == "left, at its end (4)"


def test_two_traces_show_each_primary_with_members_folded(visit, one_signal, repaired):
    tab = show(visit, one_signal, repaired)
    leads = [side.locator(".primary-letter") for side in tab.page.locator(".scroller").all()]
    assert [side.all_text_contents() for side in leads] == [
        ["P g1 g2", "P g1"],
        ["P g1 g2", "P g2", "P g1"],
    ]


@pytest.mark.parametrize("keys", [[], ["m"]], ids=["folded", "members"])
def test_two_traces_fit_their_panes(visit, one_signal, repaired, keys):
    tab = show(visit, one_signal, repaired, viewport={"width": 1280, "height": 720})
    tab.press(*keys)
    for pane in tab.page.locator(".scroller").all():
        assert pane.evaluate("e => e.scrollWidth <= e.clientWidth")
    cut = tab.page.evaluate(
        """() => [...document.querySelectorAll('.call-line > *')].filter((e) =>
          e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).textOverflow !== 'ellipsis')
          .map((e) => e.textContent)"""
    )
    assert cut == []
    panel = tab.page.locator("#panel")
    assert panel.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_behind_the_end_of_a_trace_the_panel_says_so(visit, one_signal, repaired):
    tab = show(visit, one_signal, repaired)
    tab.press("End")
    about = tab.text(".about-step")
    assert "Left, at its end (4) promote(o=n3, g=g1)" in about
    assert "Right, step 11 promote(o=n3, g=g1)" in about
    heads = tab.page.locator(".compare thead th").all_inner_texts()
    assert heads == ["cell", "left, at its end (4)", "right, step 11"]
    tab.press("Home", "j")
    assert "Both, step 1 strike" in tab.text(".about-step")


# Around the run


def test_search_finds_steps_by_words_and_changes(visit, one_signal):
    tab = show(visit, one_signal, anchor="#step=0")
    tab.press("/")
    tab.page.keyboard.type("distress n3")
    assert tab.count(".row.hit") == 1
    assert tab.text(".found") == "1 step"
    tab.press("Enter", "Escape")
    assert tab.step == 3


def test_watches_tell_values_and_where_they_change(visit, one_signal):
    tab = show(visit, one_signal)
    tab.press("w")
    tab.page.keyboard.type("primary[n1,g1] & primary[n3, g1]")
    tab.press("Enter")
    assert "true" in tab.text(".watch-value")
    assert "changes at 4" in tab.text(".watch .flips").replace("\n", " ")
    tab.page.keyboard.type("nonsense[")
    tab.press("Enter")
    assert tab.count(".watch.wrong") == 1


def test_the_causes_of_a_step_stand_out(visit, one_signal):
    tab = show(visit, one_signal)
    tab.press("c")
    assert tab.count(".row.unrelated") == 0
    tab.press("k", "k", "k")
    assert tab.count(".row.unrelated") == 3
    assert tab.count(".graph .mark.unrelated") == 3
    assert tab.count(".graph .arrow.unrelated") == 1
    dimmed = tab.page.locator(".graph .arrow.unrelated")
    assert float(dimmed.evaluate("e => getComputedStyle(e).opacity")) < 0.5


def test_needless_interleaving_is_regrouped(visit):
    bundle = makers.walk("two-phase-commit", 12, seed=3, extras=True)[1]
    tab = show(visit, bundle)
    before = [int(text) for text in tab.page.locator(".row .number").all_inner_texts()]
    tab.press("g")
    after = [int(text) for text in tab.page.locator(".row .number").all_inner_texts()]
    assert before == sorted(before)
    assert sorted(after) == before
    assert after != before
    assert tab.text(".regrouped") == ""


def test_where_nothing_can_be_regrouped_the_page_says_so(visit, one_signal):
    tab = show(visit, one_signal)
    tab.press("g")
    assert tab.text(".regrouped") == "nothing to regroup"
    tab.press("g")
    assert tab.text(".regrouped") == ""


def test_the_address_leads_back_to_what_was_chosen(visit, one_signal):
    tab = show(visit, one_signal)
    tab.press("k", "3")
    tab.page.wait_for_timeout(300)
    address = tab.page.url
    assert "step=3" in address
    assert "tab=facts" in address
    again = show(visit, one_signal, anchor=f"#{address.split('#')[1]}")
    assert again.step == 3
    assert again.page.locator("[aria-selected=true][role=tab]").inner_text() == "Properties"


def test_everything_works_from_the_keyboard(visit, one_signal):
    tab = show(visit, one_signal)
    tab.press("Home")
    assert tab.step == 0
    tab.press("j", "ArrowDown")
    assert tab.step == 2
    tab.press("End", "PageUp")
    assert tab.step == 0
    tab.press("v")
    assert tab.step == 4
    tab.press("?")
    assert tab.page.locator("dialog.help").is_visible()
    tab.press("Escape")
    assert not tab.page.locator("dialog.help").is_visible()
    tab.page.locator("[role=tab]").first.focus()
    tab.press("ArrowRight")
    assert tab.page.locator("[aria-selected=true][role=tab]").inner_text() == "Could happen"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_themes_follow_the_system_and_can_be_chosen(visit, one_signal, scheme):
    tab = show(visit, one_signal, color_scheme=scheme)
    paper = "getComputedStyle(document.body).backgroundColor"
    first = tab.page.evaluate(paper)
    tab.page.locator(".theme").click()
    light = tab.page.evaluate(paper)
    tab.page.locator(".theme").click()
    dark = tab.page.evaluate(paper)
    assert light != dark
    assert first == (light if scheme == "light" else dark)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast(visit, one_signal, scheme):
    tab = show(visit, one_signal, anchor="#step=3&tab=choices", color_scheme=scheme)
    low = tab.page.evaluate(
        """() => {
          const light = (c) => c.slice(0, 3).map((v) => { v /= 255;
            return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; })
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
          const paper = (e) => { for (; e; e = e.parentElement) {
            const c = parse(getComputedStyle(e).backgroundColor);
            if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
          return [...document.querySelectorAll('#app *')].filter((e) => e instanceof HTMLElement
            && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())
            && !e.closest('.sr, .unrelated')).map((e) => {
              const [a, b] = [light(parse(getComputedStyle(e).color)), light(paper(e))];
              const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
              return [ratio, e.className, e.textContent];
            }).filter(([ratio]) => ratio < 4.5).map(([r, c, t]) => `${r.toFixed(2)} ${c} ${t}`);
        }"""
    )
    assert low == []


def test_each_control_has_a_name_and_the_list_its_roles(visit, one_signal):
    tab = show(visit, one_signal)
    nameless = tab.page.evaluate(
        """() => [...document.querySelectorAll('button, input, summary, [role=listbox]')]
          .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim()))
          .map((e) => e.outerHTML)"""
    )
    assert nameless == []
    assert tab.count("[role=listbox] [role=option][aria-selected=true]") == 1
    assert tab.page.locator("[role=listbox]").get_attribute("aria-activedescendant")


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("Markdown", "| 4 | `promote(o=n3, g=g1)` |"),
        ("SVG", "<svg"),
        ("Mermaid", "L0->>L2: distress"),
        ("PlantUML", "L0 -> L2: distress"),
    ],
)
def test_exports(visit, one_signal, item, expected):
    tab = show(visit, one_signal)
    tab.page.locator(".menu.export summary").click()
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name=item, exact=True).click()
    text = waiting.value.path().read_text(encoding="utf-8")
    assert expected in text


def test_printing_shows_the_whole_run(visit, one_signal):
    tab = show(visit, one_signal)
    tab.page.emulate_media(media="print")
    assert tab.page.locator(".bar button").first.is_hidden()
    assert tab.page.locator(".row").last.is_visible()


def test_a_narrow_window_shows_everything(visit, one_signal):
    tab = show(visit, one_signal, viewport={"width": 700, "height": 800})
    assert tab.page.locator(".row").first.is_visible()
    assert tab.page.locator("#panel").is_visible()


# The report


def test_the_report_of_a_check(visit, invoke, tmp_path):
    path = tmp_path / "report.html"
    asked = ["check", "--set", "config=one-signal", "--property", "S2,S2_failover,S14"]
    assert invoke(*asked, "--html", path).code == 1
    tab = visit(path.read_text(encoding="utf-8"))
    text = tab.text(".report")
    assert "node-shutdown is violated" in text
    assert "S14" in text
    assert tab.count(".plot rect") > 5
    assert tab.count(".coverage tr") > 10
    tab.page.get_by_role("button", name="show what went wrong").click()
    assert "S2 is violated" in tab.text(".headline")
    assert tab.step == 4
    tab.press("k")
    tab.page.wait_for_timeout(300)
    assert "trace=0%2FS2" in tab.page.url
    tab.page.get_by_role("button", name="← report").click()
    assert "node-shutdown is violated" in tab.text(".report")


def test_the_report_of_a_suite(visit, invoke, tmp_path):
    path = tmp_path / "suite.html"
    assert invoke("check", SUITE, "--suite", "--html", path).code == 1
    tab = visit(path.read_text(encoding="utf-8"))
    assert tab.count(".overview tbody tr") == 2
    assert "is taken in no configuration" in tab.text(".warnings")
    tab.page.locator("#run-1 .open-trace").last.click()
    assert "The run gets stuck" in tab.text(".headline")


# Other tools, damage, malice


def test_a_trace_of_another_tool_is_shown_with_what_it_carries(visit):
    tab = show(visit, makers.foreign()[1])
    assert "An endless run" in tab.text(".headline")
    tab.press("End")
    assert "mbt::actionTaken: send" in tab.text(".about-step")
    tab.press("3")
    assert "another tool" in tab.text("#panel")
    tab.press("2")
    assert "another tool" in tab.text("#panel")


def test_damaged_data_get_a_message(visit, one_signal):
    whole = render_page({"traces": [one_signal]}, "test")
    for damaged in (
        whole.replace('"traces":[{', '"traces":[{,', 1),
        whole.replace('"cells":', '"cell":', 1),
        whole.replace('"traces":', '"races":', 1),
    ):
        tab = visit(damaged)
        assert "This trace can't be shown" in tab.text("[role=alert]")


def test_a_hostile_trace_runs_no_script(visit):
    tab = show(visit, makers.hostile()[1])
    for key in ("1", "2", "3", "4", "c", "g", "d", "Home", "j"):
        tab.press(key)
    tab.page.locator(".menu.export summary").click()
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="SVG", exact=True).click()
    assert "<script" not in waiting.value.path().read_text(encoding="utf-8")
    assert tab.page.evaluate("window.hacked") is None
    assert tab.count("img") == 0
    assert tab.count("script") == 2


def test_the_policy_stops_whatever_got_in(visit, one_signal):
    page = render_page({"traces": [one_signal]}, "test")
    page = page.replace("</body>", '<script>window.hacked=1</script><img src="http://x.test/">')
    tab = visit(page, complains=True)
    assert tab.page.evaluate("window.hacked") is None
    refused = [each for each in tab.complaints if "Content Security Policy" in each]
    assert len(refused) >= 2
