"""Fixtures shared by every test: the embedded baseline, loaded once."""

from __future__ import annotations

import pytest

import workbench as wb


@pytest.fixture(scope="session")
def layers():
    """The embedded baseline; treat it as read-only."""
    return wb.load()
