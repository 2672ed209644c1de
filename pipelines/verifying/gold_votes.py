"""Verb `gold --from-votes`: clips all annotators agreed on become questions for others."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.class_texts.examples import example_clips
from kinetics_builder.database.tables import (
    Answer,
    Candidate,
    Clip,
    ClipFile,
    Decision,
    Label,
    Verdict,
    Video,
)
from kinetics_builder.errors import StageOrderError
from kinetics_builder.text.normalise import normalise
from pipelines.classes.groups import groups_of
from pipelines.verifying.gold import GoldReport, known_gold, write_gold


def add_gold_from_votes(session: Session, config: VerifyConfig) -> GoldReport:
    """Make gold of the clips about which all annotators agreed.

    A clip accepted without a contrary answer (votes set aside are not heard) is asked about
    as its own label, answer yes, and as an unrelated label, answer no: one that shares no
    word and no group with its own and that the video's title does not name. A clip has
    one such no at most, so running it again adds nothing for it. Examples of
    classes, which workers see, are left out.

    Raises:
        StageOrderError: No clip is decided.

    """
    if session.scalar(select(Decision.clip_id).limit(1)) is None:
        raise StageOrderError("gold", needs="aggregate", what="decided clips")
    return write_gold(session, _new_gold(session, config))


def count_new_gold(session: Session, config: VerifyConfig) -> int:
    """Return how many questions `add_gold_from_votes` would add now."""
    return len(_new_gold(session, config))


def _new_gold(session: Session, config: VerifyConfig) -> dict[tuple[int, int], Answer]:
    known = known_gold(session)
    has_no = {clip_id for (clip_id, _), answer in known.items() if answer is not Answer.YES}
    unrelated = _unrelated_labels(session)
    named = _named_labels(session)
    shown = example_clips(session)
    new: dict[tuple[int, int], Answer] = {}
    for clip_id, label_id, video, video_id, start in _unanimous(session, config):
        if clip_id in shown:
            continue
        if (clip_id, label_id) not in known:
            new[clip_id, label_id] = Answer.YES
        others = [other for other in unrelated.get(label_id, ()) if other not in named[video]]
        if others and clip_id not in has_no:
            new[clip_id, _pick(others, f"{video_id} {start:.3f}")] = Answer.NO
    return new


def _unanimous(session: Session, config: VerifyConfig) -> Iterable[Any]:
    """Return the clips all agreed on: clip, label, the video's row and id, start."""
    return session.execute(
        select(Clip.id, Clip.label_id, Clip.video_id, Video.video_id, Clip.start_seconds)
        .join(Decision, Decision.clip_id == Clip.id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .join(Video, Video.id == Clip.video_id)
        .join(Label, Label.id == Clip.label_id)
        .where(
            ~Clip.is_withdrawn,
            Label.tree_id.is_(None),
            Decision.verdict == Verdict.ACCEPTED,
            Decision.num_yes >= config.min_yes,
            Decision.num_no + Decision.num_unsure + Decision.num_bad == 0,
        )
    )


def _unrelated_labels(session: Session) -> dict[int, list[int]]:
    """Return for each label the ids of those it has nothing to do with, in order of name.

    Parts of a class have to do with it, and with one another.
    """
    _, groups_of_labels = groups_of(session)
    whole = func.coalesce(Label.part_of_id, Label.id)
    rows = session.execute(select(Label.id, Label.name, whole).where(~Label.is_retired))
    labels = sorted(
        (name, number, set(normalise(name).split()), {whole, *groups_of_labels.get(number, ())})
        for number, name, whole in rows
    )
    return {
        number: [
            other
            for _, other, other_words, other_groups in labels
            if not words & other_words and not groups & other_groups
        ]
        for _, number, words, groups in labels
    }


def _named_labels(session: Session) -> dict[int, set[int]]:
    """Return the labels that a video's title names, by the video's row."""
    named: dict[int, set[int]] = defaultdict(set)
    for video, label_id in session.execute(select(Candidate.video_id, Candidate.label_id)):
        named[video].add(label_id)
    return named


def _pick(labels: Sequence[int], content: str) -> int:
    """Choose by what the clip shows, not by ids."""
    return labels[int(hashlib.sha256(content.encode()).hexdigest(), 16) % len(labels)]
