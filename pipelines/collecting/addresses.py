"""What settings let be asked that was refused before: what failed for that is tried anew."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kinetics_builder.config import DownloadConfig, settings_hash
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, Setting, State
from kinetics_builder.errors import Reason
from kinetics_builder.workspace import Workspace
from pipelines.running.stage import Stage
from pipelines.running.surveying import forget


class _Let(NamedTuple):
    """A setting that lets something be asked."""

    name: str
    value: str
    """As it is noted; a secret never stands in it."""
    reason: Reason
    """Of what failed without it."""


def ask_where_allowed(workspace: Workspace, stage: Stage[Any, Any]) -> None:
    """Free a stage's items that failed for want of a setting that is another now.

    Which addresses may be asked, who signs in, and from where is asked is written down for the
    next time. Nothing else is done anew.
    """
    unset = {one.name: one.value for one in _lets(DownloadConfig())}
    with reading(workspace.engine) as session:
        changed = [
            one
            for one in _lets(workspace.config.download)
            if _noted(session, stage, one, unset[one.name]) != one.value
        ]
    if not changed:
        return
    with writing(workspace.engine) as session:
        session.execute(
            delete(Item).where(
                Item.stage == stage.name,
                Item.settings_hash == stage.settings_hash,
                Item.state == State.FAILED,
                Item.reason.in_([one.reason for one in changed]),
            )
        )
        forget(session, stage)
        for one in changed:
            session.merge(Setting(key=f"{stage.name} {one.name}", value=one.value))


def _lets(config: DownloadConfig) -> Iterator[_Let]:
    yield _Let("addresses", json.dumps(config.allow_private), Reason.UNSAFE_ADDRESS)
    yield _Let("cookies", _version(config.cookies_file), Reason.SIGN_IN)
    yield _Let("proxy", settings_hash(config.proxy) if config.proxy else "", Reason.GEO)


def _version(file: str) -> str:
    """Return what changes with a file, without what stands in it."""
    with suppress(OSError):
        return f"{file} {Path(file).stat().st_mtime_ns}" if file else ""
    return file


def _noted(session: Session, stage: Stage[Any, Any], one: _Let, unset: str) -> str:
    row = session.get(Setting, f"{stage.name} {one.name}")
    return unset if row is None else row.value
