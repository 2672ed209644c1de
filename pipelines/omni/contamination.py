"""Verb `omni contamination`: which items of the web are in the target's validation set."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Candidate, Clip, ClipFile, Media, Video, WebKind
from kinetics_builder.formats.output import writing_text
from kinetics_builder.text.takedowns import uploader_key
from kinetics_builder.workspace import Workspace
from pipelines.omni.images import pictures
from pipelines.omni.target import SPLITS, Target
from pipelines.publishing.folders.pseudonyms import Pseudonyms


@dataclass(frozen=True, slots=True, order=True)
class Contaminated:
    """An item that may be in the target's validation set, for one reason."""

    kind: WebKind
    file: str
    """Path relative to the workspace."""
    sort: str
    """`video`: the target has clips of this video. `file`: it has this very file. `looks`: a clip
    of the video shows what a clip of the target shows, or the picture is a frame of one.
    `uploader`: the target has another video of this uploader."""
    target: str
    other: str
    """The clip of the target, or its video."""
    why: str


@dataclass(frozen=True)
class _Item:
    kind: WebKind
    file: str
    video_id: str
    sha256: str = ""
    clip_id: int | None = None


@dataclass(frozen=True)
class ContaminationReport:
    """What was looked at, and what was found."""

    num_items: int
    num_targets: int
    """Videos of the targets."""
    num_prints: int
    """Clips of the targets of which it is known what they look like."""
    found: list[Contaminated]


def find_contaminated(
    workspace: Workspace, paths: Sequence[Path], splits: Sequence[str] = SPLITS
) -> ContaminationReport:
    """Return the items that may be in the validation sets of targets; changes nothing.

    Raises:
        FormatError: A target cannot be read, or holds nothing of these splits.

    """
    targets = [Target.read(path, splits) for path in paths]
    pseudonyms = Pseudonyms.of(workspace.engine)
    with reading(workspace.engine) as session:
        items = list(_items(session, workspace))
        uploaders = _uploaders(session, pseudonyms)
        found = [
            one
            for target in targets
            for one in _of_target(session, workspace, items, uploaders, target)
        ]
    return ContaminationReport(
        len(items),
        sum(len(target.ids) for target in targets),
        sum(len(target.prints) for target in targets),
        sorted(set(found)),
    )


def _items(session: Session, workspace: Workspace) -> Iterator[_Item]:
    for one in pictures(workspace.root):
        yield _Item(WebKind.IMAGES, one.file, one.id)
    clips = (
        select(ClipFile.file, Video.video_id, ClipFile.sha256, Clip.id)
        .join(Clip, Clip.id == ClipFile.clip_id)
        .join(Video, Video.id == Clip.video_id)
        .where(Clip.is_withdrawn.is_(False))
        .order_by(Clip.id)
    )
    for file, video_id, sha256, clip_id in session.execute(clips):
        yield _Item(WebKind.CLIPS, file, video_id, sha256, clip_id)
    videos = (
        select(Media.file, Video.video_id, Media.sha256)
        .join(Video, Video.id == Media.video_id)
        .where(Video.id.in_(select(Candidate.video_id)))
        .order_by(Video.video_id)
    )
    for file, video_id, sha256 in session.execute(videos):
        yield _Item(WebKind.VIDEOS, file, video_id, sha256)


def _uploaders(session: Session, pseudonyms: Pseudonyms) -> dict[str, str]:
    """Return the uploader of each video of which it is known, as a keyed hash."""
    rows = session.execute(
        select(Video.video_id, Video.site, Media.uploader).join(Media, Media.video_id == Video.id)
    )
    return {
        video_id: pseudonyms.name("uploader", site or "", key)
        for video_id, site, name in rows
        if (key := uploader_key(name))
    }


def _of_target(
    session: Session,
    workspace: Workspace,
    items: Sequence[_Item],
    uploaders: Mapping[str, str],
    target: Target,
) -> Iterator[Contaminated]:
    theirs = {uploaders[one]: one for one in target.ids if one in uploaders} | target.uploaders
    alike = dict(_alike(session, workspace, items, target))
    for item in items:
        reasons = {
            "video": (target.ids.get(item.video_id), "the target has clips of this video"),
            "file": (target.files.get(item.sha256), "the target has this file"),
            "looks": alike.get((item.kind, item.file), (None, "")),
            "uploader": (
                theirs.get(uploaders.get(item.video_id, "")),
                "the target has a video of the same uploader",
            ),
        }
        for sort, (other, why) in reasons.items():
            if other is not None:
                yield Contaminated(item.kind, item.file, sort, target.name, other, why)


def _alike(
    session: Session, workspace: Workspace, items: Sequence[_Item], target: Target
) -> Iterator[tuple[tuple[WebKind, str], tuple[str, str]]]:
    """Yield items that show what the target's clips show; a video does if one of its clips does."""
    from pipelines.omni.looking_alike import alike_clips, alike_pictures

    config = workspace.config.deduplicate
    least = min(config.doubtful_similarity, config.min_similarity)
    clips = {item.clip_id: item for item in items if item.clip_id is not None}
    videos = {item.video_id: item for item in items if item.kind is WebKind.VIDEOS}
    for one in alike_clips(session, target.prints, least):
        if (item := clips.get(one.clip_id)) is not None:
            why = f"a clip shows the same, as far as {one.similarity:.2f}"
            yield (WebKind.CLIPS, item.file), (one.other, why)
            if item.video_id in videos:
                yield (WebKind.VIDEOS, videos[item.video_id].file), (one.other, why)
    files = {workspace.root / one.file: one for one in items if one.kind is WebKind.IMAGES}
    for path, other, likeness in alike_pictures(list(files), target.prints):
        why = f"the picture is like a frame of the clip, as far as {likeness:.2f}"
        yield (WebKind.IMAGES, files[path].file), (other, why)


def write_contaminated(path: Path, found: Sequence[Contaminated]) -> None:
    """Write one line for each item and reason."""
    with writing_text(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(Contaminated)])
        writer.writerows([str(cell) for cell in astuple(one)] for one in found)


def contamination_lines(report: ContaminationReport, most: int) -> Iterator[str]:
    """Yield what was found, for people: counts by kind and reason, then the first items."""
    counts = Counter((one.kind.value, one.sort) for one in report.found)
    yield (
        f"{report.num_items:,} items held against {report.num_targets:,} videos; what "
        f"{report.num_prints:,} of the target's clips look like is known."
    )
    for (kind, sort), number in sorted(counts.items()):
        yield f"{kind:<8}{sort:<10}{number:>7,}"
    for one in report.found[:most]:
        yield f"{one.file}: {one.sort}, {one.other} of {one.target}: {one.why}"
    if len(report.found) > most:
        yield f"{len(report.found) - most:,} more: --csv FILE lists all."
    if not report.found:
        yield "None of them is in it, as far as that can be told."
