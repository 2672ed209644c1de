from pathlib import Path

import pytest

from kinetics_builder.errors import ConfigError, FormatError
from kinetics_builder.formats.records import Box

INFO = (
    "[Sequence]\nname=film\nimDir=img1\nframeRate=30\nseqLength=100\n"
    "imWidth=200\nimHeight=100\nimExt=.jpg\n"
)
STANDS = Box("film", 1.0, 0.1, 0.1, 0.3, 0.6, person_id=3)
OPTIONS = {"frame_size": (200, 100), "frames_per_second": 30.0}


def sequence(folder: Path, text: str, *, file: str = "gt/gt.txt", info: str | None = INFO) -> Path:
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text)
    if info is not None:
        (folder / "seqinfo.ini").write_text(info)
    return folder


def test_a_ground_truth_counts_frames_and_pixels_from_one(tmp_path: Path, tried) -> None:
    text = (
        "61,3,21,11,40,50,1,1,1\n"
        "31,3,21,11,40,50,1,1,0.86014\n31,4,1,1,20,10,0,8,0\n\n31,5,1,1,20,10,1,7,1\n"
    )
    records, told = tried("mot").read(sequence(tmp_path / "some", text))
    assert told == []
    corner = STANDS._replace(x1=0.0, y1=0.0, x2=0.1, y2=0.1)
    assert records == [
        STANDS._replace(details={"visibility": 0.86014}),
        corner._replace(
            person_id=4, details={"ignored": True, "class": "distractor", "visibility": 0.0}
        ),
        corner._replace(person_id=5, details={"class": "static person"}),
        STANDS._replace(timestamp_seconds=2.0),
    ]


def test_detections_have_scores_and_nobody(tmp_path: Path, tried) -> None:
    text = "31,-1,21,11,40,50,0.75,-1,-1,-1\n 31, 3, 21, 11, 40, 50, -1, -1, -1, -1\n"
    text += "61 7 21 11 40 50 -0.25\n61 -1 21 11 40 50,\n"
    folder = sequence(tmp_path / "some", text, file="det/det.txt")
    records, told = tried("mot").read(folder)
    assert told == []
    found = [(box.timestamp_seconds, box.person_id, box.score) for box in records]
    assert found == [(1.0, None, 0.75), (1.0, 3, None), (2.0, None, None), (2.0, 7, -0.25)]
    assert {box[2:6] for box in records} == {STANDS[2:6]}
    assert tried("mot").read(folder / "det" / "det.txt") == (records, told)


def test_the_flag_of_mot15_stands_before_places_in_the_world(tmp_path: Path, tried) -> None:
    text = "31,3,21,11,40,50,0,-1,-1,-1\n31,4,21,11,40,50,1,2.5,3.5,0\n"
    records, told = tried("mot").read(sequence(tmp_path / "some", text))
    assert [dict(box.details) for box in records] == [{"ignored": True}, {}]
    assert len(told) == 1
    assert "does not say the places in the world of this" in told[0]


def test_a_benchmark_is_all_its_sequences_and_results_are_a_file_each(
    tmp_path: Path, tried
) -> None:
    row = "31,3,21,11,40,50,1,1,1\n"
    sequence(tmp_path / "train" / "b", row, info=INFO.replace("film", "b"))
    sequence(tmp_path / "train" / "b", "1,-1,1,1,5,5,0.5", file="det/det.txt", info=None)
    sequence(tmp_path / "train" / "a", row, info=None)
    (tmp_path / "train" / "seqmaps").mkdir()
    records, told = tried("mot").read(tmp_path / "train", **OPTIONS)
    expected = [STANDS._replace(video_id=name) for name in "ab"]
    assert (records, told) == (expected, [])
    results = tmp_path / "results"
    results.mkdir()
    for name in "ab":
        (results / f"{name}.txt").write_text("31,3,21,11,40,50,0.5,-1,-1,-1\n")
    records, told = tried("mot").read(results, **OPTIONS)
    assert (records, told) == ([box._replace(score=0.5) for box in expected], [])
    assert tried("mot").read(results / "a.txt", **OPTIONS)[0] == records[:1]


def test_seqinfo_says_the_size_and_what_it_does_not_say_is_asked_for(tmp_path: Path, tried) -> None:
    folder = sequence(tmp_path / "some", "31,3,21,11,40,50,1,1,1\n")
    records, _ = tried("mot").read(folder, frames_per_second=15.0, frame_size=(400, 100))
    assert records[0][:3] == ("film", 2.0, 0.1)
    (folder / "seqinfo.ini").unlink()
    with pytest.raises(ConfigError, match="mot counts in pixels and needs the size of the frames"):
        tried("mot").read(folder)
    with pytest.raises(ConfigError, match="mot counts frames and needs their rate"):
        tried("mot").read(folder, frame_size=(400, 100))


def test_classes_of_ones_own_stand_beside_the_ground_truth(tmp_path: Path, tried) -> None:
    folder = sequence(tmp_path / "some", "31,3,21,11,40,50,1,2,1\n31,4,21,11,40,50,1,1,1\n")
    (folder / "gt" / "labels.txt").write_text("person\nskate board\n")
    records, told = tried("mot").read(folder)
    assert told == []
    assert [box.details.get("class") for box in records] == ["skate board", None]
    out = tmp_path / "out"
    assert tried("mot").write(out, records, **OPTIONS) == []
    assert tried("mot").read(out) == (records, [])
    assert (out / "film/gt/labels.txt").read_text() == "pedestrian\nskate board\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("31,3,21,11,40", "expected 6 to 10 cells (frame, id, left, top, width, height ...), fo"),
        ("0,3,21,11,40,50,1,1,1", "expected the number of a frame, 1 or more, found '0'"),
        ("31,x,21,11,40,50,1,1,1", "expected a number, found 'x'"),
        ("31,2.5,21,11,40,50,1,1,1", "expected a whole number as id, found '2.5'"),
        ("31,3,21,nan,40,50,1,1,1", "expected a number, found 'nan'"),
        ("31,3,21,11,40,50,1,14,1", "expected a class from 1 to 13, found 14"),
        ("31,3,21,11,40,50,1,0,1", "1 or more, found '0'"),
        ("31,3,2100,11,40,50,1,1,1", "is the size of the frame right?"),
        ("31,3,21,11,-40,50,1,1,1", "expected x1 <= x2"),
    ],
)
def test_bad_rows_are_told_of_by_line(row: str, message: str, tmp_path: Path, tried) -> None:
    text = f"\n{row}\n31,3,21,11,40,50,1,1,1\n"
    folder = sequence(tmp_path / "some", text)
    records, told = tried("mot").read(folder)
    assert records == [STANDS]
    assert len(told) == 1
    assert told[0].startswith("error 2: ")
    assert message in told[0]


def test_what_trackers_evaluators_refuse_is_warned_of(tmp_path: Path, tried) -> None:
    text = "31,3,21,11,40,50,1,1,1\n101,3,21,11,40,50,1,1,1\n31,3,22,11,40,50,1,1,1\n"
    records, told = tried("mot").read(sequence(tmp_path / "some", text))
    assert len(records) == 3
    assert told[0] == "warning 2: frame 101 is behind seqLength 100"
    assert told[1].startswith("warning film at 1 s: person 3 has two boxes at a time;")


@pytest.mark.parametrize(
    ("info", "message"),
    [
        ("[Sequence]\nframeRate=0\nimWidth=2\nimHeight=2\n", "a frame rate above 0, found 0"),
        ("[Sequence]\nframeRate=30\nimWidth=x\nimHeight=2\n", "seqinfo.ini: expected a number"),
        ("frameRate=30\n", r"seqinfo.ini: expected \[Sequence\] with name=value lines"),
        ("[Other]\n", r"seqinfo.ini: expected \[Sequence\] with name=value lines"),
    ],
)
def test_a_bad_seqinfo_is_one_line(info: str, message: str, tmp_path: Path, tried) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        tried("mot").read(sequence(tmp_path / "some", "31,3,21,11,40,50,1,1,1\n", info=info))
    assert "\n" not in str(caught.value)


def test_a_folder_of_other_things_is_refused(tmp_path: Path, tried) -> None:
    with pytest.raises(FormatError, match=r"expected sequences, SEQUENCE/gt/gt\.txt or"):
        tried("mot").read(tmp_path, **OPTIONS)


def test_a_ground_truth_is_written_without_its_actions(tmp_path: Path, tried) -> None:
    records = [
        STANDS._replace(action_id=12, label="stand"),
        STANDS._replace(action_id=17, label="carry"),
        STANDS._replace(person_id=4, x1=0.15),
        Box("film", 3.0),
    ]
    out = tmp_path / "out"
    told = tried("mot").write(out, records, **OPTIONS)
    assert (
        out / "film/gt/gt.txt"
    ).read_text() == "31,3,21,11,40,50,1,1,1\n31,4,31,11,30,50,1,1,1\n"
    assert (out / "film/seqinfo.ini").read_text() == INFO.replace("seqLength=100", "seqLength=31")
    assert len(told) == 2
    assert "a key frame without a box has no place there" in told[0]
    assert "mot does not say the action of this and 1 more" in told[1]
    assert tried("mot").read(out) == ([STANDS, STANDS._replace(person_id=4, x1=0.15)], [])


def test_boxes_with_scores_or_of_nobody_are_detections(tmp_path: Path, tried) -> None:
    records = [
        STANDS._replace(score=0.123456789),
        STANDS._replace(score=0.5, label="stand"),
        STANDS._replace(person_id=None, score=None, timestamp_seconds=2.0),
    ]
    out = tmp_path / "out"
    tried("mot").write(out, records, **OPTIONS)
    text = "31,3,21,11,40,50,0.5,-1,-1,-1\n61,-1,21,11,40,50,-1,-1,-1,-1\n"
    assert (out / "film/det/det.txt").read_text() == text
    assert not (out / "film/gt").exists()
    assert tried("mot").read(out)[0] == [STANDS._replace(score=0.5), records[2]]


def test_a_person_has_one_box_at_a_time(tmp_path: Path, tried) -> None:
    records = [STANDS, STANDS._replace(x1=0.2), STANDS._replace(timestamp_seconds=2.0)]
    out = tmp_path / "out"
    told = tried("mot").write(out, records, **OPTIONS)
    assert told == ["error film at 1 s: person 3 has two boxes at a time, and one there"]
    assert tried("mot").read(out) == ([STANDS, records[2]], [])
