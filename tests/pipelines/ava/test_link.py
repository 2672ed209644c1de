"""Persons keep their numbers: over runs, under other settings, whatever people say."""

from pathlib import Path

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import BoxLink, KeyFrame, LinkEdit, PersonBox, Video
from pipelines.ava.boxes_file import BoxesFile
from pipelines.ava.detecting import BoxesTold

RED, BLUE = ((230, 20, 20), 10, 2.5), ((20, 20, 230), 120, -2.5)


def row(film: str, second: float, left: float) -> str:
    corners = f"{left / 160:.3f},0.333,{(left + 20) / 160:.3f},0.833"
    return f"{film},{second:04.0f},{corners},12"


def persons(films, film: str = "room") -> dict[float, list[int | None]]:
    """Return the persons at each key frame, from left to right."""
    found: dict[float, list[int | None]] = {}
    with reading(films.workspace.engine) as session:
        query = (
            select(KeyFrame.timestamp_seconds, PersonBox.person)
            .join(PersonBox, PersonBox.key_frame_id == KeyFrame.id)
            .join(Video, Video.id == KeyFrame.video_id)
            .where(Video.title == film, PersonBox.stands())
            .order_by(KeyFrame.timestamp_seconds, PersonBox.x1)
        )
        for second, person in session.execute(query):
            found.setdefault(second, []).append(person)
    return found


@pytest.fixture
def linked(films, draw_scene, tmp_path: Path):
    """Collect a film of two walkers who come near, without numbers."""
    films.draw("room", draw_scene(20, [RED, BLUE]))

    def collect(rows: list[str]):
        path = tmp_path / "boxes.csv"
        path.write_text("\n".join(rows))
        films.collect(boxes=BoxesTold(file=BoxesFile(path=path, format="ava-v1")))
        return films

    return collect


def walk(seconds: range, without: tuple[tuple[int, int], ...] = ()) -> list[str]:
    """Return rows of both walkers; `without` leaves out some (second, walker)."""
    return [
        row("room", second, left + speed * second)
        for second in seconds
        for walker, (_, left, speed) in enumerate((RED, BLUE))
        if (second, walker) not in without
    ]


def box_ids(films, film: str = "room") -> dict[tuple[float, int], int]:
    """Return the id of each standing box by its second and person."""
    with reading(films.workspace.engine) as session:
        query = (
            select(KeyFrame.timestamp_seconds, PersonBox.person, PersonBox.id)
            .join(PersonBox, PersonBox.key_frame_id == KeyFrame.id)
            .join(Video, Video.id == KeyFrame.video_id)
            .where(Video.title == film, PersonBox.stands())
        )
        return {(second, person): number for second, person, number in session.execute(query)}


def test_two_who_come_near_keep_their_numbers(linked) -> None:
    films = linked(walk(range(2, 19)))
    found = persons(films)
    assert found == {float(second): [0, 1] for second in range(2, 19)}
    assert sorted(films.rows(PersonBox, "person")) == [(0,)] * 17 + [(1,)] * 17
    origins = {origin for (origin,) in films.rows(BoxLink, "origin")}
    assert origins == {"matched"} and len(films.rows(BoxLink, "box_id")) == 32
    for overlap, similarity in films.rows(BoxLink, "overlap", "similarity"):
        assert overlap == pytest.approx(7 / 9, abs=0.02) and similarity > 0.5


def test_a_missing_box_is_bridged_and_a_long_absence_is_not(linked) -> None:
    short = ((8, 0), (9, 0))
    films = linked(walk(range(2, 19), short))
    assert persons(films)[7.0] == persons(films)[10.0] == [0, 1]
    long = tuple((second, 0) for second in range(6, 12))
    found = persons(linked(walk(range(2, 19), long)))
    # Of the two parts the one with more boxes keeps the number.
    assert found[2.0] == [2, 1] and found[18.0] == [0, 1]


def test_numbers_stay_when_boxes_are_added_and_taken_away(linked) -> None:
    films = linked(walk(range(2, 19)))
    linked(walk(range(5, 19)))
    first = persons(films)
    assert first[5.0] == first[18.0] == [0, 1]
    linked([row("room", 2, 70), row("room", 3, 70), *walk(range(5, 19))])
    again = persons(films)
    assert again[2.0] == [2] and again[5.0] == again[18.0] == [0, 1]


def test_no_track_crosses_a_shot(films, draw_scene, tmp_path: Path) -> None:
    films.draw("room", draw_scene(5, [RED]), draw_scene(5, [RED], seed=2))
    path = tmp_path / "boxes.csv"
    path.write_text("\n".join(row("room", second, 20) for second in range(2, 9)))
    films.collect(boxes=BoxesTold(file=BoxesFile(path=path, format="ava-v1")))
    assert persons(films) == {
        **{float(t): [0] for t in (2, 3, 4)},
        **{float(t): [1] for t in (5, 6, 7, 8)},
    }


def test_what_people_say_wins_and_survives_other_settings(linked) -> None:
    films = linked(walk(range(2, 19)))
    before = box_ids(films)
    with writing(films.workspace.engine) as session:
        # Somebody says that who was 0 at second 5 is 1 from second 6 on.
        edit = LinkEdit(box_id=before[5.0, 0], other_id=before[6.0, 1], is_same=True)
        session.add(edit)
    for text in ("", "[link]\nmin_likeness = 0.2\n", "[link]\noverlap_weight = 0.9\n"):
        films.set(text)
        films.collect()
        found = box_ids(films)
        person_of = {number: person for (_, person), number in found.items()}
        assert person_of[before[5.0, 0]] == person_of[before[6.0, 1]]
        assert person_of[before[5.0, 1]] != person_of[before[6.0, 1]]
        assert ("people",) in films.rows(BoxLink, "origin")
    with writing(films.workspace.engine) as session:
        session.add(LinkEdit(box_id=before[6.0, 1], other_id=before[5.0, 0], is_same=False))
    films.collect()
    person_of = {number: person for (_, person), number in box_ids(films).items()}
    assert person_of[before[5.0, 0]] != person_of[before[6.0, 1]]


def test_a_box_that_was_moved_keeps_its_person(linked) -> None:
    films = linked(walk(range(2, 19)))
    before = box_ids(films)
    with writing(films.workspace.engine) as session:
        old = session.get_one(PersonBox, before[7.0, 1])
        old.is_dropped = True
        moved = PersonBox(key_frame_id=old.key_frame_id, replaces_id=old.id)
        moved.x1, moved.y1, moved.x2, moved.y2 = 0.01, 0.01, 0.05, 0.1
        session.add(moved)
        edit = LinkEdit(box_id=before[6.0, 1], other_id=before[7.0, 1], is_same=True)
        session.add(edit)
        session.flush()
        new = moved.id
    films.collect()
    found = box_ids(films)
    assert found[7.0, 1] == new
    assert {key: n for key, n in found.items() if n != new} == {
        key: n for key, n in before.items() if n != before[7.0, 1]
    }
    assert (before[7.0, 1],) not in films.rows(BoxLink, "box_id")


def test_a_box_that_people_drew_is_linked_by_its_look(linked) -> None:
    films = linked(walk(range(2, 19), ((9, 0),)))
    with writing(films.workspace.engine) as session:
        frame = session.scalars(select(KeyFrame).where(KeyFrame.timestamp_seconds == 9.0)).one()
        left = (RED[1] + RED[2] * 9) / 160
        drawn = PersonBox(key_frame_id=frame.id, x1=left, y1=0.33, x2=left + 0.125, y2=0.83)
        session.add(drawn)
    films.collect()
    assert persons(films)[9.0] == [0, 1]
    assert all(similarity > 0.5 for (similarity,) in films.rows(BoxLink, "similarity"))


def test_a_dropped_box_is_in_no_track_and_its_number_is_not_given_again(linked) -> None:
    films = linked([row("room", 2, 20), row("room", 12, 90)])
    assert persons(films) == {2.0: [0], 12.0: [1]}
    with writing(films.workspace.engine) as session:
        session.get_one(PersonBox, box_ids(films)[12.0, 1]).is_dropped = True
        frame = session.scalars(select(KeyFrame).where(KeyFrame.timestamp_seconds == 18.0)).one()
        session.add(PersonBox(key_frame_id=frame.id, x1=0.1, y1=0.1, x2=0.4, y2=0.4))
    films.collect()
    assert persons(films) == {2.0: [0], 18.0: [2]}
