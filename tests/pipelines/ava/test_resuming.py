"""Stopped anywhere, on either database, the next run gives what an undisturbed one gives."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kinetics_builder.database.tables import (
    BoxLink,
    DetectedBox,
    KeyFrame,
    PersonBox,
    Shot,
)
from kinetics_builder.workspace import Workspace
from pipelines.ava import decoding as decoding_module
from pipelines.ava import detect as detect_module
from pipelines.ava import keyframes as keyframes_module
from pipelines.ava.boxes_file import BoxesFile
from pipelines.ava.detecting import BoxesTold
from pipelines.inspecting.check import check
from pipelines.inspecting.status import status
from tests.contents import settings_of

RED, BLUE = ((230, 20, 20), 10, 2.5), ((20, 20, 230), 120, -2.5)


@pytest.fixture
def two_films(films, draw_scene, tmp_path: Path) -> Callable[[], Any]:
    """Return what collects two films with the boxes of a file."""
    lines = []
    for name, first in (("garden", RED), ("room", BLUE)):
        films.draw(name, draw_scene(6, [first]), draw_scene(4, [first], seed=2))
        for second in range(2, 9):
            left = (first[1] + first[2] * (second % 6)) / 160
            lines.append(f"{name},{second:04},{left:.3f},0.333,{left + 0.125:.3f},0.833,12")
    path = tmp_path / "boxes.csv"
    path.write_text("\n".join(lines))
    told = BoxesTold(file=BoxesFile(path=path, format="ava-v1"))
    return lambda: films.collect(boxes=told)


def contents(films) -> dict[str, Any]:
    """Return what does not depend on ids: rows by their values, stills by their bytes."""
    stills = films.workspace.stills.rglob("*")
    return {
        "stills": {p.name + p.parent.name: p.read_bytes() for p in stills if p.is_file()},
        "shots": films.rows(Shot, "number", "start_seconds", "end_seconds"),
        "frames": films.rows(KeyFrame, "file", "timestamp_seconds", "shot_number", "sha256"),
        "detected": films.rows(DetectedBox, "x1", "y1", "x2", "y2", "score", "look"),
        "boxes": films.rows(PersonBox, "x1", "y1", "x2", "y2", "person"),
        "links": films.rows(BoxLink, "overlap", "similarity", "origin"),
    }


def stopping(function: Callable[..., Any], at_call: int) -> Callable[..., Any]:
    """Return `function`, stopped as by Ctrl-C at one of its calls."""
    calls = iter(range(10**6))

    def stops(*arguments: Any, **named: Any) -> Any:
        if next(calls) == at_call:
            raise KeyboardInterrupt
        return function(*arguments, **named)

    return stops


@pytest.mark.few("sync-20", "_measured-9")
@pytest.mark.parametrize(
    ("module", "name", "call"),
    [
        (decoding_module, "still_name", 10),
        (decoding_module, "still_name", 23),
        (decoding_module, "sync", 20),
        (keyframes_module, "number_at", 2),
        (detect_module, "_measured", 9),
        (detect_module, "_shown", 3),
    ],
)
def test_a_stopped_run_is_finished_by_the_next(
    two_films, films, tmp_path: Path, monkeypatch, module, name: str, call: int
) -> None:
    settings = settings_of(films.workspace)
    stopped, films.workspace = films.workspace, Workspace.create(tmp_path / "other", settings)
    two_films()
    expected = contents(films)
    assert len(expected["stills"]) == 28 and len(expected["links"]) == 10
    films.workspace = stopped
    with monkeypatch.context() as patch:
        patch.setattr(module, name, stopping(getattr(module, name), call))
        with pytest.raises(KeyboardInterrupt):
            two_films()
    two_films()
    assert contents(films) == expected
    assert check(films.workspace).is_sound
    assert not list(films.workspace.stills.rglob("*.part"))
    assert all(s.num_done == s.num_items for s in status(films.workspace).films)
    assert [one.num_new for one in two_films().stages] == [0] * 6


@pytest.mark.long
def test_both_databases_give_the_same(
    two_films, films, tmp_path: Path, postgresql: Callable[[str], str]
) -> None:
    two_films()
    expected = contents(films)
    address = postgresql(f"films{uuid.uuid4().hex}")
    settings = f'database = "{address}"\n[run]\nworkers = 1\n'
    films.workspace = Workspace.create(tmp_path / "served", settings)
    two_films()
    assert contents(films) == expected
    root = films.workspace.root
    (root / "kbuild.toml").write_text(f"{settings}[keyframes]\nevery_seconds = 2\n")
    films.workspace = Workspace.open(root)
    two_films()
    assert {second for _, second, *_ in contents(films)["frames"]} == {2.0, 4.0, 6.0, 8.0}
    assert check(films.workspace).is_sound
