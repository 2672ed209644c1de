"""Verb `ava release`: what people confirmed of films -> a folder of files to give away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.ava.vocabulary import chosen_vocabulary
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import FilmSplit, KeyFrame, LinkEdit, PersonBox, Split
from kinetics_builder.errors import ReleaseError, StageOrderError
from kinetics_builder.files import file_sha256
from kinetics_builder.storage.storage import Storage
from kinetics_builder.text.counting import counted
from kinetics_builder.workspace import Workspace
from pipelines.ava.releasing.answers import Answers, count_stated
from pipelines.ava.releasing.films import FilmsAs, cut_films, films_of
from pipelines.ava.releasing.labels import FOLDER, file_of
from pipelines.ava.releasing.layouts import V2_2, Layout
from pipelines.ava.releasing.readme import Told
from pipelines.ava.releasing.survey import (
    Survey,
    SurveyedFilm,
    check,
    dealt,
    said_by_kind,
    survey,
)
from pipelines.ava.releasing.texts import Texts
from pipelines.ava.statistics.summary import Summary
from pipelines.inspecting.stages import stage_status
from pipelines.publishing.folders.folder import SUMS, building, kept_file, place_file
from pipelines.publishing.folders.handing_over import HandedOver, Wanted, hand_over
from pipelines.running.reports import Reporter

_PREFIX = "ava-v"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What kind of release is wanted."""

    name: str | None = None
    """Of the new folder; `ava-v1`, `ava-v2` and so on without it."""
    key: Path | None = None
    """A private Ed25519 key as PEM: the checksums are signed by it."""
    layout: Layout = V2_2
    films: FilmsAs = FilmsAs.WHOLE
    """What of the films themselves is part of it."""
    exclude_unverified: bool = False
    """Whether key frames that people have not said everything of are left out; else refused."""
    actions_from_file: bool = False
    """Whether the actions that a file of boxes states stand where people have not said all: they
    are marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AvaReleaseReport:
    """Which release holds what people confirmed, and what of it."""

    name: str
    folder: Path
    is_new: bool
    """False when a release with the same content was there already."""
    content_hash: str
    """SHA-256 of the release's checksum file: equal for equal content."""
    splits: dict[str, dict[str, int]]
    """By split: films, key_frames, boxes, labels."""
    num_actions: int
    """Actions that occur."""
    num_measured: int
    left_out: dict[str, int]
    """Why key frames, boxes and poses are in no row, and how many."""
    odd_boxes: dict[str, int]
    """Boxes without a pose, or with more than a person does at once; all are in the rows."""
    first_odd: dict[str, str]
    """The first box of each sort of these."""
    said_by: dict[str, dict[str, int]]
    """Of boxes, of whose they are, and of labels: how many people say, how many a file (of labels:
    they are marked as confirmed by nobody), how many a machine."""
    empty_films: list[str]
    """Films without any key frame that has a row."""
    missing_films: list[str]
    """Films whose file is lost or could not be cut: they are in the rows alone."""


def release(
    workspace: Workspace, asked: Asked, reporter: Reporter | None = None
) -> AvaReleaseReport:
    """Write what people confirmed to `releases/NAME`, or find the release that holds it.

    Labels are the accepted rows of `person_action`, of boxes that stand; see
    `kinetics_builder.ava.truth` for what becomes of each key frame. Everything is checked before
    a file is written, and the folder appears whole. Equal state gives equal bytes; without a
    name, a release with the same content is found again. Reads all that people said of films;
    writes `film_split` and `release`.

    Raises:
        ConfigError: The key signs nothing; nothing was written.
        StageOrderError: There is nothing to release; with the stage to run.
        ReleaseError: A key frame is not verified, or a box may not be released so.
        WorkspaceError: The name is taken by other content, a film's file has changed, or another
            run is writing.

    """
    wanted = Wanted(asked.name, asked.key, _PREFIX)
    wanted.check()
    texts = Texts.of(workspace, asked.layout, asked.films)
    if asked.films is FilmsAs.STRETCHES:
        with reading(workspace.engine) as session:  # cutting takes long
            _checked(session, workspace, asked)
        cut_films(workspace, reporter)
    with building(workspace.releases) as built:
        with reading(workspace.engine) as session:
            answers, found = _checked(session, workspace, asked)
            found.films = dealt(session, found.films, workspace.config.release)
            told = texts.write(answers, found, built)
        _sum_up(built, found.films, asked)
        released = hand_over(
            workspace, built, wanted, lambda: _finish(workspace, built, found.films, asked)
        )
    return _report(released, found, told)


def _finish(workspace: Workspace, built: Path, films: Sequence[SurveyedFilm], asked: Asked) -> None:
    _place_films(workspace.storage, built, _with_file(films, asked))
    _keep_splits(workspace, films)  # before anybody sees them


def _report(released: HandedOver, found: Survey, told: Told) -> AvaReleaseReport:
    return AvaReleaseReport(
        name=released.folder.name,
        folder=released.folder,
        is_new=released.is_new,
        content_hash=released.content_hash,
        splits=_counted(found.films, told.splits),
        num_actions=len(told.whole.labels),
        num_measured=len(told.measured),
        left_out=dict(found.reasons),
        odd_boxes={odd.value: number for odd, number in found.odd.counts.items()},
        first_odd={odd.value: place for odd, place in found.odd.first.items()},
        said_by=said_by_kind(found.said_by),
        empty_films=found.empty_films,
        missing_films=[one.film.video_id for one in found.films if one.film.file is None],
    )


def _checked(session: Session, workspace: Workspace, asked: Asked) -> tuple[Answers, Survey]:
    """Return what would be released, which may be; raises where it may not."""
    _check_order(session)
    _check_links(session, workspace)
    config = workspace.config
    vocabulary = chosen_vocabulary(workspace.root, config.actions.vocabulary)
    num_stated = count_stated(session)
    if asked.actions_from_file and not num_stated:
        raise ReleaseError(
            "no file of boxes says what anybody does here, in the words or numbers of the "
            "vocabulary. `kbuild ava collect --boxes FILE --format NAME` takes one, and reads one "
            "anew that was taken before actions were. Nothing was written."
        )
    keep_tied = config.release.keep_tied_poses
    answers = Answers(session, vocabulary, keep_tied, takes_file=asked.actions_from_file)
    found = survey(films_of(session, workspace, asked.films), answers, asked.layout)
    num_offered = 0 if asked.actions_from_file else num_stated
    check(found, may_wait=asked.exclude_unverified, num_stated=num_offered)
    return answers, found


def _check_order(session: Session) -> None:
    if session.scalar(select(KeyFrame.id).where(~KeyFrame.is_withdrawn).limit(1)) is None:
        raise StageOrderError("ava release", needs="ava collect", what="key frames")
    if session.scalar(select(PersonBox.id).where(PersonBox.stands()).limit(1)) is None:
        raise StageOrderError("ava release", needs="ava detect", what="boxes of persons")


def _check_links(session: Session, workspace: Workspace) -> None:
    """Refuse persons that are other ones by what people have said since they were linked."""
    if session.scalar(select(LinkEdit.id).limit(1)) is None:
        return
    linked = stage_status(session, workspace, "ava link")
    if linked.num_done < linked.num_items:
        number = linked.num_items - linked.num_done
        raise ReleaseError(
            f"people have said since whose boxes are whose, or boxes have changed: {number} of "
            f"{counted(linked.num_items, 'film is', 'films are')} to be linked again. "
            "Run `kbuild ava link`. Nothing was written."
        )


def _with_file(films: Sequence[SurveyedFilm], asked: Asked) -> list[SurveyedFilm]:
    """Return the films that are part of the release; none where none is wanted."""
    return [one for one in films if asked.films is not FilmsAs.NONE and one.film.file is not None]


def _sum_up(built: Path, films: Sequence[SurveyedFilm], asked: Asked) -> None:
    """Write the checksums of all files; those of films are known from when they came."""
    sums = {path.name: file_sha256(path) for path in built.iterdir()}
    for one in _with_file(films, asked):
        sums[file_of(one)] = one.film.sha256 or ""
    lines = (f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items()))
    (built / SUMS).write_text("".join(lines), encoding="utf-8")


def _place_films(storage: Storage, built: Path, films: Sequence[SurveyedFilm]) -> None:
    if films:
        (built / FOLDER).mkdir()
    for one in films:
        target = built / file_of(one)
        sha256, remake = one.film.sha256 or "", "kbuild ava collect"
        source = kept_file(storage, one.film.file or "", sha256, remake=remake)
        place_file(source, target, sha256, remake=remake)


def _keep_splits(workspace: Workspace, films: Sequence[SurveyedFilm]) -> None:
    """Write down the split of each film, which it keeps in every later release."""
    seed = workspace.config.release.seed
    with writing(workspace.engine) as session:
        for one in films:
            session.merge(FilmSplit(video_id=one.film.row_id, split=Split(one.split), seed=seed))


def _counted(
    films: Sequence[SurveyedFilm], splits: Mapping[str, Summary]
) -> dict[str, dict[str, int]]:
    return {
        split: {
            "films": sum(one.split == split for one in films),
            "key_frames": found.key_frames,
            "boxes": found.boxes,
            "labels": sum(found.labels.values()),
        }
        for split, found in splits.items()
    }
