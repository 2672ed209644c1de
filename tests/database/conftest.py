"""Where the migrations themselves are under test, every new SQLite database runs them."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from kinetics_builder.database import schema

RUN_ANEW = ("test_engine", "test_faults", "test_opening")
"""Modules about making tables. The others have a copy of what the migrations made, as all tests."""


@pytest.fixture(autouse=True)
def _databases_are_migrated(
    request: pytest.FixtureRequest,
    run_migrations: Callable[[Connection], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if request.module.__name__.endswith(RUN_ANEW):
        monkeypatch.setattr(schema, "_migrate", run_migrations)
