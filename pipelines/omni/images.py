"""Stage that `omni score` runs, omni images: pictures of the web -> what a teacher says of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from kinetics_builder.database.tables import WebKind
from kinetics_builder.workspace import Workspace
from pipelines.omni.asking import Said, WebItem, shared
from pipelines.running.paging import Page
from pipelines.running.stage import Stage


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was kept, and what is known of it."""

    id: str
    label: str
    """What was searched for."""
    file: str
    """Path relative to the workspace."""
    sha256: str
    likeness: str
    maker: str
    licence: str
    page: str


def stage(workspace: Workspace) -> Stage[WebItem, Said]:
    """Return the stage: an item is a picture that `images` keeps in the workspace.

    Reads what the folders of pictures say, and `teacher`; writes `teacher_score`.
    """
    return Stage(
        needs="images",
        what="pictures",
        items=partial(_items, root=workspace.root),
        version=partial(_version, root=workspace.root),
        **shared(workspace, WebKind.IMAGES),
    )


def pictures(root: Path) -> Iterator[Picture]:
    """Yield the pictures that the folders of a workspace keep, in the order of their files."""
    from pipelines.picturing.asking import IMAGES
    from pipelines.picturing.collecting import FOUND, Gathering
    from pipelines.picturing.fetching import Fate

    for folder in IMAGES:
        if not (root / folder / FOUND).is_file():
            continue
        rows = Gathering.of(root / folder).rows.values()
        for row in sorted(rows, key=lambda row: str(row["file"])):
            if row["fate"] == Fate.KEPT and (root / folder / row["file"]).is_file():
                yield Picture(
                    id=str(row["id"]),
                    label=str(row["label"]),
                    file=f"{folder}/{row['file']}",
                    sha256=str(row["sha256"]),
                    likeness=str(row["likeness"]),
                    maker=str(row.get("creator", "")),
                    licence=str(row.get("licence", "")),
                    page=str(row.get("page", "")),
                )


def _items(_session: Session, _page: Page, *, root: Path) -> Sequence[tuple[str, WebItem]]:
    items = (WebItem(one.id, one.file, one.sha256) for one in pictures(root))
    return sorted(((item.key, item) for item in items), key=lambda pair: pair[0])


def _version(_session: Session, *, root: Path) -> str:
    from pipelines.picturing.asking import IMAGES
    from pipelines.picturing.collecting import FOUND

    found = (root / folder / FOUND for folder in IMAGES)
    stats = (path.stat() for path in found if path.is_file())
    return " ".join(f"{stat.st_size} {stat.st_mtime_ns}" for stat in stats) or "none"
