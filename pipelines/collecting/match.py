"""Stage 2, match: titles of videos -> candidates for the classes that they name."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.config import settings_hash
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import (
    Candidate,
    FrameScores,
    Item,
    Label,
    SearchHit,
    State,
    Video,
)
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.text.entries import ClassEntry
from kinetics_builder.text.matcher import Matcher, TitleMatch
from kinetics_builder.workspace import Workspace
from pipelines.collecting.classes import entries_of
from pipelines.collecting.search import GIVEN
from pipelines.stage import Stage

METHOD = 1
"""Counted up when equal settings would no longer give the candidates that they gave before: what an
older method gave is matched anew."""


@dataclass(frozen=True, slots=True)
class Titled:
    """A video as the matcher sees it."""

    row_id: int
    video_id: str
    title: str
    given: tuple[str, ...]
    """Labels that a person gave with its address: they hold whatever the title says."""


def stage(workspace: Workspace) -> Stage[Titled, tuple[TitleMatch, ...]]:
    """Return the stage: an item is a video, looked at for all labels at once.

    Reads `video`, `search_hit`, `label`, `label_term`; writes `candidate`. A video that names
    no class fails with that reason; candidates that new classes or settings no longer make
    are removed.
    """
    with reading(workspace.engine) as session:
        entries = entries_of(session)
    settings = workspace.config.match
    words = [[e.name, e.queries, e.synonyms, e.negative_words] for e in entries]
    fingerprint = settings_hash(settings, words, method=METHOD)
    return Stage(
        name="match",
        forgets=True,
        needs="search",
        what="videos",
        settings_hash=fingerprint,
        items=_items,
        work=partial(match, entries=entries, min_score=settings.min_score),
        save=_save,
        in_children=False,
        after=partial(_remove_unmatched, fingerprint=fingerprint),
    )


def match(
    video: Titled, *, entries: tuple[ClassEntry, ...], min_score: float
) -> tuple[TitleMatch, ...]:
    """Return the classes of a video with scores of at least `min_score`, best first.

    Raises:
        ItemFailed: The title names none.

    """
    given = [TitleMatch(label, 1.0, "", GIVEN) for label in video.given]
    named = [
        found
        for found in _matcher(entries).match(video.title)
        if found.score >= min_score and found.label not in video.given
    ]
    if not given and not named:
        raise ItemFailed(Reason.NO_MATCH, f"the title names no class: {video.title[:200]!r}")
    return (*given, *named)


@lru_cache(maxsize=1)
def _matcher(entries: tuple[ClassEntry, ...]) -> Matcher:
    return Matcher(entries)


def _items(session: Session) -> Sequence[tuple[str, Titled]]:
    given: dict[int, list[str]] = defaultdict(list)
    for video_id, label in session.execute(
        select(SearchHit.video_id, Label.name)
        .join(Label, Label.id == SearchHit.label_id)
        .where(SearchHit.query == GIVEN, Label.is_retired.is_(False))
        .order_by(Label.name)
    ):
        given[video_id].append(label)
    videos = session.execute(select(Video.id, Video.video_id, Video.title).order_by(Video.video_id))
    items = (Titled(*video, tuple(given.get(video.id, ()))) for video in videos)
    return [(_key(item), item) for item in items]


def _key(item: Titled) -> str:
    """Return a key that changes with the title."""
    text = "\n".join((item.title, *item.given))
    return f"{item.video_id} {hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _save(session: Session, item: Titled, matches: Sequence[TitleMatch]) -> None:
    found = session.scalars(select(Candidate).where(Candidate.video_id == item.row_id))
    rows = {row.label_id: row for row in found}
    names = [found.label for found in matches]
    labels = session.execute(select(Label.name, Label.id).where(Label.name.in_(names))).all()
    ids = {label.name: label.id for label in labels}
    for named in matches:
        label_id = ids[named.label]
        row = rows.pop(label_id, None) or Candidate(video_id=item.row_id, label_id=label_id)
        row.score, row.matched, row.variant = named.score, named.words, named.variant
        session.add(row)
    _remove(session, rows.values())


def _remove_unmatched(session: Session, *, fingerprint: str) -> None:
    """Remove the candidates of videos that name no class under the present settings."""
    keys = session.scalars(
        select(Item.key).where(
            Item.stage == "match",
            Item.settings_hash == fingerprint,
            Item.state == State.FAILED,
        )
    )
    current = dict(_items(session))
    unmatched = {current[key].row_id for key in keys if key in current}
    candidates = session.scalars(select(Candidate)).all()
    _remove(session, [row for row in candidates if row.video_id in unmatched])


def _remove(session: Session, rows: Iterable[Candidate]) -> None:
    for row in rows:
        if (scores := session.get(FrameScores, row.id)) is not None:
            session.delete(scores)
            session.flush()
        session.delete(row)
