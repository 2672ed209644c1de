"""Stage 4 of AVA, keyframes: films -> stills and loops of their key frames, and shots.

A film is decoded once: detectors and links look at the stills, people also at the loops.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kinetics_builder.ava.key_frames import key_frame_times
from kinetics_builder.ava.settings import KeyFramesConfig
from kinetics_builder.config import settings_hash
from kinetics_builder.crowd.actions.deciding import note_boxes
from kinetics_builder.crowd.boxes.decisions import FRAME_TASKS
from kinetics_builder.database.tables import (
    FrameLoop,
    Item,
    KeyFrame,
    PersonBox,
    Shot,
    State,
)
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.files import FileMark, as_marked
from kinetics_builder.intervals import Interval, number_at
from kinetics_builder.storage.storage import Storage
from kinetics_builder.workspace import Workspace
from pipelines.ava.annotated import AnnotatedFilm, annotated_films
from pipelines.ava.made import LOOP, MadeStill, ReadFilm
from pipelines.ava.withdrawing import take_back_frame
from pipelines.files import plain_name
from pipelines.running.paging import in_one_page
from pipelines.running.stage import Promise, Stage, one_by_one
from pipelines.takedown.withholding import Outcome, withheld

METHOD = 3
"""Counted up when stills, loops or shots come out otherwise than before."""

FOLDER = "stills"
_UNFINISHED = ".part"


def stage(workspace: Workspace) -> Stage[AnnotatedFilm, ReadFilm]:
    """Return the stage: an item is a film with its annotated stretch.

    Reads `film`, `media`; writes `shot`, `key_frame`, `frame_loop`, and files in `stills/`.
    """
    config = workspace.config.keyframes
    fingerprint = settings_hash(METHOD, replace(config, timeout_seconds=1.0))
    return Stage(
        name="ava keyframes",
        needs="ava select",
        what="selected films",
        settings_hash=fingerprint,
        items=in_one_page(_items),
        work=partial(
            keyframes,
            storage=workspace.storage,
            folder=workspace.stills.absolute(),
            config=config,
        ),
        save=one_by_one(_save),
        refuses=partial(withheld, storage=workspace.storage, told=_told),
        timeout_seconds=config.timeout_seconds,
        forgets=True,
        writes=(workspace.stills,),
        promises=in_one_page(_promises),
        after=partial(_sweep, folder=workspace.stills, fingerprint=fingerprint),
    )


def keyframes(
    film: AnnotatedFilm, *, storage: Storage, folder: Path, config: KeyFramesConfig
) -> ReadFilm:
    """Write a film's stills and loops into `folder`; return what they are, and the shots.

    Raises ItemFailed(TOO_SHORT) for a film in which no key frame has its context, NO_COLOUR and
    CARTOON where the settings refuse such films, and as `read_stills` does.
    """
    from pipelines.ava.decoding import read_film

    times = _times(film.stretch, config)
    made = folder / _UNFINISHED / plain_name(film.video_id)
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        path = storage.here(film.file, film.mark)
        with as_marked(path, film.mark):
            return read_film(film, path, times, made, config)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _times(stretch: Interval, config: KeyFramesConfig) -> list[float]:
    times = key_frame_times(
        stretch, every_seconds=config.every_seconds, context_seconds=config.context_seconds
    )
    if not times:
        raise ItemFailed(
            Reason.TOO_SHORT,
            f"what is annotated lasts {stretch.length:.2f} s: no multiple of "
            f"{config.every_seconds:g} s has the {config.context_seconds / 2:g} s on both sides "
            "that keyframes.context_seconds in kbuild.toml asks for",
        )
    return times


def _items(session: Session) -> Sequence[tuple[str, AnnotatedFilm]]:
    return [(film.key, film) for film in annotated_films(session)]


def _promises(session: Session) -> Iterator[Promise]:
    keys = {film.row_id: key for key, film in _items(session)}
    stills = KeyFrame.file, KeyFrame.bytes, KeyFrame.sha256, KeyFrame.modified_ns
    loops = FrameLoop.file, FrameLoop.bytes, FrameLoop.sha256, FrameLoop.modified_ns
    asked = KeyFrame.is_withdrawn.is_(False)
    whose = FrameLoop.key_frame_id == KeyFrame.id
    for query in (
        select(KeyFrame.video_id, *stills).where(asked),
        select(KeyFrame.video_id, *loops).join(FrameLoop, whose).where(asked),
    ):
        for video_id, file, num_bytes, sha256, modified_ns in session.execute(query):
            if video_id in keys:
                yield Promise(keys[video_id], file, FileMark(num_bytes, sha256, modified_ns))


def _told(film: AnnotatedFilm, read: ReadFilm | None) -> Outcome:
    stills = () if read is None else read.stills
    return Outcome(film.video_id, [name for one in stills for name in (one.file, one.loop_file)])


def _save(session: Session, film: AnnotatedFilm, read: ReadFilm) -> None:
    shots = list(read.shots)
    session.execute(delete(Shot).where(Shot.video_id == film.row_id))
    session.add_all(
        Shot(video_id=film.row_id, number=n, start_seconds=shot.start, end_seconds=shot.end)
        for n, shot in enumerate(shots)
    )
    known = {
        frame.timestamp_seconds: frame
        for frame in session.scalars(select(KeyFrame).where(KeyFrame.video_id == film.row_id))
    }
    came_back = [frame.id for frame in known.values() if frame.is_withdrawn]
    for still in read.stills:
        moment = still.time_seconds
        frame = known.pop(moment, None)
        frame = frame or KeyFrame(video_id=film.row_id, timestamp_seconds=moment)
        frame.shown_seconds, frame.shot_number = still.shown_seconds, number_at(shots, moment)
        frame.width, frame.height = still.size
        frame.file, frame.is_withdrawn = still.file, False
        frame.bytes, frame.sha256 = still.mark.bytes, still.mark.sha256
        frame.modified_ns = still.mark.modified_ns
        session.add(frame)
        session.flush()
        session.merge(_loop_row(frame.id, still))
    for frame in known.values():
        take_back_frame(session, frame)
    session.flush()
    FRAME_TASKS.note(session.connection(), came_back)
    people = select(PersonBox.id).where(PersonBox.key_frame_id.in_(came_back))
    note_boxes(session.connection(), session.scalars(people).all())


def _loop_row(key_frame_id: int, still: MadeStill) -> FrameLoop:
    mark = still.loop_mark
    return FrameLoop(
        key_frame_id=key_frame_id,
        file=still.loop_file,
        bytes=mark.bytes,
        sha256=mark.sha256,
        modified_ns=mark.modified_ns,
    )


def _sweep(session: Session, *, folder: Path, fingerprint: str) -> None:
    """Take back the key frames of films that are taken no more, and remove files of none."""
    refused = set(
        session.scalars(
            select(Item.key).where(
                Item.stage == "ava keyframes",
                Item.settings_hash == fingerprint,
                Item.state == State.FAILED,
                Item.retryable.is_(False),
            )
        )
    )
    taken = [film.row_id for key, film in _items(session) if key not in refused]
    for frame in session.scalars(select(KeyFrame).where(KeyFrame.video_id.not_in(taken))).all():
        if not frame.is_withdrawn:
            take_back_frame(session, frame)
    session.execute(delete(Shot).where(Shot.video_id.not_in(taken)))
    session.flush()
    files = select(KeyFrame.file).union_all(select(FrameLoop.file))
    known = {Path(file).relative_to(FOLDER) for file in session.scalars(files)}
    _remove_unknown(folder, known)


def _remove_unknown(folder: Path, known: set[Path]) -> None:
    for file in folder.glob("*/*"):
        if file.suffix in (".jpg", LOOP) and file.relative_to(folder) not in known:
            file.unlink(missing_ok=True)
    for empty in folder.iterdir():
        if empty.is_dir() and not any(empty.iterdir()):
            empty.rmdir()
