"""Each example in a docstring does what it says."""

import doctest
import importlib
import pkgutil

import pytest

import knell

MODULES = [info.name for info in pkgutil.walk_packages(knell.__path__, "knell.")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings(name):
    results = doctest.testmod(importlib.import_module(name), verbose=False)
    assert results.failed == 0
