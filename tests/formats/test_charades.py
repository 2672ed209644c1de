"""Charades' annotations and submissions."""

import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.errors import ConfigError, FormatError, KbuildError
from kinetics_builder.formats.clips.charades.annotations import FORMATS as ANNOTATIONS
from kinetics_builder.formats.clips.charades.scores import FORMATS as SUBMISSIONS
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.problems import Problem, Problems
from kinetics_builder.formats.records import Clip, Kind, Label, Scores
from kinetics_builder.formats.registry import all_formats

(CHARADES,) = ANNOTATIONS
CLASSIFICATION, LOCALIZATION = SUBMISSIONS
HEADER = "id,subject,scene,quality,relevance,verified,script,objects,descriptions,actions,length"
ROW = (
    '46GP8,HR43,Kitchen,6,7,Yes,"A person cooks, standing.",food;stove,"One; ""two"", three.",'
    "c092 11.90 21.20;c147 0.00 12.60,24.83"
)
EMPTY = "N11GT,0KZ7,Stairs,6,7,No,Up the stairs.,,He walks.,,18.33"
TEN = Options(labels=LabelMap(tuple(Label(number, f"Do {number}") for number in range(10))))


class Told(list):
    """Problems as `line: message`, errors and warnings apart by their first letter."""

    def of(self, path: Path) -> Problems:
        return Problems(
            path,
            on_error=lambda problem: self.append(
                f"E {problem.line} {problem.item}: {problem.message}"
            ),
            on_warning=lambda problem: self.append(
                f"W {problem.line} {problem.item}: {problem.message}"
            ),
        )


def read(fmt, path: Path, told: Told | None = None, options: Options | None = None) -> list:
    problems = Problems(path) if told is None else told.of(path)
    return list(fmt.read(path, options or Options(), problems))


def write(fmt, path: Path, records, told: Told | None = None, options: Options | None = None):
    problems = Problems(path) if told is None else told.of(path)
    fmt.write(path, records, options or Options(), problems)


def test_a_row_becomes_a_clip_for_each_action(tmp_path: Path) -> None:
    path = tmp_path / "Charades_v1_test.csv"
    path.write_text(f"{HEADER}\n{ROW}\n{EMPTY}\n")
    first, second, empty = read(CHARADES, path)
    assert first[:5] == ("46GP8", 11.9, 21.2, "c092", "test")
    assert second[:5] == ("46GP8", 0.0, 12.6, "c147", "test")
    assert first.details["descriptions"] == 'One; "two", three.'
    assert first.details["duration_seconds"] == 24.83
    assert empty[:4] == ("N11GT", None, None, None) and empty.details["scene"] == "Stairs"


@pytest.mark.parametrize("name", ["Charades_v1_train.csv", "Charades_v1_test.csv", "c.csv.gz"])
def test_a_round_trip_gives_equal_records_and_equal_bytes(name: str, tmp_path: Path) -> None:
    path = tmp_path / "first" / name
    path.parent.mkdir()
    (tmp_path / "plain").write_text(f"\ufeff{HEADER}\r\n{EMPTY}\r\n\r\n{ROW}")
    records = read(CHARADES, tmp_path / "plain", options=Options(split="train"))
    records = [clip._replace(split=None if "c.csv" in name else clip.split) for clip in records]
    write(CHARADES, path, records, Told())
    again = read(CHARADES, path)
    assert [clip._replace(split=None) for clip in again] == [
        c._replace(split=None) for c in records
    ]
    (tmp_path / "second").mkdir()
    write(CHARADES, tmp_path / "second" / name, again)
    assert (tmp_path / "second" / name).read_bytes() == path.read_bytes()


def test_what_is_written_is_what_charades_writes(tmp_path: Path) -> None:
    path = tmp_path / "Charades_v1_test.csv"
    path.write_text(f"{HEADER}\n{ROW}\n{EMPTY}\n")
    write(CHARADES, tmp_path / "again_test.csv", read(CHARADES, path))
    assert (tmp_path / "again_test.csv").read_text() == path.read_text()


def test_columns_go_by_name_and_unknown_ones_are_kept(tmp_path: Path) -> None:
    path, again = tmp_path / "ego.csv", tmp_path / "again.csv"
    path.write_text("actions,egocentric,id\nc001 0 1.5,Yes,AAAAA\n,,BBBBB\n")
    records = read(CHARADES, path)
    assert records[0].details["egocentric"] == "Yes"
    write(CHARADES, again, records)
    assert read(CHARADES, again) == records


def test_bad_rows_and_actions_are_told_of_and_hide_no_good_ones(tmp_path: Path) -> None:
    path, told = tmp_path / "a.csv", Told()
    path.write_text(
        "id,actions,length\n"
        ",c001 0 1,9\n"
        "A,c001 0 1;c157 0 1;d002 0 1;c003 x 1;c004 1;c005 nan 2;c006 2 1,9\n"
        "A,c001 0 1,9\n"
        "B,c001 0 1,long\n"
        "C,c001 0 1\n"
        "D,c001 0 1,9\n"
    )
    records = read(CHARADES, path, told)
    assert [(clip.video_id, clip.label) for clip in records] == [
        ("A", "c001"),
        ("A", "c006"),
        ("D", "c001"),
    ]
    wanted = [
        "E 2 None: id must not be empty",
        "E 3 A: expected a class from c000 to c156, found 'c157'",
        "E 3 A: expected a class like c092, found 'd002'",
        "E 3 A: expected a time in seconds from 0 on, found 'x'",
        "E 3 A: expected class, start and end, like c092 11.90 21.20",
        "E 3 A: expected a time in seconds from 0 on, found 'nan'",
        "W 3 A: the action 'c006 2 1' does not end behind its start",
        "E 4 None: A has a row already",
        "E 5 None: expected a time in seconds from 0 on, found 'long'",
        "E 6 None: expected 3 cells, found 2",
    ]
    assert len(told) == len(wanted)
    for line, start in zip(told, wanted, strict=True):
        assert line.startswith(start), (line, start)


def test_a_file_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("label,youtube_id\na,b\n")
    with pytest.raises(FormatError, match=r"a\.csv:1: expected a header with id, actions"):
        read(CHARADES, path)
    path.write_text("")
    with pytest.raises(FormatError, match="the file is empty"):
        read(CHARADES, path)


def test_a_label_map_gives_classes_their_names_both_ways(tmp_path: Path) -> None:
    path, again = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text(f"{HEADER}\nA,,,,,,,,,c003 0.00 1.00,9.00\n")
    records = read(CHARADES, path, options=TEN)
    assert [clip.label for clip in records] == ["Do 3"]
    write(CHARADES, again, records, options=TEN)
    assert again.read_text() == path.read_text()


def test_clips_of_other_formats_come_together_by_video(tmp_path: Path) -> None:
    told = Told()
    clips = [
        Clip("B", 1.0, 2.0, "Do 1", "train", score=0.5),
        Clip("A", None, None, "Do 2", details={"duration_seconds": 7.5, "url": "x"}),
        Clip("B", 3.0, 4.25, "Do 3"),
        Clip("C", None, None, "Do 4"),
        Clip("D", 0.0, 1.0, "Do 99"),
    ]
    path = tmp_path / "a.csv"
    write(CHARADES, path, clips, told, TEN)
    rows = path.read_text().splitlines()[1:]
    assert rows[:2] == ["B,,,,,,,,,c001 1.00 2.00;c003 3.00 4.25,", "A,,,,,,,,,c002 0.00 7.50,7.50"]
    assert [line.partition(":")[2].strip() for line in told] == [
        "'Do 4' has no start and end, and its video no length; the action is left out",
        "the label 'Do 99' is not in the label map; the action is left out",
        "charades does not say the score, split (it stands in the file's name alone) "
        "of this; they are lost there",
        "charades does not say the url of this; it is lost there",
    ]


def test_a_label_without_number_needs_a_label_map(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="give --label-map FILE"):
        write(CHARADES, tmp_path / "a.csv", [Clip("A", 0.0, 1.0, "dance")])
    assert not (tmp_path / "a.csv").exists()


finite = st.floats(allow_nan=False, allow_infinity=False)
triples = st.lists(finite, min_size=157, max_size=157).map(tuple)


@given(st.lists(st.tuples(st.from_regex(r"[A-Z0-9]{5}", fullmatch=True), triples), max_size=3))
@settings(max_examples=15)
def test_scores_survive_a_round_trip(tmp_path_factory, rows) -> None:
    path = tmp_path_factory.mktemp("scores") / "a.txt"
    rows = [*rows, ("AAAAA", (-math.inf,) * 157)]
    videos = [Scores(video_id, None, scores) for video_id, scores in rows]
    write(CLASSIFICATION, path, videos)
    assert read(CLASSIFICATION, path) == videos
    frames = [Scores(video_id, 25, scores) for video_id, scores in rows]
    write(LOCALIZATION, path, frames)
    assert read(LOCALIZATION, path) == frames


def line_of(*start: object, number: int = 157, separator: str = " ") -> str:
    return separator.join([*map(str, start), *(str(place / 4) for place in range(number))])


def test_tabs_spaces_and_one_score_more_are_read(tmp_path: Path) -> None:
    path, told = tmp_path / "a.txt", Told()
    rows = [line_of("A", separator="\t"), f"  {line_of('B')}  ", line_of("C", number=158)]
    path.write_text("\r\n".join([*rows, line_of("D", number=158)]))
    records = read(CLASSIFICATION, path, told)
    assert [record.video_id for record in records] == ["A", "B", "C", "D"]
    assert len({record.scores for record in records}) == 1
    assert told == [
        "W 3 None: 158 scores where 157 are expected: the last is left out, here and below, as "
        "in the official evaluation"
    ]


def test_bad_scores_are_told_of_and_hide_no_good_ones(tmp_path: Path) -> None:
    path, told = tmp_path / "a.txt", Told()
    rows = [line_of("A"), line_of("B", number=3), line_of("C").replace(" 1.5 ", " nan ")]
    rows += [line_of("D").replace(" 1.5 ", " x "), line_of("E").replace(" 1.5 ", " inf "), "F"]
    path.write_text("\n".join([*rows, line_of("G")]))
    records = read(CLASSIFICATION, path, told)
    assert [record.video_id for record in records] == ["A", "G"]
    assert told == [
        "E 2 None: expected 157 scores, found 3",
        "E 3 None: expected numbers, found nan as score 6",
        "E 4 None: could not convert string to float: 'x'",
        "E 5 None: expected numbers, found inf as score 6",
        "E 6 None: expected 157 scores, found 0",
    ]


def test_frames_from_0_are_moved_by_1_wherever_the_0_stands(tmp_path: Path) -> None:
    path, told = tmp_path / "a.txt", Told()
    path.write_text("\n".join([line_of("A", 24), line_of("B", 0), line_of("A", "1.5")]))
    assert [record[:2] for record in read(LOCALIZATION, path, told)] == [("A", 25), ("B", 1)]
    assert told[0].endswith("frames count from 1, and this file has a frame 0: 1 is added to all")
    assert told[1:] == ["E 3 None: expected the number of a frame behind A, found '1.5'"]
    path.write_text("\n".join([line_of("A", 24), line_of("B", 1)]))
    assert [record[:2] for record in read(LOCALIZATION, path)] == [("A", 24), ("B", 1)]


def test_an_empty_submission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n\n")
    for fmt in SUBMISSIONS:
        with pytest.raises(FormatError, match="the file is empty"):
            read(fmt, path)


def test_scores_of_videos_and_of_frames_are_not_mixed_up(tmp_path: Path) -> None:
    told = Told()
    write(
        CLASSIFICATION,
        tmp_path / "a.txt",
        [Scores("A", 1, (0.5,)), Scores("B", None, (0.5,))],
        told,
    )
    write(
        LOCALIZATION, tmp_path / "b.txt", [Scores("A", 1, (0.5,)), Scores("B c", 1, (0.5,))], told
    )
    assert (tmp_path / "a.txt").read_text() == "B 0.5\n"
    assert (tmp_path / "b.txt").read_text() == "A 1 0.5\n"
    assert told == [
        "E None A 1: expected scores of videos, found those of a frame",
        "E None B c 1: expected an id without spaces, found 'B c'",
    ]


def test_an_action_that_ends_before_it_starts_is_written_by_no_other_format(
    tried: Any, tmp_path: Path
) -> None:
    path = tmp_path / "train.csv"
    path.write_text("id,actions,length\nAAAAA,c001 9.00 4.00;c002 1.00 2.00,30.00\n")
    clips, (warning,) = tried("charades").read(path)
    assert "does not end behind its start" in warning and len(clips) == 2
    media = tmp_path / "media"
    media.mkdir()
    (media / "AAAAA_000009_000004.mp4").write_bytes(b"film")
    for one in all_formats().values():
        if one.kind is not Kind.CLIPS or one.write is None:
            continue
        told: list[Problem] = []
        out = tmp_path / one.name
        problems = Problems(out, on_error=told.append)
        labels = None if one.name == "charades" else LabelMap.of_names(["c001"], first_id=7)
        options = Options(media=media, frames_per_second=25, split="train", labels=labels)
        with suppress(KbuildError):
            one.write(out, [clips[0]], options, problems)
        if one.name == "charades":
            assert told == [] and "c001 9.00 4.00" in out.read_text()
        else:
            assert any("expected 0 <= start < end" in problem.message for problem in told), one.name
