"""Verb `classes text`: what workers are told of a class, by version."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.class_texts.differences import compare
from kinetics_builder.crowd.class_texts.versions import ClassText, Version
from kinetics_builder.database.tables import Label
from kinetics_builder.errors import CrowdError
from kinetics_builder.text.foreign import spelled


def find_label(session: Session, name: str) -> Label:
    """Return the class in use of this name; capitals don't matter.

    Raises:
        CrowdError: There is none.

    """
    query = select(Label).where(~Label.is_retired, func.lower(Label.name) == spelled(name).lower())
    label = session.scalars(query).first()
    if label is None:
        raise CrowdError(f"There is no class {name!r} in use. `kbuild classes list` lists them.")
    return label


def text_lines(label: Label, versions: Sequence[Version]) -> list[str]:
    """Return what people read of a class and its versions, the newest first."""
    lines = [label.name + (" (full)" if label.is_full else ""), *_said(versions[-1].text), ""]
    for one in reversed(versions):
        at = f" {one.at:%Y-%m-%d %H:%M}" if one.at else ""
        why = f": {one.reason}" if one.reason else ""
        lines.append(f"version {one.number}{at}, {one.by}, {one.num_answers:,} answers{why}")
    return lines


def compare_lines(versions: Sequence[Version], old: int, new: int) -> list[str]:
    """Return what differs between two versions, a line a part.

    Raises:
        CrowdError: There is no such version.

    """
    texts = {one.number: one.text for one in versions}
    for number in (old, new):
        if number not in texts:
            raise CrowdError(f"There is no version {number}: there are 1 to {len(versions)}.")
    lines = [one.line for one in compare(texts[old], texts[new])]
    return lines or ["Both say the same."]


def text_facts(label: Label, versions: Sequence[Version]) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "label": label.name,
        "is_full": label.is_full,
        **asdict(versions[-1].text),
        "versions": [
            {
                "number": one.number,
                **asdict(one.text),
                "by": one.by,
                "reason": one.reason,
                "at": one.at and one.at.isoformat(),
                "num_answers": one.num_answers,
            }
            for one in versions
        ],
    }


def _said(text: ClassText) -> list[str]:
    said = {name: value for name, value in asdict(text).items() if value}
    shown = {
        name: ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for name, value in said.items()
    }
    return [f"  {name:<12} {value}" for name, value in shown.items()] or ["  nothing is said of it"]
