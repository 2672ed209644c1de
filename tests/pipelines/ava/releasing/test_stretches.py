"""Films of which a part is annotated: the part alone is given away, and trains as it is."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Film, FilmCut, Item, Media, State, Video
from kinetics_builder.errors import ReleaseError
from kinetics_builder.files import FileMark
from models.clips.decode import decode_at
from pipelines.ava.releasing.films import FilmsAs
from pipelines.cli import group
from pipelines.inspecting.check import check
from pipelines.running import runner
from pipelines.running.engines.inline import InlinePool


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let stages work in this process."""
    monkeypatch.setattr(runner, "make_pool", lambda **_: InlinePool())


@pytest.fixture
def part(make_house) -> Any:
    """Return a house of three films, of two of which a part is annotated."""
    house = make_house()
    with writing(house.workspace.engine) as session:
        for name in ("film0", "film1"):
            row = select(Video.id).where(Video.video_id == name).scalar_subquery()
            stretch = {"start_seconds": 1.0, "end_seconds": 11.0}
            session.execute(update(Film).where(Film.video_id == row).values(**stretch))
    return house


def listed(folder: Path) -> dict[str, tuple[str, str]]:
    with (folder / "videos.csv").open() as file:
        rows = csv.DictReader(file)
        return {row["video_id"]: (row["file"], row["start_seconds"]) for row in rows}


def test_a_film_begins_where_its_stretch_does_and_shows_the_same(part) -> None:
    folder = part.release(films=FilmsAs.STRETCHES).folder
    assert listed(folder) == {
        "film0": ("videos/film0.mp4", "1.0"),
        "film1": ("videos/film1.mp4", "1.0"),
        "film2": ("videos/film2.mp4", "0.0"),
    }
    whole = decode_at(part.workspace.media / "film0.mp4", np.array([2.0, 6.0, 10.0]), 96)
    cut = decode_at(folder / "videos" / "film0.mp4", np.array([1.0, 5.0, 9.0]), 96)
    same = np.abs(whole.astype(int) - cut.astype(int)).mean()
    other = decode_at(folder / "videos" / "film0.mp4", np.array([2.0, 6.0, 9.9]), 96)
    differs = np.abs(whole.astype(int) - other.astype(int)).mean()
    assert same < 4 < differs, "a second later people stand elsewhere"
    (durations,) = {part.rows(select(FilmCut.duration_seconds))[n][0] for n in (0, 1)}
    assert durations == pytest.approx(10.0, abs=0.05)
    assert (folder / "videos" / "film2.mp4").samefile(part.workspace.media / "film2.mp4")
    result = CliRunner().invoke(group, ["ava", "check", str(folder), "--for", "kbuild", "--json"])
    assert result.exit_code == 0, result.output
    assert all(one["used"] == one["stated"] for one in json.loads(result.stdout)["parts"])


def test_what_was_cut_is_not_cut_again_and_another_stretch_is(part) -> None:
    first = part.release(films=FilmsAs.STRETCHES)
    before = {row[0]: row[1] for row in part.rows(select(FilmCut.file, FilmCut.modified_ns))}
    again = part.release(films=FilmsAs.STRETCHES)
    assert (again.name, again.is_new) == (first.name, False)
    assert {r[0]: r[1] for r in part.rows(select(FilmCut.file, FilmCut.modified_ns))} == before
    with writing(part.workspace.engine) as session:
        session.execute(update(Film).where(Film.start_seconds == 1.0).values(end_seconds=11.5))
    assert part.release(films=FilmsAs.STRETCHES).is_new
    whole = part.release()
    assert listed(whole.folder)["film0"] == ("videos/film0.mp4", "0.0")
    for number in (0, 1, 2):
        source = part.workspace.media / f"film{number}.mp4"
        assert source.samefile(whole.folder / "videos" / source.name)


def test_a_film_that_cannot_be_cut_is_told_with_its_reason_and_costs_itself(part) -> None:
    file = part.workspace.media / "film1.mp4"
    file.write_bytes(b"no film" * 100)
    mark = FileMark.of(file)
    with writing(part.workspace.engine) as session:
        values = {"bytes": mark.bytes, "sha256": mark.sha256, "modified_ns": mark.modified_ns}
        session.execute(update(Media).where(Media.file == "media/film1.mp4").values(**values))
    report = part.release(films=FilmsAs.STRETCHES)
    assert report.missing_films == ["film1"]
    assert {path.name for path in (report.folder / "videos").iterdir()} == {
        "film0.mp4",
        "film2.mp4",
    }
    failed = part.rows(select(Item.key, Item.reason).where(Item.state == State.FAILED))
    assert [(key.split(" ")[0], reason.value) for key, reason in failed] == [("film1", "broken")]


def test_a_lost_stretch_is_found_by_check_and_cut_again(part) -> None:
    first = part.release(films=FilmsAs.STRETCHES)
    (part.workspace.root / "stretches" / "film0.mp4").unlink()
    found = {one.file: one.remedy for one in check(part.workspace).broken}
    assert "`kbuild ava release --films stretches`" in found["stretches/film0.mp4"]
    again = part.release(films=FilmsAs.STRETCHES)
    assert (again.content_hash, again.is_new) == (first.content_hash, False)
    assert (part.workspace.root / "stretches" / "film0.mp4").is_file()


def test_the_command_takes_the_stretches(part) -> None:
    result = CliRunner().invoke(
        group, ["-C", str(part.workspace.root), "ava", "release", "--films", "stretches", "--json"]
    )
    assert result.exit_code == 0, result.output
    folder = Path(json.loads(result.stdout)["folder"])
    assert "each in the stretch that is annotated" in (folder / "README.md").read_text()


def test_nothing_is_cut_for_a_release_that_is_refused(part) -> None:
    with writing(part.workspace.engine) as session:
        part.box_at(session, "film1", 4, 1).person = None
    with pytest.raises(ReleaseError, match="nobody's yet"):
        part.release(films=FilmsAs.STRETCHES)
    assert not list(part.workspace.stretches.iterdir())
