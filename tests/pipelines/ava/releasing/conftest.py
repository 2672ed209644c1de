"""A workspace of films of coloured squares about which people have said everything."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    ActionCandidate,
    BoxProposal,
    DetectedBox,
    Film,
    KeyFrame,
    Media,
    PersonAction,
    PersonBox,
    Shot,
    Task,
    TaskSlot,
    Verdict,
    Video,
)
from kinetics_builder.files import FileMark
from kinetics_builder.workspace import Workspace
from pipelines.ava.releasing.release import Asked, AvaReleaseReport, release
from pipelines.ava.statistics import pictures
from pipelines.ava.statistics.summary import ClassRow
from tests.models.detection.conftest import HEIGHT, LABEL_MAP, SECONDS, WIDTH, cast, write_film

VOCABULARY = LABEL_MAP.replace(
    'name: "be red"\n  label_id: 1\n  label_type: PERSON_MOVEMENT',
    'name: "be red"\n  label_id: 1\n  label_type: OBJECT_MANIPULATION',
).replace(
    'name: "be blue"\n  label_id: 2\n  label_type: PERSON_MOVEMENT',
    'name: "be blue"\n  label_id: 2\n  label_type: PERSON_INTERACTION',
)
"""Colours are what people do with others; walking and standing are poses. 4 is left out."""
SETTINGS = "[run]\nworkers = 1\n\n[actions]\nvocabulary = 'actions.pbtxt'\n"
MOMENTS = range(2, SECONDS - 1)
WALK, STAND = 3, 5


@cache
def film_bytes(seed: int) -> bytes:
    """Return the file of a film."""
    random = np.random.default_rng(seed)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "film.mp4"
        write_film(file, cast(random), random)
        return file.read_bytes()


@dataclass
class House:
    """A workspace, and what people said of its films."""

    workspace: Workspace
    people: dict[str, list[Any]] = field(default_factory=dict)
    """Who is to be seen, by film."""

    def film(self, name: str, seed: int, folder: str = "films") -> None:
        """Add a film of two people, found, linked, named and verified at every second."""
        random = np.random.default_rng(seed)
        self.people[name] = people = cast(random)
        file = self.workspace.root / "media" / f"{name}.mp4"
        file.write_bytes(film_bytes(seed))
        with writing(self.workspace.engine) as session:
            video = self._video(session, name, file, folder)
            frames = [self._frame(video, second) for second in MOMENTS]
            session.add_all(frames)
            session.flush()
            self._say_all(session, frames, people)

    def _video(self, session: Session, name: str, file: Path, folder: str) -> Video:
        mark = FileMark.of(file)
        url = f"{folder}/{name}.mp4"
        video = Video(video_id=name, source=f"folder:{folder}", url=url, title=name)
        video.media = Media(
            file=f"media/{name}.mp4",
            bytes=mark.bytes,
            sha256=mark.sha256,
            duration_seconds=float(SECONDS),
            width=WIDTH,
            height=HEIGHT,
            frames_per_second=10.0,
            has_audio=False,
            codec="h264",
            licence="CC BY",
        )
        session.add(video)
        session.flush()
        stretch = {"start_seconds": 0.0, "end_seconds": float(SECONDS)}
        session.add(Film(video_id=video.id, **stretch))
        session.add(Shot(video_id=video.id, number=0, **stretch))
        return video

    def _frame(self, video: Video, second: float) -> KeyFrame:
        return KeyFrame(
            video_id=video.id,
            timestamp_seconds=float(second),
            shown_seconds=float(second),
            shot_number=0,
            width=WIDTH,
            height=HEIGHT,
            file=f"stills/{video.video_id}/{second:04d}.jpg",
            bytes=1,
            sha256="b" * 64,
        )

    def _say_all(self, session: Session, frames: Sequence[KeyFrame], people: Sequence[Any]) -> None:
        """Add people at key frames: found, shown, named, and voted on; each table at once."""
        shown = [(frame, person) for frame in frames for person in people]
        corners = [
            dict(zip(("x1", "y1", "x2", "y2"), person.box(frame.timestamp_seconds), strict=True))
            for frame, person in shown
        ]
        found = [
            DetectedBox(key_frame_id=frame.id, score=0.9, origin="trained", **place)
            for (frame, _), place in zip(shown, corners, strict=True)
        ]
        session.add_all(found)
        session.flush()
        boxes = [
            PersonBox(key_frame_id=frame.id, detected_box_id=one.id, person=person.number, **place)
            for (frame, person), one, place in zip(shown, found, corners, strict=True)
        ]
        session.add_all(boxes)
        session.flush()
        flags = {"num_blocked": 0, "num_wrong_box": 0, "num_set_aside": 0}
        for (_, person), box in zip(shown, boxes, strict=True):
            named = BoxProposal(
                person_box_id=box.id, verdict=Verdict.ACCEPTED, num_named=2, **flags
            )
            session.add(named)
            for action in person.actions:
                session.add_all(confirmed(box.id, action))

    def set(self, text: str) -> None:
        """Change the settings and open the workspace again."""
        (self.workspace.root / "kbuild.toml").write_text(SETTINGS + text)
        self.workspace = Workspace.open(self.workspace.root)

    def release(self, **asked: Any) -> AvaReleaseReport:
        """Release what is there."""
        return release(self.workspace, Asked(**asked))

    def box_at(self, session: Session, film: str, second: float, person: int) -> PersonBox:
        """Return a person's box."""
        return session.scalars(
            select(PersonBox)
            .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
            .join(Video, Video.id == KeyFrame.video_id)
            .where(
                Video.video_id == film,
                KeyFrame.timestamp_seconds == second,
                PersonBox.person == person,
            )
        ).one()

    def ask(self, film: str) -> None:
        """Ask people what everybody in a film does: then a box of it is kept, whatever comes."""
        with writing(self.workspace.engine) as session:
            boxes = select(PersonBox.key_frame_id, PersonBox.id).join(
                KeyFrame, KeyFrame.id == PersonBox.key_frame_id
            )
            ids = session.execute(
                boxes.join(Video, Video.id == KeyFrame.video_id).where(Video.video_id == film)
            ).all()
            task = Task(kind="actions", round=0)
            session.add(task)
            session.flush()
            for position, (frame, box) in enumerate(ids):
                subject = {"key_frame_id": frame, "person_box_id": box}
                session.add(TaskSlot(task_id=task.id, position=position, **subject))

    def reject(self, film: str, second: float, person: int, **flags: int) -> None:
        """Let people say that no action of a box can be named."""
        counts = {"num_named": 0, "num_blocked": 0, "num_wrong_box": 2, **flags}
        with writing(self.workspace.engine) as session:
            box = self.box_at(session, film, second, person)
            session.execute(
                update(BoxProposal)
                .where(BoxProposal.person_box_id == box.id)
                .values(verdict=Verdict.REJECTED, **counts)
            )

    def drop(self, film: str, second: float) -> None:
        """Let people drop all boxes of a key frame."""
        with writing(self.workspace.engine) as session:
            for person in (0, 1):
                self.box_at(session, film, second, person).is_dropped = True

    def vote(self, film: str, second: float, person: int, action: int, **counts: Any) -> None:
        """Let people say something of an action; see `confirm`."""
        with writing(self.workspace.engine) as session:
            box = self.box_at(session, film, second, person)
            confirm(session, box.id, action, **counts)

    def rows(self, query: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query, sorted."""
        with reading(self.workspace.engine) as session:
            return sorted(tuple(row) for row in session.execute(query))


def confirmed(
    box_id: int,
    action: int,
    *,
    verdict: Verdict = Verdict.ACCEPTED,
    num_yes: int = 2,
    num_no: int = 0,
    num_named: int = 2,
) -> tuple[ActionCandidate, PersonAction]:
    """Return what came of the votes on an action."""
    counts = {"num_yes": num_yes, "num_no": num_no, "num_unsure": 0, "num_set_aside": 0}
    return (
        ActionCandidate(person_box_id=box_id, action_id=action, num_proposed=num_named),
        PersonAction(person_box_id=box_id, action_id=action, verdict=verdict, **counts),
    )


def confirm(session: Session, box_id: int, action: int, **counts: Any) -> None:
    """Write what came of the votes on an action, as `confirmed` takes it."""
    for row in confirmed(box_id, action, **counts):
        session.merge(row)


@pytest.fixture(scope="session", autouse=True)
def equal_pictures_are_drawn_once() -> Iterator[None]:
    """Let releases of the same counts share their picture: to draw one takes longest of all."""
    draw, drawn = pictures.long_tail, dict[str, bytes]()

    def long_tail(classes: Sequence[ClassRow]) -> bytes:
        key = repr(classes)
        if key not in drawn:
            drawn[key] = draw(classes)
        return drawn[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "long_tail", long_tail)
        yield


MakeHouse = Callable[..., House]


@pytest.fixture
def make_house(tmp_path: Path) -> MakeHouse:
    """Make a house of so many films."""

    def make(
        num_films: int = 3, settings: str = "", name: str = "house", database: str = "kbuild.sqlite"
    ) -> House:
        root = tmp_path / name
        root.mkdir()
        (root / "actions.pbtxt").write_text("# gaps = true\n" + VOCABULARY)
        text = f"database = '{database}'\n{SETTINGS}{settings}"
        house = House(Workspace.create(root, text))
        _ = house.workspace.media
        for number in range(num_films):
            house.film(f"film{number}", number)
        return house

    return make
