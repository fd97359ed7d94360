"""Planted faults of the core: patches to its rules, no second copy of it.

Each is a function that patches one rule. `PLANTED` says of each what it does, which hazard it is,
in which configuration it is replayed, and the divergence by which replay must find it.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.conformance.planted import failing, members, observing, returning


class Planted(NamedTuple):
    """A fault, the hazard that it is (or ""), where it is replayed, and what finds it."""

    plant: Callable[[pytest.MonkeyPatch], None]
    hazard: str
    config: str
    killed_by: str


_PAIR = {"groups": 1, "placement": "same", "nodes": 2}
_NO_SILENCE = {"crashes": 0, "heartbeat_losses": 0}
_PLAIN = {**_NO_SILENCE, "components": "none"}

CONFIGS = {
    "shutdown": {
        **_PAIR,
        **_NO_SILENCE,
        "acts": True,
        "components": "cc-engine",
        "goodbyes": True,
    },
    "silence": {**_PAIR, "components": "none"},
    "three": {**_PAIR, **_PLAIN, "nodes": 3},
    "double": {**_PAIR, **_PLAIN, "failures": 2},
    "leaving": {**_PAIR, **_PLAIN, "member_failures": 1},
    "members": {
        **_PAIR,
        **_PLAIN,
        "member_failures": 1,
        "unkillable": True,
        "critical": True,
        "tokens": True,
    },
    "untokened": {**_PAIR, **_PLAIN, "unkillable": True},
    "stop": {**_PAIR, **_PLAIN, "failures": 0, "stops": 2},
    "dependent": _PLAIN,
    "return": {**_PAIR, **_PLAIN, "crashes": 1, "returning": 1},
    "admission": {**_PAIR, **_PLAIN, "nodes": 3, "failures": 0, "crashes": 1, "returning": 1},
}
"""Small configurations, one for each part of the protocol: parameters of the model."""

PLANTED = (
    Planted(failing.latch_without_distress, "", "shutdown", "detect_by_cc/distress+effects"),
    Planted(failing.distress_to_one_peer, "", "three", "detect_by_cc/distress"),
    Planted(failing.latch_reopens, "", "shutdown", "detect_by_cc/unbidden/effects"),
    Planted(failing.reporter_forgotten, "", "shutdown", "report_reaches_cc/reporter"),
    Planted(
        failing.reporter_is_warned, "", "shutdown", "notify_member/unbidden/effects+member+warned"
    ),
    Planted(
        failing.report_latches, "", "shutdown", "detect_by_member/distress+effects+phase+reporter"
    ),
    Planted(failing.reports_twice, "", "shutdown", "detect_by_member/unbidden/effects"),
    Planted(
        failing.warned_member_reports, "", "shutdown", "detect_by_member/unbidden/effects+reported"
    ),
    Planted(failing.report_lost, "", "shutdown", "detect_by_member/effects+reported"),
    Planted(failing.notice_ignored, "", "shutdown", "detect_by_cc/distress+effects+phase"),
    Planted(
        failing.component_death_ignored, "", "shutdown", "initiate_by_engine/distress+effects+phase"
    ),
    Planted(failing.cc_death_unseen, "", "shutdown", "initiate_by_engine/distress+effects+phase"),
    Planted(
        failing.sentinel_idle, "H16", "shutdown", "initiate_by_sentinel/distress+effects+phase"
    ),
    Planted(failing.sentinel_silent, "", "shutdown", "initiate_by_sentinel/distress+effects"),
    Planted(failing.member_unwarned, "", "shutdown", "notify_member/event"),
    Planted(failing.warning_not_told, "", "shutdown", "notify_member/effects"),
    Planted(failing.acknowledgement_ignored, "", "shutdown", "member_acknowledges/member"),
    Planted(failing.acknowledgement_unasked, "", "shutdown", "member_acknowledges/unbidden/member"),
    Planted(failing.acknowledgement_is_death, "", "shutdown", "member_acknowledges/member+primary"),
    Planted(failing.never_forced, "H14", "shutdown", "force_out/event"),
    Planted(failing.forced_unwarned, "", "shutdown", "force_out/unbidden/member"),
    Planted(failing.gate_keeps_acts, "H2", "shutdown", "member_acknowledges/acting"),
    Planted(failing.death_unsaid, "", "shutdown", "reap_gated/member_gone"),
    Planted(failing.death_unseen, "", "shutdown", "reap_gated/member+member_gone+primary"),
    Planted(failing.quiesce_early, "", "shutdown", "quiesce/unbidden/phase+quiesced+reaped"),
    Planted(failing.gated_counts_as_out, "", "shutdown", "quiesce/unbidden/phase+quiesced"),
    Planted(failing.quiesced_unsaid, "", "shutdown", "quiesce/quiesced+reaped"),
    Planted(failing.quiesced_calls_all_gated, "", "shutdown", "quiesce/reaped"),
    Planted(failing.stop_releases_first, "H1", "shutdown", "detect_by_cc/quiesced+reaped"),
    Planted(failing.acknowledgement_of_peers_needed, "H11", "shutdown", "end_clustering/event"),
    Planted(failing.never_ends, "H8", "shutdown", "end_clustering/fatal+view+warned"),
    Planted(failing.acts_after_the_gate, "H5", "shutdown", "begin_act/unbidden/acting+effects"),
    Planted(failing.backup_acts, "", "shutdown", "begin_act/unbidden/acting+effects"),
    Planted(failing.failing_refuses_acts, "", "shutdown", "begin_act/event"),
    Planted(failing.act_never_done, "", "shutdown", "finish_act/acting+effects"),
    Planted(observing.leave_misses_a_group, "H17", "shutdown", "hear_distress/effects"),
    Planted(observing.leave_told_to_strangers, "", "shutdown", "hear_distress/effects"),
    Planted(observing.leave_twice, "", "shutdown", "hear_distress/effects"),
    Planted(observing.leave_again_on_repeat, "", "shutdown", "hear_distress/effects"),
    Planted(observing.left_stays_in_view, "", "shutdown", "hear_distress/view"),
    Planted(observing.left_is_not_barred, "", "shutdown", "hear_distress/heard"),
    Planted(observing.left_means_released, "H4", "shutdown", "hear_distress/released"),
    Planted(observing.bounce_unseen, "H9", "shutdown", "hear_distress/effects+left"),
    Planted(
        observing.leave_outranks_epoch, "H6", "shutdown", "hear_distress/heard_release+released"
    ),
    Planted(observing.partitioned_counts_as_failed, "H7", "silence", "hear_distress/effects+left"),
    Planted(observing.quiesced_only_leaves, "", "shutdown", "hear_quiesced/heard_release+released"),
    Planted(
        observing.quiesced_only_releases, "", "shutdown", "hear_quiesced/effects+heard+left+view"
    ),
    Planted(observing.member_gone_ignored, "", "shutdown", "hear_member_gone/heard_gone+released"),
    Planted(
        observing.member_gone_is_a_leave, "", "shutdown", "hear_member_gone/effects+heard+left+view"
    ),
    Planted(observing.member_gone_releases_everything, "", "shutdown", "promote/event"),
    Planted(
        observing.failing_node_listens,
        "",
        "double",
        "hear_distress/unbidden/effects+heard+left+view",
    ),
    Planted(observing.clones_believed, "H13", "shutdown", "forge/effects+heard+left+view"),
    Planted(observing.never_promotes, "", "shutdown", "promote/event"),
    Planted(observing.silence_promotes, "", "silence", "promote/unbidden/primary+promoted"),
    Planted(observing.left_suffices, "H4", "shutdown", "promote/unbidden/primary+promoted"),
    Planted(observing.first_only, "H3", "three", "promote/unbidden/primary+promoted"),
    Planted(observing.order_ignored, "", "dependent", "promote/unbidden/primary+promoted"),
    Planted(observing.left_primary_counts, "", "dependent", "promote/unbidden/primary+promoted"),
    Planted(observing.latched_promotes, "", "double", "promote/unbidden/primary+promoted"),
    Planted(observing.promotion_unsaid, "", "shutdown", "promote/promoted"),
    Planted(observing.promotion_not_durable, "", "shutdown", "begin_act/event"),
    Planted(observing.promoted_not_heard, "", "dependent", "hear_promoted/knows_primary"),
    Planted(
        members.critical_member_not_missed, "", "members", "initiate_for_critical_member/event"
    ),
    Planted(members.any_member_is_critical, "", "leaving", "stutter/Initiate"),
    Planted(members.gated_counts_as_reaped, "", "members", "quiesce/reaped"),
    Planted(members.tokens_ignored, "", "members", "hear_quiesced/released"),
    Planted(members.gated_is_released, "", "untokened", "hear_quiesced/released"),
    Planted(members.unkillable_waited_for, "", "members", "quiesce/event"),
    Planted(members.stop_ignored, "", "stop", "request_stop/distress+effects+phase"),
    Planted(observing.silence_unseen, "", "silence", "lose_heartbeats/event"),
    Planted(
        observing.silence_is_failure,
        "",
        "silence",
        "lose_heartbeats/effects+heard+left+partitioned+view",
    ),
    Planted(observing.contact_never_returns, "", "silence", "regain_heartbeats/partitioned"),
    Planted(observing.echo_admits, "H10", "silence", "regain_heartbeats/unbidden/view"),
    Planted(observing.heartbeats_release, "", "silence", "stutter/Arrived"),
    Planted(observing.work_to_the_draining, "H15", "shutdown", "route_work/unbidden/effects"),
    Planted(observing.work_to_the_gone, "", "shutdown", "route_work/unbidden/effects"),
    Planted(
        observing.work_shuns_the_partitioned, "", "silence", "lose_heartbeats/partitioned+view"
    ),
    Planted(returning.mark_survives_restart, "H12", "return", "restart/admitted+member+phase+view"),
    Planted(returning.start_unsaid, "", "return", "restart/announced"),
    Planted(
        returning.announcement_is_no_leave,
        "H9",
        "return",
        "hear_announce/admitted+effects+heard+left",
    ),
    Planted(
        returning.ghost_admitted,
        "H10",
        "return",
        "hear_announce/unbidden/admitted+effects+heard+heard_later+heard_release+left+released+view",
    ),
    Planted(returning.old_news_about_the_new, "H6", "return", "hear_distress/heard+left+view"),
    Planted(returning.newcomer_forgotten, "", "return", "propose/event"),
    Planted(returning.own_list_skipped, "", "return", "propose/event"),
    Planted(returning.primary_admits_alone, "", "admission", "commit/unbidden/committed"),
    Planted(returning.acceptance_unsaid, "", "admission", "accept/accepted"),
    Planted(returning.accepted_not_held, "", "admission", "accept/list_of+newest"),
    Planted(returning.commit_unsaid, "", "return", "commit/committed"),
    Planted(returning.commit_not_learnt, "", "return", "learn_commit/committed_before+is_entry"),
    Planted(returning.entry_before_commit, "", "return", "restart/is_entry+list_of+newest"),
    Planted(
        returning.list_not_stored,
        "",
        "return",
        "node_crashes/committed_before+is_entry+list_of+newest",
    ),
)
