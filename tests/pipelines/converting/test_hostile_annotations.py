"""Files that are not what they are said to be: each is told of in lines, and none is a crash."""

import gzip
import json
from contextlib import suppress
from pathlib import Path

import pytest

from kinetics_builder.errors import KbuildError
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.problems import Problem, Problems
from kinetics_builder.formats.records import Box, Clip, Kind, Label, Scores
from kinetics_builder.formats.registry import all_formats
from pipelines.converting.convert import Listeners
from pipelines.converting.validate import validate

READABLE = [one for one in all_formats().values() if one.read is not None]
ROWS = b"label,youtube_id,time_start,time_end,split\na,b,1,2\n,,,\nx,y,nan,inf,train\na,b,1,2,,,\n"
MIXED = {
    "database": {"v": {"annotations": [{"label": 1, "segment": "x"}], "subset": 3, "duration": {}}},
    "results": {"v": [{"label": None, "score": "x"}], "w": 3},
    "samples": [{"filepath": 3}],
    "a": {"b": {"c": [1]}},
}
CONTENTS = {
    "nothing": b"",
    "blank lines": b"\n\r\n \n",
    "zeros": bytes(100),
    "words": b"hello world\n",
    "bytes of no encoding": b"caf\xe9,a,1,2\n",
    "half of UTF-16": b"\xff\xfea",
    "old Macintosh": b"a\rb\rc\r",
    "a quote alone": b'"a,b\n"',
    "commas": b",,,,,,,,\n" * 3,
    "numbers": b"1 2 3 4 5\n1,2,3,4,5,6,7,8\n",
    "rows": ROWS,
    "an endless number": b"9" * 5000 + b",1,2\n",
    "an endless number in JSON": b'{"a": ' + b"9" * 5000 + b"}",
    "infinity in JSON": b'{"a": [1e999, NaN]}',
    "deep JSON": b"[" * 2000,
    "half a character": b'{"\\ud800": {"\\ud800": ["\\ud800"]}}',
    "an empty object": b"{}",
    "an empty list": b"[]",
    "null": b"null",
    "lists": b"[1, [2, {}], null]",
    "objects": b'[{"a": 1}, {"b": {"c": []}}]',
    "mixed objects": json.dumps(MIXED).encode(),
    "cut JSON": json.dumps(MIXED).encode()[:90],
    "broken XML": b"<a><b></a>",
    "other XML": b"<?xml version='1.0'?><annotations></annotations>",
    "an XML bomb": b'<!DOCTYPE l [<!ENTITY a "aaaa">]><annotations>&a;</annotations>',
    "cut gzip": gzip.compress(ROWS * 9)[:40],
    "spoilt gzip": gzip.compress(ROWS, mtime=0)[:30] + b"junk" * 20,
    "a Python object": b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.",
}


@pytest.mark.parametrize("one", READABLE, ids=lambda one: one.name)
def test_no_file_is_a_crash(tmp_path: Path, one: Format) -> None:
    options = Options(
        labels=LabelMap.of_names(["a", "b"]),
        frame_size=(640, 360),
        frames_per_second=25.0,
        media=tmp_path,
    )
    for name, content in CONTENTS.items():
        path = tmp_path / f"{name}.txt"
        path.write_bytes(content)
        found: list[Problem] = []
        listeners = Listeners(on_error=found.append, on_warning=found.append)
        try:
            report = validate(one, path, options, listeners)
        except KbuildError as error:
            assert "give --" in str(error) or "--label-map" in str(error), name
            continue
        assert report.num_errors + report.num_warnings == len(found), name
        assert report.num_records or found, name


LISTS = "[" * 2000 + "1" + "]" * 2000
OBJECTS = '{"a": ' * 2000 + "1" + "}" * 2000
LARGE = '{"a": ' + "9" * 300 + ', "b": ["' + "9" * 3000 + '"]}'
DEEP = "in place of what is deep"


def nested(deep: str) -> dict[str, bytes]:
    """Return files that hold the JSON text `deep` wherever a reader of the field looks."""
    inside = dict.fromkeys(("label", "segment", "annotations", "subset", "duration"), DEEP)
    segments = [DEEP, {"label": DEEP, "segment": [0, 1]}, {"label": "a", "segment": DEEP}]
    scores = [DEEP, {"label": DEEP, "score": DEEP}, {"label": "a", "score": 1, "segment": DEEP}]
    entry = {"subset": "validation", "duration": 9, "annotations": segments, "more": DEEP}
    drawn = [{"shape_attributes": DEEP}, {"region_attributes": DEEP}]
    found: dict[str, object] = {
        "alone": DEEP,
        "a list": [DEEP],
        "an entry": {"a": DEEP},
        "in an entry": {"a": inside, "b": {"annotations": inside, "subset": "training"}},
        "a database": {
            "version": "1",
            "taxonomy": [DEEP, {"nodeName": DEEP, "nodeId": 1}],
            "database": {"v": DEEP, "w": entry},
        },
        "results": {"version": DEEP, "external_data": DEEP, "results": {"v": DEEP, "w": scores}},
        "samples": {
            "samples": [DEEP, {"filepath": DEEP, "detections": DEEP}],
            "classes": DEEP,
            "labels": {"v": DEEP, "w": [DEEP]},
        },
        "items": {
            "categories": {"label": {"labels": [{"name": "a"}]}},
            "infos": DEEP,
            "items": [DEEP, {"id": "v", "annotations": DEEP}, {"id": "w", "annotations": [DEEP]}],
        },
        "a project": {
            "attribute": {"1": DEEP},
            "file": {"1": DEEP},
            "view": {"1": DEEP},
            "metadata": {"a": DEEP, "b": {"vid": "1", "xy": DEEP, "z": DEEP, "av": DEEP}},
        },
        "images": {
            "_via_img_metadata": {
                "a": DEEP,
                "b": {"filename": "v_1.jpg", "regions": DEEP},
                "c": {"filename": "v_1.jpg", "regions": drawn},
            }
        },
    }
    return {
        name: json.dumps(value).replace(f'"{DEEP}"', deep).encode() for name, value in found.items()
    }


def options_of(one: Format, folder: Path) -> Options:
    return Options(
        labels=LabelMap.of_names(["a", "b"], first_id=1 if "thumos" in one.name else 0),
        frame_size=(640, 360),
        frames_per_second=25,
        media=folder,
    )


def problems_of(one: Format, path: Path) -> list[Problem]:
    told: list[Problem] = []
    validate(one, path, options_of(one, path.parent), Listeners(on_error=told.append))
    assert all(len(str(problem)) < 4000 for problem in told)
    return told


@pytest.mark.few("lists")
@pytest.mark.parametrize("deep", [LISTS, OBJECTS, LARGE], ids=["lists", "objects", "large"])
@pytest.mark.parametrize("one", READABLE, ids=lambda one: one.name)
def test_values_deep_inside_one_another_are_told_of(tmp_path: Path, one: Format, deep: str) -> None:
    for name, content in nested(deep).items():
        path = tmp_path / "val.json"
        path.write_bytes(content)
        problems_of(one, path)
        folder = tmp_path / name / "train"
        folder.mkdir(parents=True)
        for file in ("labels.json", "samples.json", "train.json"):
            (folder / file).write_bytes(content)
        if one.is_folder:
            problems_of(one, folder)
            problems_of(one, folder.parent)


LONG = "9" * 300
LONG_ROWS = [
    f"SOX_{LONG}_{LONG}", f"{LONG}", f"a,{LONG},{LONG}", f"a,b,{LONG},{LONG},train",
    f"v,{LONG},0.1,0.2,0.3,0.4,{LONG},{LONG}", f"v {LONG} {LONG} {LONG} {LONG}",
    f"a/b.mp4 {LONG}", f"SOX_{LONG}_{LONG}.mp4 {LONG} {LONG}", f"c{LONG} {LONG} {LONG}",
    f"video_{LONG}_{LONG}_{LONG}.mp4 0", f"v_E_{LONG}_{LONG}_A_{LONG}_{LONG} 1",
]  # fmt: skip


HEADERS = [
    "", "label,youtube_id,time_start,time_end,split\n", "id,actions,length\n",
    "classname,youtube_id,subset,start,end,label\n", "file,predicted,probability\n",
]  # fmt: skip


@pytest.mark.parametrize("one", READABLE, ids=lambda one: one.name)
def test_numbers_of_300_digits_are_told_of(tmp_path: Path, one: Format) -> None:
    entry = {"label": "a", "annotations": {"label": "a", "segment": [0, 10**300]}}
    keys = dict.fromkeys(LONG_ROWS, entry)
    texts = [header + "\n".join(LONG_ROWS) + "\n" for header in HEADERS]
    texts += [json.dumps(keys), json.dumps({"database": keys, "results": keys})]
    for text in texts:
        path = tmp_path / f"SOX_{LONG[:80]}_{LONG[:80]}_train.csv"
        path.write_text(text)
        problems_of(one, path)


WRITABLE = [one for one in all_formats().values() if one.write is not None]
EVIL = ["../../evil", "/evil", "a/../../../evil", "..", "C:\\evil", "..\\evil"]


def evil_records(one: Format, name: str) -> list[object]:
    details = {"duration_seconds": 20.0, "event_id": "E_000001_000009", "num_frames": 9,
               "action_id": "A_0001_0002", "split_number": 1, "is_positive": True}  # fmt: skip
    file = f"{name}.mp4"
    return {
        Kind.CLIPS: [
            Clip(name, 1.0, 3.0, "a", "train", "good.mp4", details=details),
            Clip("good", 1.0, 3.0, name, "train", "good.mp4", details=details),
            Clip("good", 1.0, 3.0, "a", "train", file, details=details),
            Clip("good", 1.0, 3.0, "a", "train", "good.mp4", details=details),
        ],
        Kind.BOXES: [
            Box(name, 902.0, 0.1, 0.1, 0.5, 0.5, 1, 1, None, "a"),
            Box("good", 902.0, 0.1, 0.1, 0.5, 0.5, 1, 1, None, name),
            Box("good", 902.0, 0.1, 0.1, 0.5, 0.5, 1, 1, None, "a"),
        ],
        Kind.SCORES: [Scores(name, None, (0.5,) * 157)],
        Kind.LABELS: [Label(1, name), Label(2, "a")],
    }[one.kind]


@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize(
    "one",
    [one for one in all_formats().values() if one.write is not None],
    ids=lambda one: one.name,
)
def test_no_name_leads_out_of_the_folder_that_is_written(
    one: Format, name: str, tmp_path: Path
) -> None:
    media = tmp_path / "deep" / "er" / "media"
    media.mkdir(parents=True)
    (media / "good.mp4").write_bytes(b"film")
    (tmp_path / "deep" / "evil.mp4").write_bytes(b"not ours")
    options = Options(
        labels=LabelMap((Label(2, "a"), Label(5, name))), frame_size=(640, 360),
        frames_per_second=25.0, media=media,
    )  # fmt: skip
    before = set(tmp_path.rglob("*"))
    target = tmp_path / "deep" / "er" / "out" / "target"
    told: list[Problem] = []
    assert one.write is not None
    with suppress(KbuildError):
        one.write(target, evil_records(one, name), options, Problems(target, on_error=told.append))
    made = set(tmp_path.rglob("*")) - before
    assert all(path.is_relative_to(target.parent) for path in made)
    assert not any(path.read_bytes() == b"not ours" for path in made if path.is_file())
    if one.kind is not Kind.LABELS:
        assert any("leads to no other folder" in problem.message for problem in told)


def kinetics_results(key: str) -> str:
    results = {key: [{"label": "a", "score": 1}]}
    return json.dumps({"version": "1", "external_data": {}, "results": results})


def activitynet(video: str, end: float = 1) -> str:
    annotations = [{"label": "a", "segment": [0, end]}]
    entry = {"subset": "training", "duration": 9, "annotations": annotations}
    return json.dumps({"version": "1", "taxonomy": [], "database": {video: entry}})


ROW = "0.1,0.1,0.5,0.5,1"
KINETICS = "label,youtube_id,time_start,time_end,split\n"
HACS = "classname,youtube_id,subset,start,end,label\n"
OF_VIDEO = {
    "kinetics": lambda video, time: f"{KINETICS}a,{video},0,{time},train\n",
    "kinetics-submission": lambda video, time: kinetics_results(f"{video}_0_{float(time):.0f}"),
    "activitynet": lambda video, time: activitynet(video, float(time)),
    "charades": lambda video, time: f"id,actions\n{video},c001 0 {time}\n",
    "hacs-clips": lambda video, time: f"{HACS}a,{video},training,0,{time},1\n",
    "thumos14-detection": lambda video, time: f"{video} 0 {time} 1 0.5\n",
    "ava": lambda video, time: f"{video},{time},{ROW},1\n",
    "ava-kinetics": lambda video, time: f"{video},{time},{ROW}\n",
    "ava-detections": lambda video, time: f"{video},{time},{ROW},1\n",
    "ava-tracks": lambda video, time: f"{video},{time},{ROW},1,1\n",
    "ava-timestamps": lambda video, time: f"{video},{time}\n",
}
"""Files of one video, and of one time in it."""


@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize("format_name", OF_VIDEO)
def test_readers_refuse_ids_that_lead_to_other_folders(format_name, name, tmp_path: Path) -> None:
    one = all_formats()[format_name]
    (tmp_path / "file").write_text(OF_VIDEO[format_name](name, "9"))
    (problem,) = problems_of(one, tmp_path / "file")
    assert "leads to no other folder" in problem.message


@pytest.mark.parametrize("time", ["1e300", "1e15", "99999999"])
@pytest.mark.parametrize("format_name", OF_VIDEO)
def test_readers_refuse_times_that_no_video_has(format_name, time, tmp_path: Path) -> None:
    one = all_formats()[format_name]
    (tmp_path / "file").write_text(OF_VIDEO[format_name]("v", time))
    told = problems_of(one, tmp_path / "file")
    assert any("10,000,000" in problem.message for problem in told), told


def test_no_writer_takes_times_that_no_video_has(tmp_path: Path) -> None:
    for one in all_formats().values():
        if one.write is None or one.kind not in (Kind.CLIPS, Kind.BOXES):
            continue
        record = Clip("v", 0.0, 1e300, "a", "train") if one.kind is Kind.CLIPS else Box("v", 1e300)
        told: list[Problem] = []
        problems = Problems(tmp_path, on_error=told.append)
        with suppress(KbuildError):
            options = Options(frame_size=(9, 9), frames_per_second=25, media=tmp_path)
            one.write(tmp_path / one.name, [record], options, problems)
            assert "expected a time up to 10,000,000 seconds, found 1e+300" in told[0].message
