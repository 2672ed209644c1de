"""What all tables share."""

from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Enum, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase

from kinetics_builder.database.tables.values import (
    Act,
    Answer,
    BoxFlag,
    Decided,
    Method,
    Outcome,
    RoundState,
    Split,
    Standing,
    State,
    Survival,
    Term,
    Verdict,
    WebKind,
)
from kinetics_builder.errors import Reason
from kinetics_builder.ways import Way

NumBytes = BigInteger().with_variant(Integer(), "sqlite")
"""The size of a file: films are larger than what PostgreSQL's INTEGER holds, SQLite's holds all."""
Blob = bytes
"""For tables that have a column named `bytes`."""


def _by_value(kind: type[StrEnum]) -> Enum:
    return Enum(
        kind,
        native_enum=False,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """Metadata shared by all tables. Enums are stored by value, as the CSVs spell them."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        **{
            kind: _by_value(kind)
            for kind in (
                State,
                Term,
                Method,
                Standing,
                Survival,
                Act,
                Answer,
                BoxFlag,
                Verdict,
                Split,
                Outcome,
                RoundState,
                Decided,
                Reason,
                Way,
                WebKind,
            )
        },
        list[float]: JSON,
        list[int]: JSON,
        list[list[str]]: JSON,
        dict[str, Any]: JSON,
    }
