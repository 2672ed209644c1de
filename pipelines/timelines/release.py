"""Verb `release --kind segments`: whole videos that people marked -> a folder to give away."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.class_edits import recorded_edits
from kinetics_builder.curation.log import live_edits
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Takedown, TakenVideo, Timeline, TimelineAnswer, Video
from kinetics_builder.errors import ReleaseError, StageOrderError
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.datasheet.answers import ANSWERS, read_answers
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.text.counting import counted
from kinetics_builder.workspace import Workspace
from pipelines.publishing.clips.gone import write_gone
from pipelines.publishing.curating.dealing import Together
from pipelines.publishing.folders.describing import hub_card, write_descriptions
from pipelines.publishing.folders.errata import BESIDE
from pipelines.publishing.folders.facts import EDITS, TAXONOMY, taxonomy, write_json
from pipelines.publishing.folders.folder import SUMS, building
from pipelines.publishing.folders.handing_over import Wanted, hand_over
from pipelines.publishing.folders.pseudonyms import Pseudonyms
from pipelines.timelines.dealing import deal_marked, keep_splits
from pipelines.timelines.derived import derive
from pipelines.timelines.described import describe_segments
from pipelines.timelines.marked import LeftOut, MarkedVideo, marked_videos
from pipelines.timelines.readme import write_readme
from pipelines.timelines.tables import Tables

_PREFIX = "segments-v"


@dataclass(frozen=True)
class SegmentsReleaseReport:
    """Which release holds the marked videos."""

    name: str
    folder: Path
    is_new: bool
    """False when a release with the same content was there already."""
    num_videos: int
    num_segments: int
    num_classes: int
    splits: dict[str, dict[str, Any]]
    """By split: videos, those without segments, segments, hours."""
    left_out: list[LeftOut]
    content_hash: str
    """SHA-256 of the release's checksum file: equal for equal content."""


def release_segments(
    workspace: Workspace, name: str | None = None, key: Path | None = None
) -> SegmentsReleaseReport:
    """Write what people marked in whole videos to `releases/NAME`, or find what holds it.

    The folder is built aside and renamed when it is whole. Equal state gives equal bytes; without
    a name, a release with the same content is found again. Reads all answers about timelines;
    writes `film_split` and `release`.

    Args:
        workspace: Where.
        name: Of the new folder; `segments-v1`, `segments-v2` and so on without it.
        key: A private Ed25519 key as PEM: the checksums are signed by it.

    Raises:
        ConfigError: The key signs nothing; nothing was written.
        StageOrderError: Nobody has marked anything.
        ReleaseError: No video is decided.
        WorkspaceError: The name is taken by other content, or another run is writing.

    """
    wanted = Wanted(name, key, _PREFIX)
    wanted.check()
    pseudonyms = Pseudonyms.of(workspace.engine)
    with building(workspace.releases) as built:
        with reading(workspace.engine) as session:
            videos, left_out = _chosen(session, workspace)
            sums = _write(session, workspace, built, pseudonyms, (videos, left_out))
        sum_up(built)
        found = hand_over(workspace, built, wanted, lambda: _keep(workspace, videos))
    return SegmentsReleaseReport(
        name=found.folder.name,
        folder=found.folder,
        is_new=found.is_new,
        num_videos=sums["num_videos"],
        num_segments=sums["num_segments"],
        num_classes=sums["num_classes"],
        splits=sums["splits"],
        left_out=left_out,
        content_hash=found.content_hash,
    )


def _keep(workspace: Workspace, videos: Sequence[MarkedVideo]) -> None:
    """Write the splits down, before anybody sees them."""
    with writing(workspace.engine) as session:
        keep_splits(session, videos, workspace.config.release.seed)


def _chosen(session: Session, workspace: Workspace) -> tuple[list[MarkedVideo], list[LeftOut]]:
    """Return the videos with their splits, and those that are left out; raises as the verb."""
    if session.scalar(select(Timeline.id).limit(1)) is None:
        raise StageOrderError("release", needs="assign --kind segments", what="videos to mark")
    if session.scalar(select(TimelineAnswer.id).limit(1)) is None:
        raise StageOrderError("release", needs="annotate", what="marked videos")
    whole, open_ = marked_videos(session, workspace.config)
    if not whole:
        first = f" {open_[0].video_id}: {open_[0].reason}." if open_ else ""
        raise ReleaseError(
            f"of {counted(len(open_), 'video')} none is marked by enough people.{first} "
            "`kbuild annotate` goes on asking. Nothing was written."
        )
    dealt, away = deal_marked(session, whole, workspace.config)
    left = sorted([*open_, *away], key=lambda one: one.video_id)
    if not dealt:
        raise ReleaseError(f"{left[0].video_id}: {left[0].reason}. Nothing is left to release.")
    return dealt, left


def _write(
    session: Session,
    workspace: Workspace,
    built: Path,
    pseudonyms: Pseudonyms,
    chosen: tuple[Sequence[MarkedVideo], Sequence[LeftOut]],
) -> dict[str, Any]:
    """Write everything but the checksums, and return the sums."""
    videos, left_out = chosen
    config = workspace.config
    classes = sorted({asked.label for one in videos for asked in one.asked})
    rows = [(one.video_id, one.site, one.uploader) for one in videos]
    groups = Together.of(session, config, rows).groups
    Tables(videos, left_out, groups, pseudonyms, built).write()
    sums = derive(built, built)
    write_json(built / TAXONOMY, taxonomy(session, classes))
    with writing_text(built / EDITS) as file:
        file.write(csv_line(("number", "edit")))
        edits = (str(edit) for _, edit in live_edits(recorded_edits(session)))
        file.writelines(map(csv_line, enumerate(edits, start=1)))
    gone = _gone(session)
    write_gone(built, ("video", "date", "reason"), gone)
    answers = read_answers(workspace.root / ANSWERS)
    description = describe_segments(built, sums, config)
    readme = hub_card(description, answers) + write_readme(sums, len(gone), config)
    (built / "README.md").write_text(readme, "utf-8")
    write_descriptions(built, description, answers)
    return sums


def _gone(session: Session) -> list[tuple[str, str, str]]:
    """Return the videos that people marked and that were taken down since, with when and why."""
    rows = session.execute(
        select(Video.video_id, Takedown.on_date, Takedown.reason)
        .join(TakenVideo, TakenVideo.video_id == Video.id)
        .join(Takedown, Takedown.id == TakenVideo.takedown_id)
        .where(
            Video.id.in_(
                select(Timeline.video_id).join(
                    TimelineAnswer, TimelineAnswer.timeline_id == Timeline.id
                )
            )
        )
        .order_by(Video.video_id)
    )
    return [(video, on_date, reason) for video, on_date, reason in rows]


def sum_up(built: Path) -> None:
    """Write the checksums of all files but what is said beside them."""
    names = sorted(path.name for path in built.iterdir() if path.name not in (SUMS, *BESIDE))
    lines = (f"{file_sha256(built / name)}  {name}\n" for name in names)
    (built / SUMS).write_text("".join(lines), encoding="utf-8")
