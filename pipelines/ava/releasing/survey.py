"""What a release would hold, film by film, and whether it may be given away."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.ava.label_sets import OddBoxes, types_of
from kinetics_builder.ava.settings import ReleaseConfig
from kinetics_builder.ava.truth import (
    OPEN,
    By,
    LeftOut,
    TrueFrame,
    faults_of,
)
from kinetics_builder.curation.components import join
from kinetics_builder.curation.film_splits import KEY_FRAMES, deal_films
from kinetics_builder.database.tables import FilmSplit, Split, Video
from kinetics_builder.errors import ReleaseError
from pipelines.ava.releasing.answers import Answers, best_score_of
from pipelines.ava.releasing.films import FilmFile
from pipelines.ava.releasing.layouts import Layout

BOXES, PERSONS, LABELS = "boxes", "whose they are", "labels"
_FROM_THE_ENDS = 1.0
"""Seconds between the key frame of a clip and the clip's ends (arXiv:2005.00214)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyedFilm:
    """What a release says of a film, without the rows themselves."""

    film: FilmFile
    video_id: str
    """As the rows call it."""
    offset_seconds: float
    """Where the film begins on the time line of the rows."""
    split: str = ""
    with_row: frozenset[float]
    """Key frames that the rows state, by the film's own seconds."""
    excluded: tuple[float, ...]
    left_out: tuple[LeftOut, ...]
    counts: Mapping[int, int]
    """Labels of each action, and under `KEY_FRAMES` the key frames with a row."""

    def timestamp(self, seconds: float) -> float:
        """Return a moment of the film on the time line of the rows."""
        return round(self.offset_seconds + seconds, 6)


@dataclass
class Survey:
    """Everything that would be released, and what is odd about it."""

    films: list[SurveyedFilm] = field(default_factory=list)
    empty_films: list[str] = field(default_factory=list)
    """Films without any key frame that has a row."""
    waiting: list[str] = field(default_factory=list)
    """Key frames that people have not said everything of, each with what is lacking."""
    faults: list[str] = field(default_factory=list)
    """What no release may say."""
    num_frames: int = 0
    """Key frames that are wanted."""
    odd: OddBoxes = field(default_factory=OddBoxes)
    """Boxes that are released although they have no pose, or more than one person does at once."""
    said_by: Counter[tuple[str, By]] = field(default_factory=Counter)
    """Of boxes, of persons that boxes are said to be, and of labels: how many are said by whom."""

    @property
    def num_unconfirmed(self) -> int:
        """Labels that are released as a file states them, confirmed by nobody."""
        return self.said_by[LABELS, By.FILE]

    @property
    def reasons(self) -> Counter[str]:
        """Why key frames, boxes and actions are left out, and how many."""
        sorts = (sort_of(one) for film in self.films for one in film.left_out)
        reasons = Counter(f"{what}: {reason}" for what, reason in sorts)
        return Counter(dict(sorted(reasons.items())))


def said_by_kind(said_by: Mapping[tuple[str, By], int]) -> dict[str, dict[str, int]]:
    """Return how much people, a file and a machine say, by what is said."""
    return {
        what: {by.value: said_by.get((what, by), 0) for by in By}
        for what in (BOXES, PERSONS, LABELS)
    }


def sort_of(one: LeftOut) -> tuple[str, str]:
    """Return what is left out, and why, without what differs from one to another."""
    what = "key frame" if one.box is None else "box" if one.action_id is None else "pose"
    is_open = one.reason.startswith(OPEN)
    return what, OPEN.rstrip(": ") if is_open else one.reason


def survey(films: Iterable[FilmFile], answers: Answers, layout: Layout) -> Survey:
    """Return what a release of these films would hold; reads all answers."""
    found = Survey()
    for film in films:
        frames = answers.settled(film)
        for frame in frames:
            _note(found, film, frame, answers.vocabulary)
        if layout.is_of_clips:
            frames = _one_of(frames, film, best_score_of(answers.session, film))
        _note_odd(found, film, frames, answers.vocabulary)
        one = _surveyed(film, frames, layout)
        if one.with_row:
            found.films.append(one)
        else:
            found.empty_films.append(film.video_id)
    return found


def _note(found: Survey, film: FilmFile, frame: TrueFrame, vocabulary: Vocabulary) -> None:
    place = f"{film.video_id} at {frame.seconds:g} s"
    found.num_frames += 1
    if (waits := frame.waits_for) is not None:
        found.waiting.append(f"{place}: {waits}")
    for box, fault in faults_of(frame, vocabulary):
        corners = ", ".join(f"{corner:g}" for corner in box.corners)
        found.faults.append(f"{place}, the box {corners}: {fault}")


def _note_odd(
    found: Survey, film: FilmFile, frames: Iterable[TrueFrame], vocabulary: Vocabulary
) -> None:
    types = types_of(vocabulary)
    for frame in frames:
        for box in frame.boxes:
            found.said_by[BOXES, box.box_by] += 1
            found.said_by[PERSONS, box.person_by] += 1
            found.said_by[LABELS, By.FILE] += len(box.unconfirmed)
            found.said_by[LABELS, By.PEOPLE] += len(box.actions) - len(box.unconfirmed)
            place = f"person {box.person} of {film.video_id} at {frame.seconds:g} s"
            found.odd.add(box.actions, types, place)


def _one_of(
    frames: Sequence[TrueFrame], film: FilmFile, scores: Mapping[float, float]
) -> list[TrueFrame]:
    """Return the key frame of a clip: the one with the surest person, a second from both ends.

    Of as sure ones it is the one nearest to the clip's middle, then the earlier.
    """
    length = film.duration_seconds
    able = [
        frame
        for frame in frames
        if not frame.is_excluded and _FROM_THE_ENDS <= frame.seconds <= length - _FROM_THE_ENDS
    ]
    chosen = min(
        able,
        key=lambda one: (
            -scores.get(one.seconds, 0.0),
            abs(one.seconds - length / 2),
            one.seconds,
        ),
        default=None,
    )
    return [] if chosen is None else [chosen]


def _surveyed(film: FilmFile, frames: Sequence[TrueFrame], layout: Layout) -> SurveyedFilm:
    stated = [
        frame for frame in frames if not frame.is_excluded and (frame.boxes or layout.lists_empty)
    ]
    counts = Counter(action for one in stated for box in one.boxes for action in box.actions)
    counts[KEY_FRAMES] = len(stated)
    video_id, start = begin_of(layout, film.video_id, film.clip_of)
    return SurveyedFilm(
        film=film,
        video_id=video_id,
        offset_seconds=start,
        with_row=frozenset(frame.seconds for frame in stated),
        excluded=tuple(frame.seconds for frame in frames if frame.is_excluded),
        left_out=tuple(one for frame in frames for one in frame.left_out),
        counts=counts,
    )


def begin_of(layout: Layout, video_id: str, clip_of: tuple[str, float] | None) -> tuple[str, float]:
    """Return what the rows of a layout call a film, and where it begins on their time line."""
    return clip_of if layout.is_of_clips and clip_of is not None else (video_id, 0.0)


def check(found: Survey, *, may_wait: bool, num_stated: int = 0) -> None:
    """Refuse what may not be given away; `may_wait` leaves out what is not verified yet.

    `num_stated` is of how many boxes a file states actions that are not asked for.

    Raises:
        ReleaseError: With the first key frame that is not ready, how many there are, and what
            to do.

    """
    hint = (
        f" `--actions-from-file` takes what the file of boxes says of {num_stated} boxes, marked "
        "as confirmed by nobody."
        if num_stated
        else ""
    )
    if found.waiting and not may_wait:
        raise ReleaseError(
            f"{found.waiting[0]}. {_others(found.waiting, found.num_frames)} not verified. "
            "`kbuild assign`, then `kbuild annotate` ask for what is lacking; `kbuild ava release "
            f"--exclude-unverified` gives the others away.{hint} Nothing was written."
        )
    if found.faults:
        more = f" ({len(found.faults) - 1} more such boxes)" if len(found.faults) > 1 else ""
        raise ReleaseError(f"{found.faults[0]}{more}. Nothing was written.")
    if not any(counts for film in found.films for counts in _labels(film)):
        raise ReleaseError(
            f"no action of any person is confirmed in {found.num_frames} key frames: there is "
            f"nothing to release. `kbuild assign`, then `kbuild annotate` ask for them.{hint}"
        )


def _labels(film: SurveyedFilm) -> Iterator[int]:
    return (number for action, number in film.counts.items() if action != KEY_FRAMES)


def _others(waiting: Sequence[str], num_frames: int) -> str:
    number = len(waiting)
    return f"{number} of {num_frames} key frames {'is' if number == 1 else 'are'}"


def dealt(
    session: Session, films: Iterable[SurveyedFilm], config: ReleaseConfig
) -> list[SurveyedFilm]:
    """Return the films with their splits; equal films, and clips of one video, have one.

    A film that was dealt before with the same seed stays where it was.
    """
    listed = list(films)
    group_of = _groups(listed)
    counts: dict[str, Counter[int]] = {}
    for one in listed:
        counts.setdefault(group_of[one.film.video_id], Counter()).update(one.counts)
    splits = deal_films(counts, _known(session, group_of, config.seed), config)
    return [replace(one, split=splits[group_of[one.film.video_id]].value) for one in listed]


def _groups(films: Sequence[SurveyedFilm]) -> dict[str, str]:
    """Return one id for all films that may not be torn apart, by film."""
    first: dict[str, str] = {}
    pairs = []
    for one in films:
        for name in (f"file {one.film.content}", f"video {one.video_id}"):
            pairs.append((one.film.video_id, first.setdefault(name, one.film.video_id)))
    return join(pairs)


def _known(session: Session, group_of: Mapping[str, str], seed: int) -> dict[str, Split]:
    """Return the splits of groups that were dealt with this seed."""
    rows = session.execute(
        select(Video.video_id, FilmSplit.split)
        .join(FilmSplit, FilmSplit.video_id == Video.id)
        .where(FilmSplit.seed == seed)
        .order_by(Video.video_id)
    )
    known: dict[str, Split] = {}
    for film, split in rows:
        if film in group_of:
            known.setdefault(group_of[film], split)
    return known
