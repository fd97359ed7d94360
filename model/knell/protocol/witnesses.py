"""Which witnesses a configuration can show: each needs its faults, and somebody to see them.

Where the switches leave out what a witness needs, the state that it asks for cannot be reached
and nothing is wrong: there it is not declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from knell.language import Model
from knell.protocol.parameters import UNLIMITED
from knell.protocol.world import World


def settle(m: Model, w: World) -> None:
    """Take out the witnesses that cannot be shown here, and what names them."""
    lacking = {id for id, shown in _possible(w).items() if not shown}
    m.properties[:] = [
        replace(each, witness=None) if each.witness in lacking else each
        for each in m.properties
        if each.id not in lacking
    ]


def _possible(w: World) -> Mapping[str, object]:
    """For each witness whether the switches allow it."""
    p = w.p
    company, shared = p.nodes > 1, w.widest > 1
    false_alarm = p.heartbeat_losses or p.isolations
    lapses = p.leases and shared and (p.crashes or false_alarm)
    asked = p.failures or p.stops
    shuts_down = (
        asked or (p.leases and shared and false_alarm) or (p.critical and p.member_failures)
    )
    restarts = p.returning and (p.crashes or shuts_down)
    released = company and (shuts_down or restarts or (p.fences and p.crashes))
    heard = released or lapses
    passed = shared and (heard or p.member_failures)
    bounds = (p.failures, p.stops, p.crashes)
    twice = UNLIMITED in bounds or sum(bounds) > 1
    over = p.failures + p.stops + (p.crashes if p.fences else min(p.crashes, p.returning))
    all_go = UNLIMITED in bounds or over >= w.widest
    silent = (p.crashes or false_alarm) and not p.coarse
    return {
        "S1_closed": shuts_down,
        "S2_failover": passed,
        "S2_lapsed": lapses,
        "S2_granted": passed and w.widest > 2,
        "S2_cold_start": restarts,
        "S2_given_up": p.returning > 1 and restarts and asked and p.crashes,
        "S3_second": shuts_down,
        "S4_old_news": company and shuts_down,
        "S5_bounce": company and p.crashes,
        "S6_heard": heard,
        "S7_told": shared and heard,
        "S8_overtaken": company and asked and twice,
        "S9_overruled": released,
        "S10_held": passed,
        "S10_third": w.widest > 2,
        "S11_in_doubt": company if asked else shuts_down or p.crashes or p.member_failures,
        "S11_dependent": passed,
        "S12_preempted": shuts_down,
        "S13_draining": shared and shuts_down if asked or p.leases else heard,
        "S14_silent": company if silent else heard,
        "S15_ended": shuts_down,
        "return_to_primary": restarts and passed and all_go,
    }


__all__ = ["settle"]
