"""What a release says of films that were taken down."""

import csv
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import writing
from kinetics_builder.database.naming import is_named
from kinetics_builder.database.tables import (
    ActionCandidate,
    BoxProposal,
    KeyFrame,
    PersonAction,
    PersonBox,
)
from pipelines.ava.releasing.layouts import AVA_KINETICS, V2_2
from pipelines.takedown.takedown import takedown
from tests.pipelines.ava.releasing.conftest import MOMENTS

FILM = "AAAAAAAAAAA_000007_000019"


@pytest.mark.parametrize(
    ("layout", "name", "offset"), [(V2_2, FILM, 0), (AVA_KINETICS, "AAAAAAAAAAA", 7)]
)
def test_labels_of_a_film_that_was_taken_down_are_told_with_when_and_why(
    make_house: Any, tmp_path: Path, layout: Any, name: str, offset: int
) -> None:
    house = make_house(3)
    house.film(FILM, 3)
    house.ask(FILM)
    before = house.release(layout=layout).folder
    assert not (before / "taken_down.csv").exists()
    assert "taken_down.csv" not in (before / "README.md").read_text()
    path = tmp_path / "takedown.txt"
    path.write_text(f"{FILM} | 2026-11-03 | asked by a person shown\n")
    takedown(house.workspace, path)
    again = house.release(layout=layout).folder
    with (again / "taken_down.csv").open(newline="") as file:
        rows = sorted(csv.reader(file))
    expected = sorted(
        [
            *(name, f"{second + offset:04d}", str(number), str(action)),
            *("2026-11-03", "asked by a person shown"),
        ]
        for second in MOMENTS
        for number, person in enumerate(house.people[FILM])
        for action in person.actions
    )
    header = ["video_id", "timestamp", "person_id", "action_id", "date", "reason"]
    assert rows == sorted([*expected, header]) and len(expected) == 9 * 2 * 2
    readme = (again / "README.md").read_text()
    assert "36 accepted labels were taken down: `taken_down.csv`." in readme
    assert "| `taken_down.csv` | accepted labels whose film was taken down" in readme
    assert "  taken_down.csv\n" in (again / "SHA256SUMS").read_text()
    assert FILM not in (again / "videos.csv").read_text()


def test_boxes_that_decisions_are_about_are_kept_whatever_was_asked(make_house: Any) -> None:
    """As where actions came of a file, or of another database: no task asks about these boxes."""
    house = make_house(1)
    path = house.workspace.root / "takedown.txt"
    path.write_text("film0 | 2026-11-03 | asked\n")
    takedown(house.workspace, path)
    boxes = house.rows(select(PersonBox.is_withdrawn, PersonBox.id))
    assert len(boxes) == 2 * len(MOMENTS) and all(is_withdrawn for is_withdrawn, _ in boxes)
    assert house.rows(select(KeyFrame.is_withdrawn).distinct()) == [(True,)]


def test_whatever_names_a_row_is_found_but_what_goes_with_it(make_house: Any) -> None:
    house = make_house(1)
    with writing(house.workspace.engine) as session:
        box = house.box_at(session, "film0", 2, 0)
        tables = (BoxProposal, ActionCandidate, PersonAction)
        assert is_named(session, PersonBox, box.id, but=())
        assert is_named(session, PersonBox, box.id, but=tables[:2])
        assert not is_named(session, PersonBox, box.id, but=tables)
        assert not is_named(session, PersonBox, 0, but=())
