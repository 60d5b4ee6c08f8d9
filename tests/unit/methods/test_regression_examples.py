"""Examples in docstrings of errors and bootstraps run and give what they say."""

import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "spec._covariance",
        "spec._small_sample",
        "regression.conley",
        "regression.covariance",
        "regression.pairs",
        "regression.wild",
        "regression.wild_forms",
    ],
)
def test_examples_run(name):
    found = doctest.testmod(import_module(f"shanhai.methods.{name}"))
    assert found.attempted
    assert found.failed == 0
