"""Verb `curate`: decisions and class edits -> the clips of the next release, with splits."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from operator import itemgetter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config, settings_hash
from kinetics_builder.crowd.class_edits import recorded_edits
from kinetics_builder.curation.edits import Edit
from kinetics_builder.curation.judged import JudgedClip
from kinetics_builder.curation.log import live_edits
from kinetics_builder.curation.replay import replay
from kinetics_builder.curation.splits import Placement, SplitItem, split_clips
from kinetics_builder.database.bulk import replace_rows
from kinetics_builder.database.tables import CuratedClip, Setting, Split, TimelineAnswer
from kinetics_builder.errors import StageOrderError
from pipelines.publishing.curating.dealing import (
    Note,
    Together,
    note_placements,
    notes_of,
    placements,
    write_notes,
)
from pipelines.publishing.curating.judged import (
    all_that_is_judged,
    judged_clips,
    rank_of,
    targets_of,
)
from pipelines.publishing.curating.parting import Question, questions_of, write_parts

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
    num_to_ask: int
    """Clips of split classes of which nobody has said which part they are: people are asked."""
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
        StageOrderError: No clip is accepted, and nobody has marked whole videos, whose segments
            edits are of, too.

    """
    choice = choose(session, config)
    if not choice.num_accepted and session.scalar(select(TimelineAnswer.id).limit(1)) is None:
        raise StageOrderError("curate", needs="aggregate", what="accepted clips")
    write_parts(session, choice.questions)
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
        num_to_ask=len(choice.questions),
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
    questions: Sequence[Question]
    """What people are to be asked of clips of split classes."""
    videos: Mapping[str, Split]
    """The split of each video that clips are chosen of."""
    groups: Mapping[str, str]
    """One id for all videos that no two splits share, by video; empty where nothing is chosen."""
    notes: Sequence[Note]


def choose(session: Session, config: Config) -> Choice:
    """Return the clips that `curate` would choose, and change nothing."""
    return Chooser(session, config).choose()


class Chooser:
    """Chooses clips after one list of edits and another: what they are chosen of is read once."""

    def __init__(self, session: Session, config: Config) -> None:
        """Take a session that sees one state of the database."""
        self._session, self._config = session, config
        self._recorded = recorded_edits(session)
        self._judged: dict[frozenset[tuple[str, str]], list[JudgedClip]] = {}

    @cached_property
    def _groups(self) -> Mapping[str, str]:
        return Together.groups_of(self._session, self._config)

    @cached_property
    def _placed(self) -> Mapping[str, Placement]:
        return placements(self._session, self._config)

    def _clips(self, edits: Sequence[Edit]) -> Sequence[JudgedClip]:
        """Return `judged_clips`; which splits stand is all that these want to know of edits."""
        splits = frozenset(targets_of(edits).items())
        if splits not in self._judged:
            self._judged[splits] = judged_clips(self._session, edits)
        return self._judged[splits]

    def choose(self, more: Sequence[Edit] = ()) -> Choice:
        """Return the clips that `curate` would choose after `more` edits, and change nothing."""
        edits = [*self._recorded, *more]
        judged, most = self._clips(edits), self._config.deduplicate.max_per_video
        found = replay(edits, judged, max_per_video=most)
        chosen = _best(found.clips, most)
        groups = self._groups if chosen else {}
        items = [SplitItem(c.key, c.video, c.label, groups.get(c.video)) for c in chosen]
        dealt = split_clips(items, self._config.curate, self._placed)
        return Choice(
            num_accepted=len({clip.key for clip in (*judged, *found.clips) if clip.is_accepted}),
            num_edits=len(live_edits(edits)),
            rows={
                _row_of(clip): {"label": clip.label, "split": dealt.splits[clip.key]}
                for clip in chosen
                if clip.key in dealt.splits
            },
            questions=questions_of(found.unsettled, most),
            videos={c.video: dealt.splits[c.key] for c in chosen if c.key in dealt.splits},
            groups=groups,
            notes=notes_of(dealt, self._placed, groups, self._why),
        )

    @cached_property
    def _why(self) -> Callable[[str, str], str]:
        """Return what says why two videos belong together."""

        @cache
        def together() -> Together:
            return Together.of(self._session, self._config)

        return lambda one, other: together().why(one, other)


_DEALT = "splits_dealt_by"


def is_dealt_so(session: Session, config: Config) -> bool:
    """Say whether equal clips would be dealt out today as those that are curated were.

    Beside the clips that depends on the settings, and on which videos belong together.
    """
    dealt = session.get(Setting, _DEALT)
    return dealt is not None and dealt.value == _dealt_by(
        Together.groups_of(session, config), config
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
    digest, edits = hashlib.sha256(), recorded_edits(session)
    for row in all_that_is_judged(session, edits):
        digest.update(repr(row).encode())
    most = config.deduplicate.max_per_video
    return settings_hash(digest.hexdigest(), list(map(str, edits)), most, num_chosen, method=METHOD)


def _best(clips: Iterable[JudgedClip], max_per_video: int) -> list[JudgedClip]:
    """Return at most `max_per_video` clips of each video and label, the best ones.

    A stretch of a video that people accepted for two classes which are one by now counts once.
    """
    stretches: dict[tuple[str, str], list[tuple[float, float]]] = {}
    chosen = []
    ranked = sorted(((rank_of(clip), clip) for clip in clips), key=itemgetter(0))
    for (_, start, end, _, _), clip in ranked:
        taken = stretches.setdefault((clip.video, clip.label), [])
        if len(taken) < max_per_video and (start, end) not in taken:
            taken.append((start, end))
            chosen.append(clip)
    return chosen


def _row_of(clip: JudgedClip) -> int:
    """Return the row of `clip` that a clip is released as: that of its part, if it was asked."""
    released_as = clip.released_as
    return released_as if isinstance(released_as, int) else rank_of(clip).clip_id


def shown_splits(config: Config) -> tuple[str, ...]:
    """Return the splits that are counted: the held-out one only where it is asked for."""
    hidden = () if config.curate.num_held_out else (Split.HELD_OUT,)
    return tuple(split.value for split in Split if split not in hidden)


def count_by_label(rows: Iterable[Mapping[str, Any]], config: Config) -> dict[str, dict[str, int]]:
    """Return the clips of each label by split."""
    none = dict.fromkeys(shown_splits(config), 0)
    counts: dict[str, dict[str, int]] = {}
    for (label, split), number in Counter((row["label"], row["split"]) for row in rows).items():
        counts.setdefault(label, dict(none))[split.value] += number
    return dict(sorted(counts.items()))
