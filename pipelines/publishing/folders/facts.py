"""What releases of every kind tell: their classes, and on which terms what is in them comes."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import ClassGroup, Label, LabelGroup

TAXONOMY = "taxonomy.json"
EDITS = "edits.csv"
STATISTICS = "statistics.json"


def taxonomy(session: Session, classes: Sequence[str]) -> dict[str, Any]:
    """Return the released classes with what the classes file says of them, and their groups."""
    rows = {label.name: label for label in session.scalars(select(Label))}
    groups = {group.id: group for group in session.scalars(select(ClassGroup))}
    of_label: dict[int, list[str]] = {}
    for link in session.scalars(select(LabelGroup).order_by(LabelGroup.label_id, LabelGroup.place)):
        of_label.setdefault(link.label_id, []).append(groups[link.group_id].name)
    return {
        "classes": [_class(name, rows.get(name), of_label) for name in classes],
        "groups": [
            {
                "name": group.name,
                "parent": groups[group.parent_id].name if group.parent_id else None,
                "question": group.question,
                "description": group.description,
            }
            for group in sorted(groups.values(), key=lambda group: (group.place, group.name))
        ],
    }


def _class(name: str, label: Label | None, of_label: Mapping[int, Sequence[str]]) -> dict[str, Any]:
    """Return what is known of a class; of one that edits made, its name alone."""
    if label is None:
        return {"name": name, "id": None, "description": None, "groups": []}
    return {
        "name": name,
        "id": label.key,
        "description": label.description,
        "groups": list(of_label.get(label.id, ())),
    }


def allowed(kind: str) -> tuple[str, str, str, str]:
    """Return of a kind of licence whether makers must be named, whether it may be sold and
    changed, and whether what is made of it must come on the same terms.

    >>> allowed("cc-by-nc-sa"), allowed("cc0"), allowed("other")
    (('yes', 'no', 'yes', 'yes'), ('no', 'yes', 'yes', 'no'), ('', '', '', ''))
    """  # noqa: D205 (one sentence)
    if kind in ("cc0", "public-domain"):
        return "no", "yes", "yes", "no"
    parts = kind.split("-")
    if parts[:2] != ["cc", "by"]:
        return "", "", "", ""
    return "yes", _no("nc" in parts), _no("nd" in parts), "yes" if "sa" in parts else "no"


def _no(is_so: bool) -> str:
    return "no" if is_so else "yes"


def write_json(path: Path, value: object) -> None:
    """Write a value as people read it, too."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")
