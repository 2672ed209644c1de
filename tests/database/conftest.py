"""Here the migrations themselves are under test: every new database runs them."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from kinetics_builder.database import schema


@pytest.fixture(autouse=True)
def _every_database_is_migrated(
    run_migrations: Callable[[Connection], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_migrate", run_migrations)
