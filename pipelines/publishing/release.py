"""Verb `release`: curated clips -> a folder of files to give away."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import with_room
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import CuratedClip, Decision, Verdict
from kinetics_builder.errors import StageOrderError
from kinetics_builder.formats.datasheet.answers import ANSWERS, read_answers
from kinetics_builder.garbage import many_rows
from kinetics_builder.workspace import Workspace
from pipelines.publishing.clips import texts
from pipelines.publishing.clips.lists import HELD_OUT, Lists, write_held_out, write_lists
from pipelines.publishing.clips.placing import place_clips
from pipelines.publishing.clips.texts import CLIP_SUMS, MARKS, SOURCES, ClipsBeside, clips_beside
from pipelines.publishing.curating.dealing import fix_placements
from pipelines.publishing.folders.folder import SUMS, building
from pipelines.publishing.folders.handing_over import HandedOver, Wanted, hand_over
from pipelines.publishing.folders.processes import num_cores
from pipelines.publishing.folders.pseudonyms import Pseudonyms
from pipelines.publishing.folders.shards import add_shards, count_shards


@dataclass(frozen=True)
class ReleaseReport:
    """Which release holds the curated clips."""

    name: str
    folder: Path
    is_new: bool
    """False when a release with the same content was there already."""
    num_clips: int
    num_labels: int
    splits: dict[str, int]
    bytes: int
    """Of all clip files."""
    num_shards: int
    """Tar files that hold the same clips; 0 where none were asked for."""
    content_hash: str
    """SHA-256 of the release's checksum file: equal for equal content."""


def release(
    workspace: Workspace,
    name: str | None = None,
    key: Path | None = None,
    *,
    num_shards: int | None = None,
) -> ReleaseReport:
    """Write the curated clips to `releases/NAME`, or find the release that holds them.

    The folder is built aside and renamed when it is whole. Equal state gives equal bytes;
    without a name, a release with the same content is found again and nothing is written.
    Reads `curated_clip` and what it is made of; writes `release`.

    Args:
        workspace: Where.
        name: Of the new folder; `v1`, `v2` and so on without it.
        key: A private Ed25519 key as PEM: the checksums are signed by it.
        num_shards: Tar files, for WebDataset, that the clips of each split are written to as well.

    Raises:
        ConfigError: The key signs nothing; nothing was written.
        StageOrderError: There is nothing to release; with the stage to run.
        WorkspaceError: The name is taken by other content, a clip's file has changed since
            it was cut, or another run is writing.

    """
    wanted = Wanted(name, key)
    wanted.check()
    with many_rows(), building(workspace.releases) as built, ExitStack() as stack:
        (built / "clips").mkdir()
        work = _Work.of(workspace, built, name, stack)
        sums = _write(workspace, built, work.beside, is_sharded=num_shards is not None)
        are_placed = work.places
        if num_shards is not None:
            if not are_placed:
                place_clips(workspace.storage, built, _clips_to_place(built.parent))
            add_shards(built, num_shards)
            are_placed = True

        def finish() -> Path | None:
            if not are_placed:
                place_clips(workspace.storage, built, _clips_to_place(built.parent))
            if work.beside is None:
                return None
            work.beside.process.join()
            return built.parent / MARKS

        found = hand_over(workspace, built, wanted, finish)
    with reading(workspace.engine) as session:
        write_held_out(session, workspace.root / HELD_OUT / f"{found.folder.name}.csv")
    with writing(workspace.engine) as session:
        fix_placements(session)
    return _report(found, sums)


@dataclass(frozen=True, slots=True)
class _Work:
    """Who does what."""

    beside: ClipsBeside | None
    """A process that writes table and texts of many clips."""
    places: bool
    """Whether it places their files, too: only if they will be needed."""

    @classmethod
    def of(cls, workspace: Workspace, built: Path, name: str | None, stack: ExitStack) -> Self:
        with reading(workspace.engine) as session:
            query = select(func.count()).select_from(CuratedClip).where(CuratedClip.is_public())
            num_clips = session.scalar(query) or 0
        if num_clips < texts.MANY or num_cores() == 1:
            return cls(None, places=False)
        places = _is_surely_new(workspace.releases, name)
        storage = workspace.storage if places else None
        pseudonyms = Pseudonyms.of(workspace.engine)
        return cls(stack.enter_context(clips_beside(built, pseudonyms, storage)), places)


def _write(
    workspace: Workspace, built: Path, beside: ClipsBeside | None, *, is_sharded: bool
) -> Mapping[str, Any]:
    """Write the lists; return their sums."""
    pseudonyms = Pseudonyms.of(workspace.engine)
    answers = read_answers(workspace.root / ANSWERS)
    with reading(workspace.engine) as session, with_room(session):
        _check_order(session)
        lists = Lists(workspace.config, pseudonyms, answers, is_sharded=is_sharded)
        return write_lists(session, lists, built, beside)


def _check_order(session: Session) -> None:
    if session.scalar(select(CuratedClip.clip_id).limit(1)) is not None:
        return
    accepted = select(Decision.clip_id).where(Decision.verdict == Verdict.ACCEPTED)
    if session.scalar(accepted.limit(1)) is None:
        raise StageOrderError("release", needs="aggregate", what="accepted clips")
    raise StageOrderError("release", needs="curate", what="clips to release")


def _is_surely_new(releases: Path, name: str | None) -> bool:
    """Say whether no release that is there can hold the same; else it is found out later."""
    if name is not None:
        return not (releases / name).exists()
    return next(releases.glob(f"[!.]*/{SUMS}"), None) is None


def _clips_to_place(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield each clip's file in the workspace, its hash, and its file in the release.

    One that several rows name comes once.
    """
    placed = set[str]()
    with (
        (folder / SOURCES).open(encoding="utf-8", newline="\n") as sources,
        (folder / CLIP_SUMS).open(encoding="utf-8", newline="\n") as sums,
    ):
        for source, line in zip(sources, sums, strict=True):
            sha256, _, file = line[:-1].partition("  ")
            if file not in placed:
                placed.add(file)
                yield source[:-1], sha256, file


def _report(found: HandedOver, sums: Mapping[str, Any]) -> ReleaseReport:
    return ReleaseReport(
        name=found.folder.name,
        folder=found.folder,
        is_new=found.is_new,
        num_clips=sums["num_clips"],
        num_labels=sums["num_classes"],
        splits={split: counts["clips"] for split, counts in sums["splits"].items()},
        bytes=sums["bytes"],
        num_shards=count_shards(found.folder),
        content_hash=found.content_hash,
    )
