"""Reading and writing one format loses nothing, whichever it is: what was read comes back."""

import math
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kinetics_builder.errors import KbuildError
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.problems import Problem, Problems, Severity
from kinetics_builder.formats.records import Box, Clip, Kind, Label, Scores
from kinetics_builder.formats.registry import all_formats

BOTH = [one for one in all_formats().values() if one.read is not None and one.write is not None]
OWN = {"charades": ["c000", "c001", "c092"]}
NAMES = ["riding", 'tying "knot", not', "left/right (up)", "wörk: a lot", "100 metres"]
IDS = ["-5KQ66BBWC4", "SOX5yA1l24A", "v_a_000001", "zß 9", "a.b&<c>", "1e5"]
TIMES = [0.0, 0.04, 1.0, 7.0, 12.5, 40.25, 902.0, 903.0, 904.5, 1000.04]
LENGTHS = [0.02, 0.5, 1.0, 10.0, 2.5, 0.0, -1.0]
DETAILS: list[dict[str, object]] = [
    {},
    {"duration_seconds": 2000.0},
    {"duration_seconds": 2000.0, "is_cc": True, "url": "https://www.youtube.com/watch?v=x"},
    {"num_frames": 30, "resolution": "320x240", "is_positive": True, "label_index": 1},
    {"event_id": "E_000901_000999", "action_id": "A_0001_0004", "split_number": 1},
]


@st.composite
def clips(draw: st.DrawFn, names: list[str], splits: list[str]) -> list[Clip]:
    found = []
    for number in range(draw(st.integers(1, 5))):
        start = draw(st.sampled_from([None, *TIMES]))
        end = None if start is None else start + draw(st.sampled_from(LENGTHS))
        clip = Clip(
            draw(st.sampled_from(IDS)),
            start,
            end,
            draw(st.sampled_from([*names, None])),
            draw(st.sampled_from(splits)),
            draw(st.sampled_from([None, f"clips/film_{number}.mp4"])),
            draw(st.sampled_from([None, 0.5, 1.0])),
            draw(st.sampled_from(DETAILS)),
        )
        found.append(clip)
    return found


@st.composite
def boxes(draw: st.DrawFn, names: list[str]) -> list[Box]:
    found = []
    for _ in range(draw(st.integers(1, 6))):
        action = draw(st.sampled_from([*range(len(names)), None]))
        left, top = draw(st.sampled_from([0.0, 0.125, 0.25])), draw(st.sampled_from([0.0, 0.5]))
        box = Box(
            draw(st.sampled_from(IDS)),
            draw(st.sampled_from(TIMES)),
            left,
            top,
            draw(st.sampled_from([0.5, 0.75, 1.0])),
            draw(st.sampled_from([0.625, 1.0])),
            None if action is None else action + 1,
            draw(st.sampled_from([None, 0, 3])),
            draw(st.sampled_from([None, 0.5, 1.0])),
            None if action is None else names[action],
        )
        is_key_frame = draw(st.integers(0, 5)) == 0
        found.append(Box(*box[:2]) if is_key_frame else box)
    return found


@st.composite
def scores(draw: st.DrawFn, names: list[str]) -> list[Scores]:
    frames = draw(st.sampled_from([[None], [1, 2, 25]]))
    one = draw(st.sampled_from([0.5, -3.25, 1e-9]))
    videos = draw(st.lists(st.sampled_from(IDS), unique=True, min_size=1, max_size=3))
    return [Scores(video, frame, (one,) * 157) for video in videos for frame in frames]


@st.composite
def labels(draw: st.DrawFn, names: list[str]) -> list[Label]:
    chosen = draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    first = draw(st.sampled_from([0, 1, 7]))
    groups = draw(st.sampled_from([None, "VT", "low (on the floor)"]))
    return [Label(first + place, name, groups) for place, name in enumerate(chosen)]


STRATEGIES: dict[Kind, Any] = {
    Kind.BOXES: boxes,
    Kind.SCORES: scores,
    Kind.LABELS: labels,
}


class Copier:
    """Writes and reads one format in one folder."""

    def __init__(self, one: Format, folder: Path, names: list[str]) -> None:
        self.one = one
        self.folder = folder
        media = folder / "media"
        (media / "clips").mkdir(parents=True)
        for number in range(5):
            (media / f"clips/film_{number}.mp4").write_bytes(b"film %d" % number)
        classes = LabelMap.of_names(names, first_id=1 if one.kind is Kind.BOXES else 0)
        if "thumos" in one.name:
            classes = LabelMap.of_names(names, first_id=7)
        is_named = one.kind is Kind.SCORES or one.name == "charades"
        self.options = Options(
            labels=None if is_named else classes,
            frame_size=(640, 360),
            frames_per_second=25.0,
            media=media if one.kind is Kind.CLIPS else None,
        )

    def written(self, name: str, records: list[Any]) -> tuple[Path, list[Problem], int]:
        path = self.folder / name / "train.xml"
        told: list[Problem] = []
        problems = Problems(path, on_error=told.append, on_warning=told.append)
        assert self.one.write is not None
        self.one.write(path, iter(records), self.options, problems)
        return path, told, problems.num_lost

    def read(self, path: Path) -> tuple[list[Any], list[Problem]]:
        told: list[Problem] = []
        problems = Problems(path, on_error=told.append, on_warning=told.append)
        assert self.one.read is not None
        return list(self.one.read(path, self.options, problems)), told


def errors(told: list[Problem]) -> list[str]:
    return [str(problem) for problem in told if problem.severity is Severity.ERROR]


@pytest.mark.parametrize("one", BOTH, ids=lambda one: one.name)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_was_read_comes_back_as_it_was(
    one: Format, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    names = OWN.get(one.name, NAMES)
    copier = Copier(one, tmp_path_factory.mktemp("files"), names)
    first, second = None, None
    with suppress(KbuildError):  # nothing of this can be said by the format
        # The split of a file stands in its name.
        splits = ["train", "validate", "test"] if one.is_folder else ["train"]
        drawn = clips(names, splits) if one.kind is Kind.CLIPS else STRATEGIES[one.kind](names)
        first, _, _ = copier.written("first", data.draw(drawn))
    if first is None:
        return
    try:
        found, told = copier.read(first)
    except KbuildError:
        return  # an empty file, which most readers refuse
    assert errors(told) == []
    if not found:
        return
    if (first / "clips").is_dir() or any(first.rglob("film_*.mp4")):
        copier.options = replace(copier.options, media=first)  # the files lie where they were put
    second, told, num_lost = copier.written("second", found)
    assert (errors(told), num_lost) == ([], 0)
    again, told = copier.read(second)
    assert errors(told) == []
    assert again == found


WITH_NUMBERS: dict[Kind, list[tuple[str, Any]]] = {
    Kind.CLIPS: [
        ("score", Clip("a", 0.0, 10.0, "c000", "train", "a.mp4", 0.5, DETAILS[1])),
        ("start_seconds", Clip("a", 0.0, 10.0, "c000", "train", "a.mp4", None, DETAILS[1])),
        ("end_seconds", Clip("a", 0.0, 10.0, "c000", "train", "a.mp4", None, DETAILS[1])),
        ("duration_seconds", Clip("a", 0.0, 10.0, "c000", "train", "a.mp4", None, DETAILS[1])),
    ],
    Kind.BOXES: [
        (name, Box("a", 902.0, 0.1, 0.2, 0.3, 0.4, 1, 3, 0.5, "c000"))
        for name in ("timestamp_seconds", "x1", "score", "mood")
    ],
    Kind.LABELS: [("mood", Label(1, "c000", "g"))],
}


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "one",
    [one for one in all_formats().values() if one.write and one.kind is not Kind.SCORES],
    ids=lambda one: one.name,
)
def test_no_format_is_written_with_numbers_that_are_none(
    one: Format, bad: float, tmp_path: Path
) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media/a.mp4").write_bytes(b"film")
    counts_from_one = one.kind is Kind.BOXES or one.name == "thumos14-detection"
    options = Options(
        labels=LabelMap.of_names(["c000", "c001"], first_id=int(counts_from_one)),
        frame_size=(100, 100),
        frames_per_second=25.0,
        split="train",
        media=tmp_path / "media",
    )
    for number, (name, record) in enumerate(WITH_NUMBERS[one.kind]):
        told: list[Problem] = []
        out = tmp_path / str(number)
        assert one.write is not None
        with suppress(KbuildError):  # formats that cannot be written without any record
            one.write(
                out, [_changed(record, name, bad)], options, Problems(out, on_error=told.append)
            )
        assert [error.message.partition(",")[0] for error in told] == ["expected finite numbers"]
        assert told[0].message.endswith(f" as {name}")


@pytest.mark.parametrize("name", ["charades-classification", "charades-localization"])
def test_scores_may_be_infinite_and_never_nan(name: str, tmp_path: Path) -> None:
    told: list[Problem] = []
    frame = 1 if name == "charades-localization" else None
    odd = [Scores(one, frame, (float(one),) * 157) for one in ("-inf", "inf", "nan")]
    write = all_formats()[name].write
    assert write is not None
    write(tmp_path / "out", odd, Options(), Problems(tmp_path, on_error=told.append))
    assert [error.item for error in told] == ["nan"]
    assert len((tmp_path / "out").read_text().splitlines()) == 2


def _changed(record: Any, name: str, value: float) -> Any:
    if name in record._fields:
        return record._replace(**{name: value})
    return record._replace(details={**record.details, name: [{"x": value}]})
