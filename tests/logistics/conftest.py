"""Rates of 2014 and the baseline's network, built once for the tests of freight."""

from __future__ import annotations

import pytest

from workbench.logistics import Network, Rates


@pytest.fixture(scope="session")
def rates(layers):
    return Rates.for_year(2014, layers)


@pytest.fixture(scope="session")
def baseline(layers):
    return Network.from_layers(layers)
