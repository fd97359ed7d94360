"""Replay bites: each planted fault of the core is found, by the divergence that is meant to."""

from functools import cache

import pytest

from knell.conformance.replay.expected import Expectation
from knell.conformance.replay.product import Product
from knell.language import Settings
from knell.language.loading import load_model
from knell.protocol import NODE_SHUTDOWN
from knell.spec.ids import Hazard
from tests.conformance.planted import CONFIGS, PLANTED


@cache
def expected(config):
    """The model of a configuration, and its graph."""
    values = {name: str(value).lower() for name, value in CONFIGS[config].items()}
    found = Expectation(load_model(NODE_SHUTDOWN, Settings(values=values)))
    return found, found.graph()


def judge(config):
    product = Product(*expected(config))
    coverage = product.explore(most=1)
    if product.complete:
        product.try_stutters()
    return coverage


@pytest.mark.parametrize("config", CONFIGS)
def test_the_core_itself_conforms(config):
    coverage = judge(config)
    assert coverage.divergences == []
    assert coverage.covered == coverage.model > 0
    assert coverage.tried > 0
    assert coverage.stutters > 0


@pytest.mark.parametrize("planted", PLANTED, ids=[each.plant.__name__ for each in PLANTED])
def test_a_planted_fault_is_found(planted, monkeypatch):
    expected(planted.config)
    planted.plant(monkeypatch)
    coverage = judge(planted.config)
    assert [each.id for each in coverage.divergences[:1]] == [planted.killed_by]


def test_each_fault_says_what_it_does():
    assert all(each.plant.__doc__ for each in PLANTED)
    assert len({each.plant for each in PLANTED}) == len(PLANTED) >= 40


def test_the_hazards_are_all_planted():
    planted = {each.hazard for each in PLANTED if each.hazard}
    assert planted == {each.value for each in Hazard}
