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
        ({"members": 9}, "on 2 nodes"),
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


ODD: list[tuple[str | None, dict[str, ParameterValue]]] = [
    (None, {"nodes": 1}),
    (None, {"members": 1}),
    (None, {"failures": 0}),
    (None, {"failures": 0, "crashes": 0, "heartbeat_losses": 0}),
    ("small", {"failures": 0}),
    ("two-epochs", {"crashes": 0}),
    ("cold-start", {"returning": 1}),
    ("cold-start", {"crashes": 0}),
    ("lease", {"heartbeat_losses": 0, "failures": 0}),
    ("lease-members", {"heartbeat_losses": 0}),
    ("daemon", {"failures": 0}),
]


@pytest.mark.parametrize(("config", "values"), ODD)
def test_where_a_witness_lacks_its_faults_it_is_not_asked_for(
    config: str | None, values: dict[str, ParameterValue]
) -> None:
    model = load_model(NODE_SHUTDOWN, Settings(config=config, values=values))
    result = check(model, Options())
    assert {p.id for p in result.properties if p.verdict != "holds"} == set()


def test_one_node_alone_shuts_down() -> None:
    model = load_model(NODE_SHUTDOWN, Settings(values={**TINY, "nodes": 1}))
    shown = {p.id for p in model.properties if p.kind == "reachable"}
    assert shown == {"S1_closed", "S3_second", "S12_preempted", "S15_ended"}
    assert check(model, Options()).verdict == "holds"
