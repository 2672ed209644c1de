"""Verb `curate`: decisions and class edits -> the clips of the next release, with splits."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import String, and_, func, select, type_coerce
from sqlalchemy.orm import Session

from kinetics_builder.config import Config, settings_hash
from kinetics_builder.curation.edits import Edit
from kinetics_builder.curation.log import live_edits
from kinetics_builder.curation.replay import JudgedClip, apply, majority_name
from kinetics_builder.curation.splits import SplitItem
from kinetics_builder.database.bulk import replace_rows
from kinetics_builder.database.tables import (
    Clip,
    ClipFile,
    ClipPlace,
    CuratedClip,
    Decision,
    Label,
    Setting,
    Split,
    Standing,
    Verdict,
    Video,
    Vote,
    WorkerStanding,
)
from kinetics_builder.errors import StageOrderError
from pipelines.publishing.dealing import (
    Note,
    Together,
    deal,
    note_placements,
    notes_of,
    write_notes,
)
from pipelines.publishing.edits import recorded_edits

METHOD = 2
"""Counted up when equal clips would be dealt out otherwise than before."""


@dataclass(frozen=True)
class CurateReport:
    """What the next release will hold."""

    num_accepted: int
    """Clips that annotators accepted and that are no duplicates."""
    num_clips: int
    """Those left after all edits, at most `deduplicate.max_per_video` of each video."""
    num_edits: int
    """Edits that stand."""
    splits: dict[str, int]
    labels: dict[str, dict[str, int]]
    """Clips of each label by split."""
    num_changed: int
    """Clips that were added, removed or changed since the last run."""
    notes: list[Note]
    """What could not be as it should: videos between two splits, quotas that were missed."""


def curate(session: Session, config: Config) -> CurateReport:
    """Choose the clips to release, with their labels after all edits and their splits.

    Released are accepted clips that are cut, not withdrawn and no duplicates; of each
    video and final label at most `deduplicate.max_per_video`, those with the best score,
    and the earlier of two alike. Where a video was put before it stays: `split_clips`. Reads
    `decision`, `vote` and `class_edit`; writes `curated_clip`, `video_split`, `split_note`.
    Running it again gives the same rows.

    Raises:
        StageOrderError: No clip is accepted.

    """
    choice = choose(session, config)
    if not choice.num_accepted:
        raise StageOrderError("curate", needs="aggregate", what="accepted clips")
    session.merge(Setting(key=_DEALT, value=_dealt_by(choice.groups, config)))
    note_placements(session, choice.videos, config)
    write_notes(session, choice.notes)
    session.merge(Setting(key=_CHOSEN, value=_chosen_of(session, config, len(choice.rows))))
    labels = count_by_label(choice.rows.values(), config)
    return CurateReport(
        num_accepted=choice.num_accepted,
        num_clips=len(choice.rows),
        num_edits=choice.num_edits,
        splits={split: sum(c[split] for c in labels.values()) for split in shown_splits(config)},
        labels=labels,
        num_changed=replace_rows(session, CuratedClip, choice.rows),
        notes=list(choice.notes),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """What `curate` would choose."""

    num_accepted: int
    """Clips that annotators accepted and that are no duplicates."""
    num_edits: int
    """Edits that stand."""
    rows: Mapping[int, Mapping[str, Any]]
    """`label` and `split` of each chosen clip, by its id; edits leave the others out."""
    open_labels: Mapping[str, int]
    """Of the chosen clips, those of labels that were split whose answers do not say into which
    part they go, by label."""
    videos: Mapping[str, Split]
    """The split of each video that clips are chosen of."""
    groups: Mapping[str, str]
    """One id for all videos that no two splits share, by video; empty where nothing is chosen."""
    notes: Sequence[Note]


def choose(session: Session, config: Config, more: Sequence[Edit] = ()) -> Choice:
    """Return the clips that `curate` would choose after `more` edits, and change nothing."""
    judged = judged_clips(session)
    edits = [*recorded_edits(session), *more]
    most = config.deduplicate.max_per_video
    chosen = _best(apply(edits, judged, max_per_video=most), most)
    together = Together.of(session, config) if chosen else Together(())
    groups = together.groups
    items = [SplitItem(c.key, c.video, c.label, groups.get(c.video)) for c in chosen]
    dealt, placed = deal(session, items, config)
    return Choice(
        num_accepted=sum(clip.is_accepted for clip in judged),
        num_edits=len(live_edits(edits)),
        rows={
            _rank(clip).clip_id: {"label": clip.label, "split": dealt.splits[clip.key]}
            for clip in chosen
            if clip.key in dealt.splits
        },
        open_labels=Counter(clip.label for clip in chosen if clip.is_open),
        videos={clip.video: dealt.splits[clip.key] for clip in chosen if clip.key in dealt.splits},
        groups=groups,
        notes=notes_of(dealt, placed, groups, together),
    )


_DEALT = "splits_dealt_by"


def is_dealt_so(session: Session, config: Config) -> bool:
    """Say whether equal clips would be dealt out today as those that are curated were.

    Beside the clips that depends on the settings, and on which videos belong together.
    """
    dealt = session.get(Setting, _DEALT)
    return dealt is not None and dealt.value == _dealt_by(
        Together.of(session, config).groups, config
    )


def _dealt_by(groups: Mapping[str, str], config: Config) -> str:
    return settings_hash(config.curate, sorted(groups.items()), method=METHOD)


_CHOSEN = "clips_chosen_of"


def is_chosen_so(session: Session, config: Config) -> bool:
    """Say whether the clips that are curated are those that would be chosen today.

    That is so as long as `curate` would read what it read then, and what it wrote is there. Reads
    every judged clip, but weighs none against another.
    """
    chosen = session.get(Setting, _CHOSEN)
    num_curated = session.scalar(select(func.count(CuratedClip.clip_id))) or 0
    return chosen is not None and chosen.value == _chosen_of(session, config, num_curated)


def _chosen_of(session: Session, config: Config, num_chosen: int) -> str:
    """Return the hash of all that says which clips are chosen, and of how many are."""
    digest = hashlib.sha256()
    for row in session.execute(_judged_rows().order_by(Clip.id)):
        digest.update(repr(row).encode())
    edits = [str(edit) for edit in recorded_edits(session)]
    names = sorted(_better_names(session).items())
    most = config.deduplicate.max_per_video
    return settings_hash(digest.hexdigest(), names, edits, most, num_chosen, method=METHOD)


def may_be_chosen(clips: Any) -> Any:
    """Return a selection of clips with those alone that were decided and may be released."""
    return (
        clips.join(Decision, Decision.clip_id == Clip.id)
        .join(Label, Label.id == Clip.label_id)
        .join(Video, Video.id == Clip.video_id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .join(ClipPlace, ClipPlace.clip_id == Clip.id)
        .where(
            ~Clip.is_withdrawn,
            ~Label.is_retired,
            ClipPlace.standing != Standing.DUPLICATE,
            Decision.verdict != Verdict.OPEN,
        )
    )


class _Rank(NamedTuple):
    """Orders the clips of a video, the best first, and names a clip."""

    minus_score: float
    start_seconds: float
    end_seconds: float
    asked_label: str
    clip_id: int


def judged_clips(session: Session) -> list[JudgedClip]:
    """Return the decided clips that may be released, rejected ones included."""
    names = _better_names(session)
    rows: Iterable[Any] = session.execute(_judged_rows())
    return [
        JudgedClip(
            key=_Rank(-score, start, end, label, clip_id),
            video=video,
            label=label,
            is_accepted=verdict == Verdict.ACCEPTED,
            num_yes=num_yes,
            num_votes=num_votes,
            better_name=names.get(clip_id),
        )
        for clip_id, score, start, end, label, video, verdict, num_yes, num_votes in rows
    ]


def _judged_rows() -> Any:
    return may_be_chosen(
        select(
            Clip.id,
            Clip.score,
            Clip.start_seconds,
            Clip.end_seconds,
            Label.name,
            Video.video_id,
            type_coerce(Decision.verdict, String),
            Decision.num_yes,
            Decision.num_yes + Decision.num_no + Decision.num_unsure + Decision.num_bad,
        )
    )


def _better_names(session: Session) -> dict[int, str]:
    """Return what most workers would call a clip, by its id; warned workers are not heard."""
    query = (
        select(Vote.clip_id, Vote.better_name)
        .join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
        .outerjoin(WorkerStanding, WorkerStanding.of("clip", Vote.worker_id))
        .where(Vote.stands(), Vote.better_name.is_not(None))
        .where(WorkerStanding.is_warned.is_not(True))
    )
    given: dict[int, list[str]] = defaultdict(list)
    for clip_id, name in session.execute(query):
        given[clip_id].append(name or "")
    return {
        clip_id: name
        for clip_id, names in given.items()
        if (name := majority_name(names)) is not None
    }


def _best(clips: Iterable[JudgedClip], max_per_video: int) -> list[JudgedClip]:
    """Return at most `max_per_video` clips of each video and label, the best ones."""
    counts: Counter[tuple[str, str]] = Counter()
    chosen = []
    for clip in sorted(clips, key=_rank):
        counts[clip.video, clip.label] += 1
        if counts[clip.video, clip.label] <= max_per_video:
            chosen.append(clip)
    return chosen


def _rank(clip: JudgedClip) -> _Rank:
    assert isinstance(clip.key, _Rank)
    return clip.key


def shown_splits(config: Config) -> tuple[str, ...]:
    """Return the splits that are counted: the held-out one only where it is asked for."""
    hidden = () if config.curate.num_held_out else (Split.HELD_OUT,)
    return tuple(split.value for split in Split if split not in hidden)


def count_by_label(rows: Iterable[Mapping[str, Any]], config: Config) -> dict[str, dict[str, int]]:
    """Return the clips of each label by split."""
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        by_split = counts.setdefault(row["label"], dict.fromkeys(shown_splits(config), 0))
        by_split[row["split"].value] += 1
    return dict(sorted(counts.items()))
