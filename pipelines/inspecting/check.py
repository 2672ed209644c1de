"""What the rows promise, and what the disk holds: the difference, and the way to mend it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Release
from kinetics_builder.workspace import Workspace, is_of_films
from pipelines.inspecting.unknown import list_folders, signs_of_loss, unknown_files
from pipelines.publishing.folders.broken import broken_files
from pipelines.publishing.folders.folder import SUMS
from pipelines.running.promises import Broken, inspect, undo_broken
from pipelines.running.surveying import forget, recall, survey
from pipelines.stages import ALL_MODULES, AVA_MODULES, build_stage


@dataclass(frozen=True)
class FoundFile:
    """A file that is not as it was left."""

    file: str
    """Path relative to the workspace."""
    keeping: str
    """"missing" or "changed"."""
    remedy: str


@dataclass(frozen=True)
class CheckReport:
    """What `check` looked at, and what is wrong."""

    num_files: int
    """That rows and releases promise."""
    broken: list[FoundFile]
    num_unknown: dict[str, int]
    """Files that no row names, by folder."""
    database: list[str]
    """What is wrong with the database: what it says itself, and what it does not know."""

    @property
    def is_sound(self) -> bool:
        """Whether everything promised is there."""
        return not self.broken and not self.database


def check(workspace: Workspace, *, quick: bool = False) -> CheckReport:
    """Hold every file that a row or a release promises against the disk.

    Items whose files are lost or changed are undone, so that the next `collect` makes them
    again; where the workspace cannot be written, they are told alone.

    Args:
        workspace: Where.
        quick: Believe files of the promised size and time; else every byte is read.

    """
    num_files, broken = 0, []
    for name in ALL_MODULES:
        stage = build_stage(name, workspace)
        files = inspect(workspace, stage, thoroughly=not quick)
        if workspace.is_writable:
            undo_broken(workspace, stage, files.broken)
        num_files += files.num_files
        broken += [_found(one, name) for one in files.broken]
    releases = list(_releases(workspace, quick=quick))
    return CheckReport(
        num_files=num_files + sum(count for count, _ in releases),
        broken=broken + [file for _, files in releases for file in files],
        num_unknown={name: len(files) for name, files in unknown_files(workspace).items() if files},
        database=[
            *_of_the_database(workspace.engine),
            *_losses(workspace),
            *_miscounts(workspace),
        ],
    )


def _found(broken: Broken, stage: str) -> FoundFile:
    command = "kbuild ava collect" if stage in AVA_MODULES else "kbuild collect"
    command = _REQUESTS.get(stage, command)
    return FoundFile(broken.promise.file, broken.keeping.value, f"`{command}` makes it again.")


_REQUESTS = {"ava cut": "kbuild ava release --films stretches", "restore cut": "kbuild restore"}
"""What runs the stages that other verbs run where they need them."""


def _releases(workspace: Workspace, *, quick: bool) -> Iterator[tuple[int, list[FoundFile]]]:
    """Yield how many files a release promises, and those that are not as they were."""
    with reading(workspace.engine) as session:
        folders = _folders(session, workspace)
    for folder in sorted(folders):
        command = f"kbuild {'ava ' * is_of_films(folder)}release"
        remedy = f"Move {folder} away; `{command}` writes it anew."
        name = str(folder.relative_to(workspace.root))
        if not (folder / SUMS).is_file():
            yield 1, [FoundFile(f"{name}/{SUMS}", "missing", remedy)]
            continue
        count, broken = broken_files(folder, thoroughly=not quick)
        yield count, [FoundFile(f"{name}/{file}", how, remedy) for file, how in broken.items()]


def _folders(session: Session, workspace: Workspace) -> set[Path]:
    """Return the folders of releases, of those on disk and of those in the database."""
    noted = {workspace.root / row for row in session.scalars(select(Release.folder))}
    return noted | {sums.parent for sums in workspace.releases.glob(f"[!.]*/{SUMS}")}


def _losses(workspace: Workspace) -> list[str]:
    with reading(workspace.engine) as session:
        return signs_of_loss(session, list_folders(workspace.storage))


def _miscounts(workspace: Workspace) -> Iterator[str]:
    """Count the items of stages anew, and yield what was remembered otherwise; forget that."""
    for name in ALL_MODULES:
        stage = build_stage(name, workspace)
        with reading(workspace.engine) as session:
            known = recall(session, stage)
            there = known if known is None else survey(session, stage).counts
        if known != there:
            yield f"{name}: {known} were remembered, {there} are there. The next run counts anew."
            if workspace.is_writable:
                with writing(workspace.engine) as session:
                    forget(session, stage)


def _of_the_database(engine: Engine) -> list[str]:
    """Return what SQLite's own check finds; a server checks itself."""
    if engine.dialect.name != "sqlite":
        return []
    with reading(engine) as session:
        words = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check(20)"))]
        orphans = session.execute(text("PRAGMA foreign_key_check")).all()
    found = [] if words == ["ok"] else words
    lost = (f"a row of {row[0]} names a row of {row[2]} that is not there" for row in orphans[:20])
    return [*found, *lost]
