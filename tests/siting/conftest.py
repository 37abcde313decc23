"""One pricer of the baseline's network for all tests of siting: building it takes longest."""

from __future__ import annotations

import pytest

from workbench.siting import pricer


@pytest.fixture(scope="session")
def price(layers):
    return pricer(layers)
