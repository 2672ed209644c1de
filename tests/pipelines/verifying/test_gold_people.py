"""Persons whose actions are known, from a file."""

from pathlib import Path

import pytest

from kinetics_builder.ava.vocabulary import ava_vocabulary
from kinetics_builder.config import VerifyConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer, Gold, GoldAction, KeyFrame, PersonBox, Video
from kinetics_builder.errors import FormatError, StageOrderError
from kinetics_builder.workspace import Workspace
from pipelines.ava.boxes_file import BoxesFile
from pipelines.verifying.gold_people import PeopleGoldReport, add_gold_people

STAND, TALK = 12, 79


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A key frame at 902 s with a box left and a box right."""
    made = Workspace.create(tmp_path / "workspace")
    with writing(made.engine) as session:
        video = Video(video_id="film0000001", source="test", url="", title="A meeting")
        session.add(video)
        session.flush()
        frame = KeyFrame(
            video_id=video.id,
            timestamp_seconds=902.0,
            shown_seconds=902.0,
            shot_number=0,
            width=160,
            height=120,
            file="still.jpg",
            bytes=1,
            sha256="b" * 64,
        )
        session.add(frame)
        session.flush()
        for left in (0.1, 0.7):
            session.add(PersonBox(key_frame_id=frame.id, x1=left, y1=0.2, x2=left + 0.2, y2=0.9))
    return made


def row(*cells: object, film: str = "film0000001", second: str = "0902") -> str:
    return ",".join(map(str, (film, second, *cells)))


LEFT = (0.11, 0.2, 0.3, 0.9)
NOBODY = (0.4, 0.1, 0.5, 0.3)


def add(workspace: Workspace, tmp_path: Path, kind: str, *rows: str) -> PeopleGoldReport:
    path = tmp_path / "truth.csv"
    path.write_text("".join(f"{one}\n" for one in rows))
    file = BoxesFile(path=path, format="ava")
    with writing(workspace.engine) as session:
        return add_gold_people(session, file, kind, ava_vocabulary(), VerifyConfig())


def test_a_person_with_all_actions_and_a_box_that_shows_nobody(workspace, tmp_path) -> None:
    rows = [row(*LEFT, STAND, 0), row(*LEFT, TALK, 0), row(*NOBODY, STAND, 1)]
    report = add(workspace, tmp_path, "actions", *rows)
    assert report == PeopleGoldReport(2, 0, num_yes=1, num_other=1, num_unmet=1)
    with reading(workspace.engine) as session:
        assert [(one.person_box_id, one.expected) for one in session.query(Gold)] == [
            (1, Answer.YES),
            (2, Answer.BAD),
        ]
        assert sorted(one.action_id for one in session.query(GoldAction)) == [STAND, TALK]
    again = add(workspace, tmp_path, "actions", *rows)
    assert (again.num_new, again.num_known_before) == (0, 2)
    with pytest.raises(FormatError, match=r"truth\.csv: .*12, 79 before, 12 now"):
        add(workspace, tmp_path, "actions", row(*LEFT, STAND, 0))


def test_each_true_action_is_a_yes_and_one_that_nobody_does_a_no(workspace, tmp_path) -> None:
    report = add(workspace, tmp_path, "verification", row(*LEFT, STAND, 0), row(*LEFT, TALK, 0))
    assert (report.num_yes, report.num_other) == (2, 1)
    with reading(workspace.engine) as session:
        said = {one.action_id: one.expected for one in session.query(Gold)}
    assert (said.pop(STAND), said.pop(TALK)) == (Answer.YES, Answer.YES)
    assert list(said.values()) == [Answer.NO]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param(row(*LEFT, 12, 0, film="other"), "'other' is no film here", id="film"),
        pytest.param(row(*LEFT, 12, 0, second="0903"), "no key frame at 903 s", id="second"),
        pytest.param(row(*LEFT, 95, 0), "an action of the vocabulary, found 95", id="action"),
        pytest.param(row(), "says of nobody what the person does", id="nobody"),
    ],
)
def test_a_bad_file_is_one_line_and_adds_nothing(workspace, tmp_path, line, words) -> None:
    with pytest.raises(FormatError, match=words):
        add(workspace, tmp_path, "actions", line)
    with reading(workspace.engine) as session:
        assert session.query(Gold).count() == 0


def test_without_boxes_it_says_what_comes_first(tmp_path) -> None:
    empty = Workspace.create(tmp_path / "empty")
    with pytest.raises(StageOrderError, match="ava detect"):
        add(empty, tmp_path, "actions", row(*LEFT, 12, 0))
