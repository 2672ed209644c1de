"""Addresses that may be asked now and might not before: what failed there is tried anew."""

import json
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kinetics_builder.config import DownloadConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, Setting, State
from kinetics_builder.errors import Reason
from kinetics_builder.workspace import Workspace
from pipelines.stage import Stage
from pipelines.surveying import forget


def ask_where_allowed(workspace: Workspace, stage: Stage[Any, Any]) -> None:
    """Free a stage's items that failed at an address, where the settings let others be asked.

    Which may be asked (`download.allow_private`) is written down for the next time. Nothing else
    is done anew.
    """
    key = f"{stage.name} addresses"
    now = json.dumps(workspace.config.download.allow_private)
    with reading(workspace.engine) as session:
        if _noted(session, key) == now:
            return
    with writing(workspace.engine) as session:
        session.execute(
            delete(Item).where(
                Item.stage == stage.name,
                Item.settings_hash == stage.settings_hash,
                Item.state == State.FAILED,
                Item.reason == Reason.UNSAFE_ADDRESS,
            )
        )
        forget(session, stage)
        session.merge(Setting(key=key, value=now))


def _noted(session: Session, key: str) -> str:
    row = session.get(Setting, key)
    return _UNSET if row is None else row.value


_UNSET = json.dumps(DownloadConfig().allow_private)
