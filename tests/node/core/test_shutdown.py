"""A node's own end, event by event (§7.1-§7.17): what is asked for, in which order, and no more."""

import pytest
from msgspec.structs import replace

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import founded, sentinel
from knell.node.core import messages as ms
from knell.node.core.shutdown import CONTROL
from knell.node.core.values import SECOND, Epoch, GroupSettings, Membership, Settings
from knell.spec.vocabulary import Cause, MemberState, NodePhase
from tests.node.core.samples import INCARNATIONS, engine, refusal, settings, traced, watcher

PEERS = ("n2", "n3")
MEMBERS = ("g1", "g2", "g3")


@pytest.fixture
def node():
    return founded(settings(), INCARNATIONS)


def changed(core, group, **changes):
    """Put the core's member of a group into another state."""
    core.state = core.state.copy()
    core.state.members[group] = replace(core.state.members[group], **changes)
    return core


def closing(cause):
    """What the closing of the latch asks for (§7.5)."""
    tell = () if cause is Cause.CLUSTER_CONTROL else (fx.Tell(CONTROL, fx.ClusteringEnding(cause)),)
    distress = ms.Signed(ms.Distress("n1", 1, 11, cause))
    return [
        fx.Send(PEERS, (distress,), urgent=True),
        fx.Arm(ev.Timer.RESEND, settings().resend),
        *tell,
        fx.Cancel(ev.Timer.BEAT),
        fx.Arm(ev.Timer.MEMBER, settings().member),
    ]


@pytest.mark.parametrize(
    ("event", "trace"),
    [
        (ev.FatalFound((Cause.PROTOCOL,)), traced("detect_by_engine", i="n1.1", c="protocol")),
        (ev.Notice((Cause.PROTOCOL,)), traced("detect_by_cc", i="n1.1", c="protocol")),
        (
            ev.Notice((Cause.PROTOCOL,), "g2"),
            traced("report_reaches_cc", i="n1.1", g="g2", c="protocol"),
        ),
        (
            ev.ComponentDied(Cause.CLUSTER_CONTROL),
            traced("initiate_by_engine", i="n1.1", c="cluster_control"),
        ),
        (ev.StopRequested(), traced("request_stop", i="n1.1")),
    ],
    ids=lambda value: getattr(value, "action", ""),
)
def test_the_latch_closes_with_distress(node, event, trace):
    """§7.1, §7.3-§7.5, §7.14."""
    effects = node.receive(event, 5)
    state = node.state
    cause = Cause(dict(trace.parameters).get("c", Cause.PLANNED_STOP))
    assert effects == [trace, *closing(cause)]
    assert (state.phase, state.latch) == (NodePhase.FAILING, cause)
    assert state.reporter == getattr(event, "group", None)
    assert state.at_latch == {"g1", "g2", "g3"}
    assert set(state.unacked.values()) == {5 + settings().signal}
    assert state.stop_asked is isinstance(event, ev.StopRequested)


def test_only_active_members_are_counted_at_the_latch(node):
    """§7.8: the others know already, or are gone."""
    changed(node, "g1", state=MemberState.GONE)
    changed(node, "g2", state=MemberState.GATED)
    node.receive(ev.StopRequested(), 5)
    assert node.state.at_latch == {"g3"}


def test_the_reporter_is_one_that_is_here(node):
    """§7.4: a report about a group without a member here names no reporter."""
    node.receive(ev.Notice((Cause.OBJECT,), "g9"), 5)
    assert node.state.reporter is None


@pytest.mark.parametrize("phase", [NodePhase.FAILING, NodePhase.QUIESCED])
def test_further_causes_only_reach_the_log(phase):
    """§7.7."""
    core = engine(phase)
    before = core.state
    effects = core.receive(ev.FatalFound((Cause.OBJECT, Cause.PROTOCOL)), 9)
    assert effects == [fx.Log("further cause", "object"), fx.Log("further cause", "protocol")]
    effects = core.receive(ev.Notice((Cause.OBJECT,)), 9)
    assert effects == [fx.Log("further cause", "object")]
    late = [traced("report_reaches_cc", i="n1.1", g="g1", c="object")]
    effects = core.receive(ev.Notice((Cause.OBJECT,), "g1"), 9)
    assert effects == [
        *(late if phase is NodePhase.FAILING else []),
        fx.Log("further cause", "object"),
    ]
    assert core.receive(ev.ComponentDied(Cause.MONITOR), 9) == [fx.Log("further cause", "monitor")]
    assert core.state == before


def test_the_first_of_several_causes_is_latched(node):
    """§7.7."""
    effects = node.receive(ev.Notice((Cause.PROTOCOL, Cause.OBJECT, Cause.ENGINE)), 5)
    assert node.state.latch is Cause.PROTOCOL
    assert effects[-2:] == [fx.Log("further cause", "object"), fx.Log("further cause", "engine")]


def test_a_second_stop_skips_deadlines(node):
    """§6, §7.14; a stop after another cause is the first of its kind."""
    node.receive(ev.FatalFound((Cause.OBJECT,)), 5)
    assert node.receive(ev.StopRequested(), 6) == [fx.Log("further cause", "planned_stop")]
    assert (node.state.forced, node.state.signal_over) == (False, False)
    assert node.receive(ev.StopRequested(), 7) == []
    assert (node.state.forced, node.state.signal_over) == (True, True)


def test_a_member_reports_once_and_while_it_is_active(node):
    """§7.2."""
    effects = node.receive(ev.MemberReports("g1", (Cause.OBJECT, Cause.PROTOCOL)), 5)
    assert effects == [
        traced("detect_by_member", i="n1.1", g="g1", c="object"),
        fx.ToCC("g1", (Cause.OBJECT, Cause.PROTOCOL)),
    ]
    assert node.state.phase is NodePhase.ACTIVE
    refused = [fx.Log("report not accepted", "g1")]
    assert node.receive(ev.MemberReports("g1", (Cause.OBJECT,)), 5) == refused
    changed(node, "g1", reported=False, state=MemberState.NOTIFIED)
    assert node.receive(ev.MemberReports("g1", (Cause.OBJECT,)), 5) == refused
    assert node.receive(ev.MemberReports("g9", (Cause.OBJECT,)), 5)[0].about == "g9"


# The sentinel (§7.6)


@pytest.mark.parametrize("latched", [None, Cause.OBJECT])
def test_the_sentinel_speaks_for_an_engine_that_is_dead(latched):
    core = watcher(NodePhase.ACTIVE)
    effects = core.receive(ev.EngineLost(latched), 5)
    trace = [] if latched else [traced("initiate_by_sentinel", i="n1.1")]
    assert effects == [*trace, *closing(latched or Cause.ENGINE), fx.KillEngine()]
    assert core.state.latch is (latched or Cause.ENGINE)
    assert core.receive(ev.EngineLost(), 5) == [fx.KillEngine()], "once more, and nothing else"


def test_the_sentinel_says_what_waited_for_the_death_of_the_engine():
    core = watcher(NodePhase.ACTIVE)
    for group in ("g2", "g1"):
        core.receive(ev.MemberJoins(group), 1)
        effects = core.receive(ev.MemberReaped(group, 1), 2)
        assert not [each for each in effects if isinstance(each, fx.Send)], "the engine may act"
    core.receive(ev.EngineLost(), 3)
    effects = core.receive(ev.EngineReaped(), 4)
    said = [
        (each.to, frame.statement)
        for each in effects
        if isinstance(each, fx.Send)
        for frame in each.frames
        if isinstance(frame, ms.Signed)
    ]
    assert said == [(PEERS, ms.MemberGone(g, Membership("n1", 1, 1), 11)) for g in ("g1", "g2")]
    assert core.state.engine_dead


def test_the_sentinel_quiesces_when_the_engine_is_dead():
    core = watcher(NodePhase.FAILING)
    assert ev.Quiesce() not in core.due(5)
    core.receive(ev.EngineReaped(), 5)
    assert core.due(5) == [ev.Quiesce()]


def test_a_sentinel_starts_nothing_while_the_engine_lives():
    """§3.5, §7.16."""
    groups = (GroupSettings("g1", ("n1", "n2"), critical=True),)
    core = sentinel(Settings("n1", ("n1", "n2"), groups), epoch=1, incarnation=11)
    core.receive(ev.MemberJoins("g1"), 1)
    core.receive(ev.MemberReaped("g1", 1), 2)
    assert core.due(3) == []


# Members


def test_a_member_joins(node):
    """§9.3: its process gets a number, and each admitted peer hears that it wants an entry."""
    changed(node, "g1", state=MemberState.GONE, process=4, join=6)
    node.state.peers["n3"] = replace(node.state.peers["n3"], admitted=0)
    effects = node.receive(ev.MemberJoins("g1", killable=False), 5)
    assert effects == [
        traced("member_joins", i="n1.1", g="g1"),
        fx.Answer(None, process=5),
        fx.Send(("n2",), (ms.Want("g1", 7),)),
    ]
    member = node.state.members["g1"]
    assert (member.state, member.process, member.join) == (MemberState.ACTIVE, 5, 7)
    assert not member.killable
    assert node.state.groups["g1"].entry is None


def test_the_first_process_of_a_group(node):
    del node.state.members["g1"]
    assert fx.Answer(None, process=1) in node.receive(ev.MemberJoins("g1"), 5)
    assert (node.state.members["g1"].process, node.state.members["g1"].join) == (1, 1)


def test_a_sentinel_tells_nobody_of_a_join():
    """§3.5."""
    core = watcher(NodePhase.ACTIVE)
    core.state.peers["n2"] = replace(core.state.peers["n2"], admitted=1)
    effects = core.receive(ev.MemberJoins("g1"), 5)
    assert not [each for each in effects if isinstance(each, fx.Send)]


def test_who_cannot_join(node):
    assert "already" in refusal(node.receive(ev.MemberJoins("g1"), 5))
    assert "host" in refusal(node.receive(ev.MemberJoins("g9"), 5))
    third = founded(settings("n3"), INCARNATIONS)
    assert "host" in refusal(third.receive(ev.MemberJoins("g2"), 5))
    assert not third.state.runs("g2")


def acting(core, group="g1"):
    """Begin an act of each kind."""
    core.receive(ev.ActBegins(group, 7, primary=True), 1)
    core.receive(ev.ActBegins(group, 3), 1)
    return core


CUT_OFF = [fx.ActResult("g1", act, "the member is cut off") for act in (3, 7)]


def is_gated(core, group="g1"):
    member = core.state.members[group]
    return member.state is MemberState.GATED and not member.acts and not member.primary_acts


def test_a_member_that_leaves_is_cut_off(node):
    """§2.6, §7.16."""
    effects = acting(node).receive(ev.MemberLeaves("g1", 1), 5)
    assert effects == [traced("member_departs", i="n1.1", g="g1"), *CUT_OFF]
    assert is_gated(node)
    assert node.receive(ev.MemberLeaves("g1", 1), 5) == [], "it has left already"


@pytest.mark.parametrize(
    "event", [ev.MemberLeaves, ev.MemberReaped, ev.MemberAcknowledges, ev.KillFailed]
)
@pytest.mark.parametrize(("group", "process"), [("g1", 2), ("g9", 1)])
def test_news_of_another_process_changes_nothing(event, group, process):
    """§5.4: an earlier process of the group is not its member."""
    core = engine(NodePhase.FAILING)
    for name in MEMBERS:
        changed(core, name, warned=True)
    before = core.state
    assert core.receive(event(group, process), 5) == []
    assert core.state == before
    changed(core, "g1", state=MemberState.GONE)
    before = core.state
    assert core.receive(event("g1", 1), 5) == []
    assert core.state == before


def test_only_who_was_told_acknowledges(node):
    """§7.9."""
    acting(node)
    node.receive(ev.Notice((Cause.OBJECT,), "g2"), 2)
    before = node.state
    assert node.receive(ev.MemberAcknowledges("g1", 1), 3) == []
    assert node.state == before
    node.receive(ev.NotifyMember("g1"), 3)
    effects = node.receive(ev.MemberAcknowledges("g1", 1), 4)
    assert effects == [traced("member_acknowledges", i="n1.1", g="g1"), *CUT_OFF]
    assert is_gated(node)
    assert node.receive(ev.MemberAcknowledges("g1", 1), 4) == []
    assert node.receive(ev.MemberAcknowledges("g2", 1), 4) != [], "the reporter knows"
    assert is_gated(node, "g2")


def test_a_process_that_cannot_be_killed(node):
    """§7.10."""
    node.receive(ev.StopRequested(), 2)
    assert node.receive(ev.KillFailed("g1", 1), 3) == []
    assert node.state.members["g1"].killable is False


def test_a_process_is_surely_dead(node):
    """§5.4: its entry is released, and every peer is told."""
    acting(node)
    node.state.groups["g1"] = replace(
        node.state.groups["g1"], grants=(object(),), proposal=object(), confirmed=True
    )
    effects = node.receive(ev.MemberReaped("g1", 1), 5)
    gone = ms.Signed(ms.MemberGone("g1", Membership("n1", 1, 1), 11))
    assert effects == [
        traced("member_leaves", i="n1.1", g="g1"),
        *CUT_OFF,
        fx.Send(PEERS, (gone,)),
        fx.Arm(ev.Timer.RESEND, settings().resend),
    ]
    group = node.state.groups["g1"]
    assert node.state.members["g1"].state is MemberState.GONE
    assert (group.promoted, group.synced, group.confirmed) == (False, False, False)
    assert (group.proposal, group.grants) == (None, ())
    assert node.state.is_released("g1", group.entry)


def test_the_death_of_a_gated_process_has_another_name(node):
    """§7.12."""
    node.receive(ev.MemberLeaves("g1", 1), 5)
    effects = node.receive(ev.MemberReaped("g1", 1), 5)
    assert effects[0] == traced("reap_gated", i="n1.1", g="g1")
    assert [type(each) for each in effects[1:]] == [fx.Send, fx.Arm]


# Steps


def critical():
    groups = (GroupSettings("g1", ("n1", "n2"), critical=True), GroupSettings("g2", ("n1", "n2")))
    return founded(Settings("n1", ("n1", "n2"), groups), INCARNATIONS)


@pytest.mark.parametrize("end", [ev.MemberLeaves, ev.MemberReaped])
def test_a_critical_group_that_loses_its_member_ends_the_node(end):
    """§7.16."""
    core = critical()
    core.receive(end("g2", 1), 5)
    assert ev.Initiate("g1") not in core.due(5)
    core.receive(end("g1", 1), 5)
    assert core.due(5)[0] == ev.Initiate("g1")
    assert ev.Initiate("g2") not in core.due(5)
    effects = core.receive(ev.Initiate("g1"), 5)
    assert effects[0] == traced("initiate_for_critical_member", i="n1.1", g="g1")
    assert (core.state.latch, core.state.phase) == (Cause.MEMBER, NodePhase.FAILING)


def test_each_active_member_but_the_reporter_is_told(node):
    """§7.8."""
    node.receive(ev.MemberLeaves("g3", 1), 1)
    node.receive(ev.Notice((Cause.OBJECT,), "g2"), 2)
    assert node.due(2) == [ev.NotifyMember("g1")]
    assert node.receive(ev.NotifyMember("g1"), 3) == [
        traced("notify_member", i="n1.1", g="g1"),
        fx.Tell("g1", fx.ClusteringEnding(Cause.OBJECT)),
    ]
    member = node.state.members["g1"]
    assert (member.state, member.warned) == (MemberState.NOTIFIED, True)


def test_who_is_forced_out_when_time_is_up(node):
    """§7.10: the told, the reporter, and gated ones whose process lives."""
    acting(node)
    node.receive(ev.MemberLeaves("g3", 1), 1)
    node.receive(ev.Notice((Cause.OBJECT,), "g2"), 2)
    node.receive(ev.NotifyMember("g1"), 3)
    assert node.due(3) == []
    node.receive(ev.TimerFired(ev.Timer.MEMBER), 4)
    assert node.due(4) == [ev.ForceOut(group) for group in MEMBERS]
    assert node.receive(ev.ForceOut("g1"), 5) == [
        traced("force_out", i="n1.1", g="g1"),
        *CUT_OFF,
        fx.Kill("g1", 1),
    ]
    assert node.receive(ev.ForceOut("g3"), 5) == [fx.Kill("g3", 1)], "it was gated before"
    changed(node, "g2", killable=False)
    assert node.receive(ev.ForceOut("g2"), 5) == [traced("force_out", i="n1.1", g="g2")]
    assert node.due(5) == [], "each is killed once"
    assert [node.state.members[group].killed for group in MEMBERS] == [True, False, True]
    assert node.receive(ev.MemberReaped("g1", 1), 6)[0].action == "reap_gated"


def test_active_members_are_told_before_they_are_forced(node):
    """S12."""
    node.receive(ev.StopRequested(), 1)
    node.receive(ev.TimerFired(ev.Timer.MEMBER), 2)
    assert node.due(2) == [ev.NotifyMember(group) for group in MEMBERS]


@pytest.mark.parametrize(
    ("state", "killable", "out"),
    [
        (MemberState.ACTIVE, True, False),
        (MemberState.NOTIFIED, False, False),
        (MemberState.GATED, True, False),
        (MemberState.GATED, False, True),
        (MemberState.GONE, True, True),
    ],
)
def test_what_the_gate_waits_for(node, state, killable, out):
    """§7.11."""
    for group in ("g2", "g3"):
        node.receive(ev.MemberReaped(group, 1), 1)
    node.receive(ev.StopRequested(), 2)
    changed(node, "g1", state=state, killable=killable)
    assert (ev.Quiesce() in node.due(3)) is out


def test_quiesced_names_what_is_gated(node):
    """§7.11."""
    node.receive(ev.MemberReaped("g3", 1), 1)
    node.receive(ev.StopRequested(), 2)
    for group in ("g2", "g1"):
        changed(node, group, state=MemberState.GATED, killable=False)
    effects = node.receive(ev.Quiesce(), 3)
    assert effects == [
        traced("quiesce", i="n1.1"),
        fx.CloseGate(),
        fx.Send(PEERS, (ms.Signed(ms.Quiesced("n1", 1, 11, ("g1", "g2"))),), urgent=True),
        fx.Arm(ev.Timer.RESEND, settings().resend),
        fx.Arm(ev.Timer.SIGNAL, settings().signal),
    ]
    assert node.state.phase is NodePhase.QUIESCED


def quiesced():
    core = engine(NodePhase.FAILING)
    for group in MEMBERS:
        core.receive(ev.MemberReaped(group, 1), 2)
    core.receive(ev.Quiesce(), 3)
    return core


def test_the_end_waits_for_each_acknowledgement_of_quiesced():
    """§7.13: of QUIESCED only, and not for ever."""
    core = quiesced()
    number = ms.number_of(ms.key_of(ms.Quiesced("n1", 1, 11)))
    for node in PEERS:
        assert core.due(4) == []
        core.receive(ev.Arrived(ms.Received((number,)), Epoch(node, 1), INCARNATIONS[node]), 4)
    assert core.state.unacked, "others are not waited for"
    assert core.due(4) == [ev.EndClustering()]
    assert core.receive(ev.EndClustering(), 5) == [
        traced("end_clustering", i="n1.1"),
        fx.Cancel(ev.Timer.RESEND),
        fx.Cancel(ev.Timer.MEMBER),
        fx.Cancel(ev.Timer.SIGNAL),
        fx.End(),
    ]
    assert core.state.phase is NodePhase.ENDED
    assert core.state.unacked == {}


def test_the_end_does_not_wait_for_ever():
    """§7.13: T_signal counts from QUIESCED."""
    core = engine(NodePhase.FAILING)
    core.receive(ev.TimerFired(ev.Timer.SIGNAL), 2)
    assert not core.state.signal_over
    core = quiesced()
    core.receive(ev.TimerFired(ev.Timer.SIGNAL), 3 * SECOND)
    assert core.due(3 * SECOND) == [ev.EndClustering()]


@pytest.mark.parametrize(
    "said",
    [
        ms.Announce("n1", 2, 99),
        ms.Distress("n1", 1, 11, Cause.OBJECT),
        ms.Quiesced("n1", 1, 11),
        ms.Fence("n1", 1),
        ms.Lapsed("n1", 1, Epoch("n2", 1), ()),
    ],
    ids=lambda said: type(said).__name__,
)
def test_an_epoch_that_was_left_elsewhere_ends(node, said):
    """§7.15."""
    effects = node.receive(ev.Heard(ms.Signed(said), "n2"), 5)
    assert fx.Send(("n2",), (ms.Received((ms.number_of(ms.key_of(said)),)),)) in effects
    assert traced("learn_own_leave", i="n1.1") in effects
    assert node.state.latch is Cause.LEFT_ELSEWHERE
    assert ms.key_of(said) in node.state.store


@pytest.mark.parametrize(
    "said",
    [
        ms.Announce("n1", 1, 11),
        ms.Announce("n1", 1, 12),
        ms.Distress("n1", 1, 12, Cause.OBJECT),
        ms.Quiesced("n1", 1, 12),
        ms.Distress("n1", 0, 12, Cause.OBJECT),
        ms.Fence("n1", 0),
        ms.Lapsed("n1", 0, Epoch("n2", 1), ()),
    ],
    ids=repr,
)
def test_statements_about_earlier_epochs_and_of_clones_end_nothing(node, said):
    """§5.1, §7.15; those of a clone are not even kept."""
    node.receive(ev.Heard(ms.Signed(said), "n2"), 5)
    assert node.state.phase is NodePhase.ACTIVE
    clone = getattr(said, "incarnation", 0) == 12 and said.epoch == 1
    assert (ms.key_of(said) in node.state.store) is not clone
