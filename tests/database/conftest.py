"""Here the migrations themselves are under test: every new database runs them."""

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import Connection

from kinetics_builder.database import schema


@pytest.fixture(scope="session")
def postgresql(postgresql: Callable[..., str]) -> Callable[[str], str]:
    """The tests' own PostgreSQL server, as everywhere; but a new database is empty."""
    return partial(postgresql, like="template0")


@pytest.fixture(autouse=True)
def _every_database_is_migrated(
    run_migrations: Callable[[Connection], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_migrate", run_migrations)
