"""The report of films: what passed each step, what was lost there and why, and pictures of it."""

import base64
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    ActionCandidate,
    BoxProposal,
    DetectedBox,
    FilmHit,
    KeyFrame,
    Label,
    PersonAction,
    PersonBox,
    Setting,
    Verdict,
    Video,
)
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.workspace import Workspace
from pipelines.ava.boxes_file import BoxesFile
from pipelines.ava.detecting import BoxesTold
from pipelines.ava.told import SOURCE, tell
from pipelines.inspecting.films import drawing
from pipelines.inspecting.films.released import newest_released
from pipelines.inspecting.films.sheets import doings
from pipelines.inspecting.report import gather, write_report
from pipelines.inspecting.status import status
from pipelines.inspecting.status_lines import status_lines
from tests.pipelines.ava.releasing.conftest import WALK, make_house

__all__ = ["make_house"]

RED, BLUE = ((230, 20, 20), 10, 4.0), ((20, 20, 230), 120, -4.0)
HOSTILE = "<img src=x onerror=alert(1)>"
STAND, WAVE, TALK = 12, 69, 79


def rows_of(film: str, seconds: range) -> list[str]:
    """Return AVA's rows of the two walkers, as they are drawn."""
    return [
        f"{film},{second:04},{x / 160:.3f},0.333,{(x + 20) / 160:.3f},0.833,{STAND},{person}\n"
        for second in seconds
        for person, (_, left, speed) in enumerate((RED, BLUE))
        for x in (left + speed * second,)
    ]


@pytest.fixture
def walked(films, draw_scene, tmp_path: Path) -> Any:
    """Collect two films of two walkers, one that is too short, and one that is none."""
    films.set("[films]\nmin_minutes = 0.06\n")
    films.draw("hall", draw_scene(7, [RED, BLUE]))
    films.draw("room", draw_scene(7, [RED, BLUE], 2))
    films.draw("short", draw_scene(2, [RED]))
    (films.folder / "broken.mkv").write_bytes(b"no film")
    path = tmp_path / "boxes.csv"
    path.write_text("".join(rows_of("hall", range(2, 6)) + rows_of("room", range(2, 6))))
    films.collect(boxes=BoxesTold(file=BoxesFile(path=path, format="ava")))
    return films


def answer(workspace: Workspace) -> None:
    """Say something of the boxes as people and a detector would: see the test of the way."""
    with writing(workspace.engine) as session:
        boxes = list(session.scalars(select(PersonBox).order_by(PersonBox.id)))
        frame = {"key_frame_id": boxes[0].key_frame_id}
        corners = {"x1": 0.4, "y1": 0.1, "x2": 0.5, "y2": 0.9}
        session.add(DetectedBox(**frame, **corners, score=0.1, origin="test"))
        boxes[0].is_dropped = boxes[1].is_dropped = True
        session.add(PersonBox(**frame, **corners, person=7))
        session.add(PersonBox(**frame, **corners, person=1, replaces_id=boxes[1].id))
        said = {"num_blocked": 0, "num_wrong_box": 0, "num_set_aside": 0, "num_named": 2}
        for box, verdict, more in (
            (boxes[0], Verdict.ACCEPTED, {}),  # dropped: counts nowhere
            (boxes[2], Verdict.ACCEPTED, {}),
            (boxes[3], Verdict.ACCEPTED, {}),
            (boxes[4], Verdict.REJECTED, {"num_blocked": 2}),
            (boxes[5], Verdict.REJECTED, {"num_wrong_box": 2}),
            (boxes[6], Verdict.OPEN, {"num_named": 1}),
        ):
            session.add(BoxProposal(person_box_id=box.id, verdict=verdict, **said | more))
        session.flush()
        for box, action, verdict in (
            (boxes[0], STAND, Verdict.ACCEPTED),
            (boxes[2], STAND, Verdict.ACCEPTED),
            (boxes[2], WAVE, Verdict.REJECTED),
            (boxes[3], STAND, Verdict.ACCEPTED),
            (boxes[3], WAVE, Verdict.OPEN),
            (boxes[3], TALK, None),
        ):
            vote(session, box.id, action, verdict)
        vote(session, boxes[2].id, 1, Verdict.ACCEPTED, is_proposed=False)
        vote(session, boxes[2].id, 2, Verdict.REJECTED, is_proposed=False)


def vote(session: Any, box: int, action: int, verdict: Verdict | None, **of: Any) -> None:
    """Write that an action was proposed, and what came of the votes on it."""
    if of.get("is_proposed", True):
        session.add(ActionCandidate(person_box_id=box, action_id=action, num_proposed=1))
    counts = {"num_yes": of.get("num_yes", 2), "num_no": 0, "num_unsure": 0, "num_set_aside": 0}
    if verdict is not None:
        session.add(PersonAction(person_box_id=box, action_id=action, verdict=verdict, **counts))


WAY = {
    "films listed": (4, {}, {}),
    "films fetched": (3, {"broken": 1}, {}),
    "films selected": (2, {"too short": 1}, {}),
    "shots": (2, {}, {}),
    "key frames": (8, {}, {}),
    "boxes detected": (17, {}, {}),
    "boxes shown": (
        16,
        {"below detect.min_score": 1, "dropped by people": 1},
        {"drawn by people": 1},
    ),
    "persons": (5, {"film: not linked yet": 1}, {}),
    "strips followed": (0, {}, {}),
    "persons with proposals": (
        2,
        {
            "hidden or blocked": 1,
            "wrong box": 1,
            "named by too few": 1,
            "named by nobody yet": 11,
        },
        {},
    ),
    "actions proposed": (5, {}, {}),
    "actions accepted": (3, {"rejected": 1, "open": 2}, {"known as gold, proposed by nobody": 1}),
    "actions released": (0, {}, {}),
}


def told_of(workspace: Workspace) -> dict[str, tuple[int, dict[str, int], dict[str, int]]]:
    """Return the way as it is told: the count of each step, what is less and what is plus."""
    return {step.name: (step.count, step.less, step.plus) for step in status(workspace).film_way}


def text_of(page: Path) -> str:
    """Return what a reader of a page reads."""
    html = re.sub(r"(?s)<(style|script).*?</\1>", "", page.read_text("utf-8"))
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_each_step_says_what_passed_what_was_lost_and_why(walked) -> None:
    answer(walked.workspace)
    assert told_of(walked.workspace) == WAY
    counts = {name: count for name, (count, _, _) in WAY.items()}
    assert status(walked.workspace).film_counts == counts


def test_status_and_report_say_the_same_of_each_step(walked, tmp_path: Path) -> None:
    answer(walked.workspace)
    page = text_of(write_report(walked.workspace, tmp_path / "report.html"))
    lines = " ".join(" ".join(status_lines(status(walked.workspace))).split())
    for step in status(walked.workspace).film_way:
        assert f"{step.name} {step.explanation} {step.count:,}" in page
        assert f"{step.name} {step.count}" in lines
        for what, number in (step.less | step.plus).items():
            assert f"{number:,} {what}" in page and f"{number:,} {what}" in lines


def test_a_film_that_was_refused_is_listed_with_the_reason(walked, tmp_path: Path) -> None:
    page = text_of(write_report(walked.workspace, tmp_path / "report.html"))
    assert "select: lasts 2.0 s, and films.min_minutes in kbuild.toml asks for 4 s" in page
    assert re.search(r"broken \S+ download: ", page)
    assert "room" in page and "0:00 to 0:07" in page


def test_stages_that_have_not_come_to_a_film_say_so(films, draw_scene) -> None:
    films.draw("room", draw_scene(7, [RED]))
    with writing(films.workspace.engine) as session:
        tell(session, {SOURCE: f"folder:{films.folder}"})
    films.run("search")
    way = told_of(films.workspace)
    assert way["films listed"] == (1, {}, {})
    assert way["films fetched"] == (0, {"not fetched yet": 1}, {})
    films.run("download")
    assert told_of(films.workspace)["films selected"] == (0, {"not looked at yet": 1}, {})
    films.run("select")
    assert told_of(films.workspace)["key frames"] == (0, {"film: not read yet": 1}, {})


def test_a_workspace_of_films_alone_says_nothing_of_classes(walked, tmp_path: Path) -> None:
    page = text_of(write_report(walked.workspace, tmp_path / "report.html"))
    assert "From films to who does what" in page and "The way films" in page
    for word in ("class names", "candidates", "curated", "videos listed", "propose "):
        assert word not in page


def test_a_workspace_of_both_kinds_shows_both(walked, tmp_path: Path) -> None:
    with writing(walked.workspace.engine) as session:
        session.add(Setting(key="classes_file", value="classes.txt"))
        session.add(Label(name="arm wrestling"))
    page = text_of(write_report(walked.workspace, tmp_path / "report.html"))
    for text in ("The way of clips", "videos listed", "arm wrestling", "The way of films"):
        assert text in page
    assert "films listed what the source answered 4" in page


def test_a_workspace_of_clips_alone_says_nothing_of_films(films, tmp_path: Path) -> None:
    page = text_of(write_report(films.workspace, tmp_path / "report.html"))
    assert "From class names to clips" in page and "The way videos" in page
    assert "films" not in page and "actions" not in page


def image_of(address: str) -> Any:
    """Return a picture of a page as an array, height x width x RGB."""
    assert address.startswith("data:image/jpeg;base64,")
    data = base64.b64decode(address.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_sheets_show_key_frames_with_boxes_in_the_colours_of_persons(walked) -> None:
    found = gather(walked.workspace)["films"]["sheets"]
    assert [sheet.film.title for sheet in found] == ["hall", "room"]
    assert found[0].moments == (2.0, 3.0, 4.0, 5.0)
    picture = image_of(found[0].picture)
    assert picture.shape == (2 * 120 + 4, 2 * 160 + 4, 3)
    for person, left in enumerate((18, 112)):  # at 2 s, in the first still
        edge = picture[50:90, left].mean(axis=0)
        wanted = np.array(bytearray.fromhex(drawing.COLOURS[person][1:]))
        assert np.abs(edge - wanted).max() < 60, (person, edge)


def test_a_still_that_is_lost_costs_its_own_place(walked) -> None:
    files = [file for (file,) in walked.rows(KeyFrame, "file")]
    hall, room = ([file for file in files if walked.id_of(one) in file] for one in ("hall", "room"))
    (walked.workspace.root / hall[1]).write_bytes(b"\xff\xd8\xff no picture")
    for file in room:
        (walked.workspace.root / file).unlink()
    first, second = gather(walked.workspace)["films"]["sheets"]
    picture = image_of(first.picture)
    lost = picture[20:100, 184:304]
    is_empty = np.abs(lost - 0x77).max(axis=2) < 8
    assert 0.8 < is_empty.mean() < 1, "grey, and crossed out"
    assert np.ptp(lost, axis=2).max() < 12
    assert picture[20:100, 20:140].std() > 20
    assert second.picture == ""
    page = write_report(walked.workspace, walked.workspace.root / "report.html")
    assert "these stills could not be read" in text_of(page)


def test_a_person_is_shown_with_what_is_around(tmp_path: Path) -> None:
    still = np.full((120, 160, 3), 90, np.uint8)
    still[40:80, 120:150] = (250, 20, 20)
    Image.fromarray(still).save(tmp_path / "still.png")
    box = Corners(120 / 160, 40 / 120, 150 / 160, 80 / 120)
    picture = image_of(drawing.person(tmp_path / "still.png", (None, box)))
    assert picture.shape == (200, 200, 3)  # 60 x 60 of the still: the box is 40 high
    red = (picture[:, :, 0] > 180) & (picture[:, :, 1] < 90)
    assert 0.2 < red.mean() < 0.4
    assert drawing.person(tmp_path / "none.png", (None, box)) == ""


def test_each_action_is_shown_by_the_surest_of_different_films(walked) -> None:
    with reading(walked.workspace.engine) as session:
        rows: Any = session.execute(
            select(PersonBox.id, Video.title, PersonBox.person, KeyFrame.timestamp_seconds)
            .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
            .join(Video, Video.id == KeyFrame.video_id)
        )
        ids = {(title, person, seconds): box for box, title, person, seconds in rows}
    with writing(walked.workspace.engine) as session:
        for place, num_yes in (
            (("hall", 0, 2.0), 2),
            (("hall", 0, 3.0), 5),
            (("hall", 1, 4.0), 4),
            (("room", 0, 2.0), 3),
        ):
            vote(session, ids[place], STAND, Verdict.ACCEPTED, num_yes=num_yes)
        vote(session, ids["hall", 0, 2.0], WAVE, Verdict.REJECTED)
        vote(session, ids["hall", 0, 3.0], TALK, Verdict.REJECTED, is_proposed=False)
    names = {STAND: "stand", WAVE: "wave"}

    def shown(verdict: Verdict, number: int) -> list[tuple[str, str, str]]:
        with reading(walked.workspace.engine) as session:
            of = {"per_action": number, "max_total": 9}
            found = doings(session, walked.workspace.root, verdict, names, **of)
        assert all(one.picture for one in found)
        return [(one.action, f"{one.title} {one.where}", one.votes) for one in found]

    assert shown(Verdict.ACCEPTED, 9) == [
        ("stand", "hall at 3 s, person 0", "5 yes"),
        ("stand", "room at 2 s, person 0", "3 yes"),
        ("stand", "hall at 4 s, person 1", "4 yes"),
    ]
    assert len(shown(Verdict.ACCEPTED, 1)) == 1
    assert shown(Verdict.REJECTED, 1) == [("wave", "hall at 2 s, person 0", "2 yes")]


def test_what_strangers_wrote_stays_text(walked, tmp_path: Path) -> None:
    with writing(walked.workspace.engine) as session:
        session.scalars(select(Video).where(Video.title == "hall")).one().title = HOSTILE
    page = write_report(walked.workspace, tmp_path / "report.html").read_text("utf-8")
    assert HOSTILE not in page and "&lt;img src=x onerror=alert(1)&gt;" in page
    assert not re.search(r'(src|href)="(?!data:|#)', page), "something is not inside the file"


def rows_with_an_action(folder: Path) -> int:
    """Count the rows of a release that name an action, without our readers."""
    texts = [file.read_text("utf-8") for file in folder.glob("ava_*_v2.2.csv")]
    return sum(line.count(",") > 1 for text in texts for line in text.splitlines())


def test_the_newest_release_is_counted_with_what_it_leaves_out(make_house, tmp_path: Path) -> None:
    house = make_house()
    with writing(house.workspace.engine) as session:
        tell(session, {SOURCE: f"folder:{tmp_path}"})
        for video in session.scalars(select(Video)):
            session.add(FilmHit(video_id=video.id, query="", rank=0))
    assert told_of(house.workspace)["actions released"] == (0, {}, {})
    house.release()
    house.vote("film0", 2, 0, WALK, num_yes=3)
    house.vote("film0", 2, 0, 5, num_yes=2)
    house.reject("film1", 3, 1)
    folder = house.release().folder
    count, less, _ = told_of(house.workspace)["actions released"]
    assert count == rows_with_an_action(folder)
    assert less["box: no person, or not around one"] == 1
    assert less["pose: another pose has more votes"] == 1
    page = text_of(write_report(house.workspace, tmp_path / "report.html"))
    assert f"actions released in {folder.name} {count}" in page
    assert f"The newest, {folder.name}" in page


def test_of_a_damaged_release_what_can_be_read_is_told(make_house) -> None:
    house = make_house()
    folder = house.release().folder
    (folder / "left_out.csv").unlink()
    (folder / "ava_val_v2.2.csv").write_bytes(b"\xff\xfe\x00")
    found = newest_released(house.workspace)
    assert found is not None and found.name == folder.name
    assert 0 < found.num_labels < 108 and not found.left_out
    assert {row.split: row.num_labels > 0 for row in found.splits}["validate"] is False


def test_both_databases_count_alike(make_house, postgresql: Any) -> None:
    told = []
    for name, database in (("one", "kbuild.sqlite"), ("two", postgresql("filmreport"))):
        house = make_house(name=name, database=database)
        with writing(house.workspace.engine) as session:
            tell(session, {SOURCE: f"folder:{house.workspace.root}"})
        house.vote("film0", 2, 0, WALK, verdict=Verdict.REJECTED)
        house.reject("film1", 3, 1)
        films = gather(house.workspace)["films"]
        told.append((told_of(house.workspace), films["accepted"], films["actions"]))
    assert told[0] == told[1]
    assert told[0][0]["actions accepted"][:2] == (107, {"rejected": 1})
