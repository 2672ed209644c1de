"""Stage 2, match: titles of videos -> candidates for the classes that they name."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from kinetics_builder.config import settings_hash
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import (
    Candidate,
    FilmHit,
    FrameScores,
    Label,
    ReleasedStretch,
    SearchHit,
    Video,
)
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.text.listed_words import Texts
from kinetics_builder.workspace import Workspace
from pipelines.collecting.classes import entries_of
from pipelines.collecting.finding import Finder, finder_of
from pipelines.collecting.search import GIVEN
from pipelines.running.paging import Page, Paging
from pipelines.running.stage import Stage

if TYPE_CHECKING:
    from kinetics_builder.text.matching.matcher import TitleMatch

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
    tags: tuple[str, ...] = ()
    description: str | None = None
    """None, as no tags, where only titles are looked at."""

    @property
    def texts(self) -> Texts:
        """What it says of itself, as far as that is looked at."""
        return Texts(self.title, self.tags, self.description)


def stage(workspace: Workspace) -> Stage[Titled, "tuple[TitleMatch, ...]"]:
    """Return the stage: an item is a video, looked at for all labels at once.

    Reads `video`, `search_hit`, `label`, `label_term`; writes `candidate`. A video that names
    no class fails with that reason; candidates that new classes or settings no longer make
    are removed.
    """
    with reading(workspace.engine) as session:
        entries = entries_of(session)
    finder = finder_of(workspace, entries)
    words = [[e.name, e.queries, e.synonyms, e.negative_words] for e in entries]
    fingerprint = settings_hash(*finder.told, words, method=METHOD)
    return Stage(
        name="match",
        forgets=True,
        needs="search",
        what="videos",
        settings_hash=fingerprint,
        items=partial(_items, titles_alone=finder.reads_titles_alone),
        listed=lambda: select(Video.id).where(_IS_OF_CLASSES),
        paging=Paging(Video.video_id, reads=(Video, SearchHit, FilmHit, ReleasedStretch, Label)),
        work=partial(match, finder=finder),
        look=partial(match_all, finder=finder),
        save=_save,
        unsave=_unsave,
        in_children=False,
    )


def match(video: Titled, *, finder: Finder) -> "tuple[TitleMatch, ...]":
    """Return the classes of a video with scores of at least `min_score`, best first.

    Raises:
        ItemFailed: The title names none.

    """
    if finder.reads_titles_alone:
        return _with_given(video, finder.find(video.title))
    return match_all([video], finder=finder)(video)


def match_all(
    videos: Sequence[Titled], *, finder: Finder
) -> Callable[[Titled], "tuple[TitleMatch, ...]"]:
    """Look at the titles of all of `videos`, and return what `match` would give of each."""
    texts = list(dict.fromkeys(video.texts for video in videos))
    found = dict(zip(texts, finder.find_in(texts), strict=True))
    return lambda video: _with_given(video, found[video.texts])


def _with_given(video: Titled, found_in_title: "Sequence[TitleMatch]") -> "tuple[TitleMatch, ...]":
    from kinetics_builder.text.matching.matcher import TitleMatch

    given = [TitleMatch(label, 1.0, "", GIVEN) for label in video.given]
    named = [found for found in found_in_title if found.label not in video.given]
    if not given and not named:
        more = (
            ", and no tag or sentence of its description" if video.texts[1:] != ((), None) else ""
        )
        raise ItemFailed(Reason.NO_MATCH, f"the title names no class{more}: {video.title[:200]!r}")
    return (*given, *named)


def _items(session: Session, page: Page, *, titles_alone: bool) -> Sequence[tuple[str, Titled]]:
    given: dict[int, list[str]] = defaultdict(list)
    for row_id, label in session.execute(
        select(SearchHit.video_id, Label.name)
        .join(Label, Label.id == SearchHit.label_id)
        .join(Video, Video.id == SearchHit.video_id)
        .where(SearchHit.query == GIVEN, Label.is_retired.is_(False), page.holds(Video.video_id))
        .order_by(Label.name)
    ):
        given[row_id].append(label)
    more = () if titles_alone else (Video.listed_tags, Video.listed_description)
    videos = session.execute(
        select(Video.id, Video.video_id, Video.title, *more)
        .where(_IS_OF_CLASSES, page.holds(Video.video_id))
        .order_by(Video.video_id)
    )
    items = (_titled(*video, given=tuple(given.get(video.id, ()))) for video in videos)
    return [(_key(item), item) for item in items]


def _titled(
    row_id: int,
    video_id: str,
    title: str,
    tags: list[str] | None = None,
    description: str | None = None,
    *,
    given: tuple[str, ...],
) -> Titled:
    return Titled(row_id, video_id, title, given, tuple(tags or ()), description)


def _key(item: Titled) -> str:
    """Return a key that changes with the title, and with what else is looked at."""
    more = (*item.tags, item.description) if item.tags or item.description else ()
    text = "\n".join((item.title, *item.given, *(f"{one}" for one in more)))
    return f"{item.video_id} {hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _save(session: Session, made: "Sequence[tuple[Titled, tuple[TitleMatch, ...]]]") -> None:
    ids = {name: number for name, number in session.execute(select(Label.name, Label.id))}
    wanted = {
        (item.row_id, ids[found.label]): (found.score, found.words, found.variant)
        for item, matches in made
        for found in matches
    }
    there = _candidates(session, [item for item, _ in made])
    _remove(session, [row.id for pair, row in there.items() if pair not in wanted])
    new = [_columns(pair, said) for pair, said in wanted.items() if pair not in there]
    if new:
        session.execute(insert(_CANDIDATE), new)
    changed = [
        {"_id": there[pair].id, **_columns(pair, said)}
        for pair, said in wanted.items()
        if pair in there and there[pair][3:] != said
    ]
    if changed:
        session.execute(update(_CANDIDATE).where(_CANDIDATE.c.id == bindparam("_id")), changed)


def _unsave(session: Session, items: Sequence[Titled]) -> None:
    """Remove the candidates of videos that name no class any more."""
    _remove(session, [row.id for row in _candidates(session, items).values()])


def _candidates(session: Session, items: Sequence[Titled]) -> dict[tuple[int, int], Any]:
    """Return the candidates of videos, by the rows of the video and the label."""
    columns = Candidate.id, Candidate.video_id, Candidate.label_id
    said = Candidate.score, Candidate.matched, Candidate.variant
    found = {}
    for chunk in chunks([item.row_id for item in items]):
        rows = session.execute(select(*columns, *said).where(Candidate.video_id.in_(chunk)))
        found.update({(row.video_id, row.label_id): row for row in rows})
    return found


def _columns(pair: tuple[int, int], said: tuple[float, str, str]) -> dict[str, Any]:
    names = "video_id", "label_id", "score", "matched", "variant"
    return dict(zip(names, (*pair, *said), strict=True))


def _remove(session: Session, candidates: Sequence[int]) -> None:
    for chunk in chunks(candidates):
        session.execute(delete(FrameScores).where(FrameScores.candidate_id.in_(chunk)))
        session.execute(delete(Candidate).where(Candidate.id.in_(chunk)))


_CANDIDATE: Any = Candidate.__table__
_IS_OF_CLASSES = or_(
    exists(SearchHit.video_id).where(SearchHit.video_id == Video.id),
    ~or_(
        exists(FilmHit.video_id).where(FilmHit.video_id == Video.id),
        exists(ReleasedStretch.video_id).where(ReleasedStretch.video_id == Video.id),
    ),
)
"""Whether a video is not there as a film, or as what a released file names, alone."""
