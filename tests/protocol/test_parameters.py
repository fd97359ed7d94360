"""Parameters: each switch has an effect, and nonsense is refused with one line."""

import pytest

from knell.checker import Options, check
from knell.language import Settings
from knell.language.loading import load_model
from knell.language.settings import ParameterValue
from knell.protocol import NODE_SHUTDOWN
from knell.spec.errors import KnellError

TINY: dict[str, ParameterValue] = {
    "nodes": 2,
    "groups": 1,
    "placement": "same",
    "components": "none",
    "heartbeat_losses": 0,
    "crashes": 0,
}


def actions(**values: ParameterValue) -> set[str]:
    """The names of the actions declared under these parameters."""
    model = load_model(NODE_SHUTDOWN, Settings(values={**TINY, **values}))
    return {action.name for action in model.actions}


@pytest.mark.parametrize(
    ("values", "added"),
    [
        ({"crashes": 1}, {"node_crashes", "miss_heartbeats"}),
        ({"heartbeat_losses": 1}, {"lose_heartbeats", "regain_heartbeats"}),
        ({"stops": 1}, {"request_stop"}),
        ({"member_failures": 1}, {"member_leaves", "hear_member_gone"}),
        ({"components": "engine"}, {"component_dies", "initiate_by_sentinel"}),
        ({"unkillable": True}, {"hear_member_gone"}),
        ({"goodbyes": True}, {"hear_member_gone"}),
        ({"acts": True}, {"begin_act", "finish_act"}),
        (
            {"isolations": 1},
            {
                "isolate",
                "mute_only",
                "cut_link",
                "heal",
                "miss_heartbeats",
                "regain_heartbeats",
            },
        ),
        ({"fences": True}, {"fence", "hear_fence"}),
        ({"groups": 2}, {"hear_promoted"}),
        (
            {"returning": 1},
            {"restart", "hear_announce", "propose", "accept", "commit", "learn_commit"},
        ),
    ],
)
def test_a_switch_adds_its_actions(values: dict[str, ParameterValue], added: set[str]) -> None:
    assert actions(**values) - actions() == added


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"nodes": 0}, "at least 1"),
        ({"nodes": "many"}, "an integer"),
        ({"signals": 3}, "one or two"),
        ({"placement": "upside-down"}, "one of"),
        ({"returning": 9}, "cannot return"),
        ({"leases": True, "groups": 2}, "one group"),
        ({"cold_starts": True}, "returning"),
        ({"colour": "blue"}, "no parameter"),
        ({"crashes": -2}, "at least -1"),
        ({"acts": "maybe"}, "true or false"),
    ],
)
def test_nonsense_is_refused(values: dict[str, ParameterValue], said: str) -> None:
    with pytest.raises(KnellError, match=said) as caught:
        load_model(NODE_SHUTDOWN, Settings(values={**TINY, **values}))
    assert "\n" not in str(caught.value)


def test_an_unlimited_fault_declares_no_counter() -> None:
    model = load_model(NODE_SHUTDOWN, Settings(values={**TINY, "failures": -1, "crashes": -1}))
    assert not [v.name for v in model.variables if v.name.endswith("_left")]


def test_unlimited_faults_hold_what_bounded_ones_hold() -> None:
    values = {**TINY, "failures": -1, "crashes": -1}
    result = check(load_model(NODE_SHUTDOWN, Settings(values=values)), Options())
    assert result.verdict == "holds"


def test_one_node_alone_shuts_down() -> None:
    result = check(load_model(NODE_SHUTDOWN, Settings(values={**TINY, "nodes": 1})), Options())
    assert {p.id for p in result.properties if p.verdict == "violated"} == {
        "S2_failover",
        "S6_heard",
        "S7_told",
        "S9_overruled",
        "S10_held",
        "S11_in_doubt",
        "S13_draining",
        "S14_silent",
    }, "alone, there is nobody to see it, and that is all that is missing"
