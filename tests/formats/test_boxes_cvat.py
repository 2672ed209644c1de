import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from kinetics_builder.errors import ConfigError, FormatError
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.records import Box, Label

ACTIONS = LabelMap((Label(12, "stand"), Label(17, "carry"), Label(6, "dance")))
META = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <id>7</id><name>first task</name><size>60</size><mode>interpolation</mode>
      <owner><username>ann</username><email>a@b.c</email></owner>
      <labels><label><name>person</name><color>#ff0000</color><attributes>
        <attribute><name>stand</name><mutable>True</mutable><input_type>checkbox</input_type>
        <default_value>false</default_value><values>false</values></attribute>
      </attributes></label></labels>
      <original_size><width>200</width><height>100</height></original_size>
      <source>1j20qq1JyX4.mkv</source>
    </task>
    <dumped>2024-01-01 00:00:00.000000+00:00</dumped>
  </meta>
"""


def box(frame: int, more: str = "", inside: str = "", x: float = 20.0) -> str:
    return (
        f'<box frame="{frame}" keyframe="1" outside="0" occluded="0" xtl="{x}" ytl="25.00" '
        f'xbr="100.00" ybr="75.00" z_order="0" {more}>{inside}</box>\n'
    )


def ticked(**values: str) -> str:
    return "".join(
        f'<attribute name="{name}">{value}</attribute>' for name, value in values.items()
    )


def track(*boxes: str, number: int = 3, label: str = "person", more: str = "") -> str:
    inside = "".join(boxes)
    return f'<track id="{number}" label="{label}" source="manual" {more}>\n{inside}</track>\n'


@pytest.fixture
def cvat(tried: Any) -> Any:
    return tried("cvat-video")


def saved(folder: Path, *tracks: str, meta: str = META) -> Path:
    path = folder / "annotations.xml"
    path.write_text(meta + "".join(tracks) + "</annotations>\n")
    return path


AT_SECOND_1 = Box("1j20qq1JyX4", 1.0, 0.1, 0.25, 0.5, 0.75, person_id=3)


def test_a_task_of_cvat_is_read(cvat: Any, tmp_path: Path) -> None:
    path = saved(tmp_path, track(box(30, inside=ticked(stand="true", carry="false"))))
    records, told = cvat.read(path, frames_per_second=30.0, labels=ACTIONS)
    assert records == [AT_SECOND_1._replace(action_id=12, label="stand")]
    assert told == []


def test_every_ticked_action_is_a_row_in_the_order_of_avas_files(cvat: Any, tmp_path: Path) -> None:
    inside = ticked(dance="true", carry="true")
    path = saved(tmp_path, track(box(30, inside=inside)), track(box(0, x=10.0), number=1))
    records, _ = cvat.read(path, frames_per_second=30.0, labels=ACTIONS)
    assert [(row.timestamp_seconds, row.person_id, row.action_id) for row in records] == [
        (0.0, 1, None),
        (1.0, 3, 17),  # AVA's files compare digits: 17 stands before 6.
        (1.0, 3, 6),
    ]


def test_boxes_that_cvat_put_between_key_frames_are_left_out_and_told_of(
    cvat: Any, tmp_path: Path
) -> None:
    between = box(31).replace('keyframe="1"', 'keyframe="0"')
    gone = box(32).replace('outside="0"', 'outside="1"')
    path = saved(tmp_path, track(box(30), between, gone))
    records, told = cvat.read(path, frames_per_second=30.0)
    assert records == [AT_SECOND_1]
    assert len(told) == 1
    assert "does not say the boxes between key frames, which CVAT interpolates," in told[0]


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        pytest.param(ticked(person_id="12"), (12, None, {}), id="the attribute says who it is"),
        pytest.param(ticked(person_id=""), (None, None, {}), id="the attribute says nobody"),
        pytest.param(ticked(action="carry"), (3, "carry", {}), id="a list called action"),
        pytest.param(ticked(posture="stand"), (3, "stand", {}), id="a list of known actions"),
        pytest.param(ticked(action="__undefined__"), (3, None, {}), id="nothing chosen"),
        pytest.param(
            ticked(mood="good"), (3, None, {"attributes": {"mood": "good"}}), id="no action"
        ),
    ],
)
def test_attributes(cvat: Any, tmp_path: Path, inside: str, expected: tuple[Any, ...]) -> None:
    path = saved(tmp_path, track(box(30, inside=inside)))
    records, told = cvat.read(path, frames_per_second=30.0, labels=ACTIONS)
    person, label, details = expected
    number = None if label is None else ACTIONS.id_of(label)
    assert records == [
        AT_SECOND_1._replace(person_id=person, label=label, action_id=number, details=details)
    ]
    assert told == []


def test_a_ticked_attribute_that_is_no_class_is_told_of(cvat: Any, tmp_path: Path) -> None:
    path = saved(tmp_path, track(box(30, inside=ticked(blurred="true"))))
    records, told = cvat.read(path, frames_per_second=30.0, labels=ACTIONS)
    assert records == [AT_SECOND_1._replace(details={"attributes": {"blurred": "true"}})]
    assert told == ["warning 18: 'blurred' is ticked, but is no class of the label map"]


def test_a_label_that_is_no_person_is_the_action(cvat: Any, tmp_path: Path) -> None:
    path = saved(tmp_path, track(box(30), label="dance"))
    records, _ = cvat.read(path, frames_per_second=30.0, labels=ACTIONS)
    assert records == [AT_SECOND_1._replace(label="dance", action_id=6)]


def test_bad_boxes_name_their_line_and_hide_no_good_one(cvat: Any, tmp_path: Path) -> None:
    bad = [
        box(-1),
        box(30).replace('xtl="20.0"', 'xtl="nan"'),
        box(30).replace(' ybr="75.00"', ""),
        box(30, x=150.0),
        box(30).replace('xbr="100.00"', 'xbr="400.00"'),
        box(30, inside=ticked(person_id="Ann")),
        box(30).replace("30", "1e99"),
    ]
    path = saved(tmp_path, track(*bad, box(30)))
    records, told = cvat.read(path, frames_per_second=30.0)
    assert records == [AT_SECOND_1]
    wanted = "error {}: expected a box with frame, xtl, ytl, xbr and ybr: "
    assert told == [
        wanted.format(18) + "expected the number of a frame, 0 or more, found '-1'",
        wanted.format(19) + "expected a number, found 'nan'",
        wanted.format(20) + "expected a number, found ''",
        "error 21: expected x1 <= x2 and y1 <= y2, found 0.75, 0.25, 0.5, 0.75",
        "error 22: expected shares of the frame in [0, 1], found 0.1, 0.25, 2, 0.75; is the size "
        "of the frame right?",
        wanted.format(23) + "expected a whole number as person_id, found 'Ann'",
        wanted.format(24) + "expected the number of a frame, 0 or more, found '1e99'",
    ]


def test_boxes_past_the_edge_rotated_ones_and_other_shapes_are_told_of(
    cvat: Any, tmp_path: Path
) -> None:
    past = box(30, x=-1.0)
    rotated = box(60, more='rotation="45.00"')
    polygon = '<polygon frame="90" keyframe="1" outside="0" occluded="0" points="1,2;3,4;5,6"/>\n'
    path = saved(tmp_path, track(past, rotated, polygon))
    records, told = cvat.read(path, frames_per_second=30.0)
    assert [row.x1 for row in records] == [-0.005, 0.1]
    assert told == [
        "warning 18: a box that goes past the edge of the frame: -0.005, 0.25, 0.5, 0.75",
        "warning 19: a rotated box, read as if it was upright",
        "warning 20: a polygon was left out; boxes alone are read",
    ]


def test_a_project_tells_which_video_each_track_is_of(cvat: Any, tmp_path: Path) -> None:
    task = "<task><id>{}</id><name>{}</name>{}</task>"
    size = "<original_size><width>200</width><height>{}</height></original_size>"
    source = "<source>videos/b.mp4</source>"
    tasks = task.format(1, "a", size.format(100)) + task.format(2, "x", size.format(200) + source)
    meta = (
        "<annotations><meta><project><id>9</id><name>all</name>"
        f"<tasks>{tasks}</tasks></project></meta>"
    )
    of_a, of_b = (track(box(30), more=f'task_id="{number}" subset="Train"') for number in (1, 2))
    records, told = cvat.read(saved(tmp_path, of_a, of_b, meta=meta), frames_per_second=30.0)
    assert [(row.video_id, row.y1) for row in records] == [("a", 0.25), ("b", 0.125)]
    assert told == []


def test_a_job_without_size_takes_the_given_one_and_its_files_name(
    cvat: Any, tmp_path: Path
) -> None:
    path = saved(tmp_path, track(box(30)), meta="<annotations><meta><job><id>1</id></job></meta>")
    records, _ = cvat.read(path, frames_per_second=30.0, frame_size=(200, 100))
    assert records == [AT_SECOND_1._replace(video_id="annotations")]
    with pytest.raises(ConfigError, match="needs the size of the frames: give --frame-size"):
        cvat.read(path, frames_per_second=30.0)


def test_without_a_frame_rate_nothing_can_be_read(cvat: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cvat-video counts frames and needs their rate"):
        cvat.read(saved(tmp_path, track(box(30))))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "gzip"])
def test_encodings_do_not_hurt(cvat: Any, tmp_path: Path, encoding: str) -> None:
    inside = '<attribute name="grüßen">true</attribute>'
    text = saved(tmp_path, track(box(30, inside=inside))).read_text()
    text = text.replace("\n", "\r\n")
    path = tmp_path / "encoded.xml"
    if encoding == "gzip":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_bytes(text.replace("utf-8", encoding.removesuffix("-sig")).encode(encoding))
    records, told = cvat.read(path, frames_per_second=30.0)
    assert records == [AT_SECOND_1._replace(label="grüßen")]
    assert told == []


LAUGHS = (
    '<!DOCTYPE annotations [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    "<annotations><meta>&b;</meta></annotations>"
)
OUTSIDE = '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><annotations/>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(LAUGHS, "xml:1: found a document type declaration", id="entities"),
        pytest.param(OUTSIDE, "xml:1: found a document type declaration", id="an address"),
        pytest.param("<annotations>&b;</annotations>", "undefined entity", id="unknown entity"),
        pytest.param("<annotations>\n<meta>", "xml:2: expected XML: no element", id="cut off"),
        pytest.param("", "expected XML: no element found", id="empty"),
        pytest.param("a,b\n", "xml:1: expected XML: syntax error", id="a table"),
        pytest.param("<html/>", "xml:1: expected <annotations>, found <html>", id="a page"),
        pytest.param("<annotations>" + "<a>" * 40, "32 deep", id="too deep"),
        pytest.param(f"<annotations>{'a' * 99_999}", "65,536 characters of text", id="long text"),
        pytest.param('<annotations><image id="0"/>', "choose cvat-images", id="images"),
    ],
)
def test_files_that_cannot_be_read_say_where(
    cvat: Any, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "annotations.xml"
    path.write_text(text)
    with pytest.raises(FormatError, match=message):
        cvat.read(path, frames_per_second=30.0)


def test_the_gaps_between_many_elements_are_no_text(cvat: Any, tmp_path: Path) -> None:
    path = saved(tmp_path, *[" \n<track/>"] * 40_000, track(box(30)))
    assert cvat.read(path, frames_per_second=30.0) == ([AT_SECOND_1], [])


def test_memory_does_not_grow_with_a_track(cvat: Any, tmp_path: Path) -> None:
    peaks = []
    for count in (3000, 12_000):
        path = saved(tmp_path, track(*(box(0, more='source="x"') for _ in range(count))))
        tracemalloc.start()
        gone = sum(1 for _ in _events(path))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert gone > count
    assert peaks[1] < 1.5 * peaks[0]


def _events(path: Path) -> Any:
    from kinetics_builder.formats.xml_files import events

    return events(path, "annotations")


def records_of_a_person() -> list[Box]:
    stands = Box("a b", 10.0, 0.1, 0.2, 0.3, 0.4, 12, 5, label="stand")
    return [
        stands,
        stands._replace(action_id=17, label="carry"),
        stands._replace(timestamp_seconds=11.0),
        stands._replace(timestamp_seconds=20.0, details={"occluded": True}),
    ]


def test_a_person_is_one_track_that_ends_where_they_are_away(cvat: Any, tmp_path: Path) -> None:
    told = cvat.write(
        tmp_path / "out", records_of_a_person(), frames_per_second=25.0, frame_size=(100, 50)
    )
    assert told == []
    root = ElementTree.parse(tmp_path / "out" / "a b.xml").getroot()
    tracks = root.findall("track")
    assert [one.get("label") for one in tracks] == ["person"]
    assert [
        (one.get("frame"), one.get("outside"), one.get("occluded"), one.findtext("attribute[2]"))
        for one in tracks[0]
    ] == [
        ("250", "0", "0", "true"),
        ("275", "0", "0", "false"),
        ("276", "1", "0", "false"),
        ("500", "0", "1", "false"),
    ]
    assert tracks[0][0].get("xtl") == "10"
    assert root.findtext("meta/task/source") == "a b.mp4"
    assert root.findtext("meta/task/original_size/width") == "100"
    assert root.findtext("meta/task/stop_frame") == "500"


def test_the_labels_to_be_pasted_have_all_actions(cvat: Any, tmp_path: Path) -> None:
    options = {"frames_per_second": 25.0, "frame_size": (100, 50), "labels": ACTIONS}
    cvat.write(tmp_path / "out", records_of_a_person(), **options)
    (label,) = json.loads((tmp_path / "out" / "labels.json").read_text())
    assert label["name"] == "person"
    assert [one["name"] for one in label["attributes"]] == ["person_id", "stand", "carry", "dance"]
    assert label["attributes"][1] == {
        "name": "stand",
        "mutable": True,
        "input_type": "checkbox",
        "default_value": "false",
        "values": ["false"],
    }


def test_two_boxes_of_a_person_at_one_time_are_two_tracks(cvat: Any, tmp_path: Path) -> None:
    first = Box("a", 10.0, 0.1, 0.2, 0.3, 0.4, 12, 5, label="stand")
    records = [first, first._replace(x1=0.2), first._replace(timestamp_seconds=11.0)]
    options = {"frames_per_second": 25.0, "frame_size": (100, 50), "labels": ACTIONS}
    cvat.write(tmp_path / "out", records, **options)
    root = ElementTree.parse(tmp_path / "out" / "a.xml").getroot()
    assert [len(one.findall("box[@outside='0']")) for one in root.findall("track")] == [2, 1]
    assert cvat.read(tmp_path / "out", **options)[0] == records


def test_one_file_holds_one_video(cvat: Any, tmp_path: Path) -> None:
    options = {"frames_per_second": 25.0, "frame_size": (100, 50)}
    records = records_of_a_person()
    cvat.write(tmp_path / "one.xml", records, **options)
    assert len(cvat.read(tmp_path / "one.xml", **options)[0]) == 4
    other = records[0]._replace(video_id="b")
    with pytest.raises(FormatError, match="one video in a file, and there are a b, b and perhaps"):
        cvat.write(tmp_path / "two.xml", [*records, other], **options)
    assert not (tmp_path / "two.xml").exists()


def test_letters_that_xml_cannot_hold_are_an_error_of_their_row(cvat: Any, tmp_path: Path) -> None:
    good = records_of_a_person()[0]
    told = cvat.write(
        tmp_path / "out",
        [good._replace(label="a\x00b"), good],
        frames_per_second=25.0,
        frame_size=(100, 50),
    )
    assert told == ["error a b at 10 s: characters that XML cannot hold, in 'a b' 'a\\x00b'"]
    assert (tmp_path / "out" / "a b.xml").exists()


def test_a_folder_without_xml_is_an_error(cvat: Any, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="expected XML files in this folder, found none"):
        cvat.read(tmp_path, frames_per_second=25.0)


def test_images_of_cvat_are_read(tried: Any, tmp_path: Path) -> None:
    path = tmp_path / "annotations.xml"
    path.write_text(
        "<annotations><version>1.1</version>"
        '<image id="0" name="frames/a_000031.jpg" width="200" height="100">'
        '<box label="person" source="manual" occluded="1" xtl="20" ytl="25" xbr="100" ybr="75">'
        '<attribute name="stand">true</attribute></box>\n'
        '<polygon label="person" points="1,2;3,4"><attribute name="x">1</attribute></polygon>\n'
        '<tag label="day"></tag></image>\n'
        '<image id="1" name="other.jpg" width="200" height="100"></image>\n'
        '<image id="2" name="a_000061.jpg" width="200" height="100"></image></annotations>'
    )
    images = tried("cvat-images")
    records, told = images.read(path, frames_per_second=30.0, labels=ACTIONS)
    assert records == [
        Box("a", 1.0, 0.1, 0.25, 0.5, 0.75, 12, label="stand", details={"occluded": True}),
        Box("a", 2.0),
    ]
    assert told == [
        "warning 2: a polygon was left out; boxes alone are read",
        "warning 3: a tag was left out; boxes alone are read",
        "error 4: expected an image with a name, width and height: expected a frame's name like "
        "VIDEO_000001.jpg, found 'other.jpg'",
    ]


@pytest.mark.parametrize(
    ("inside", "expected", "message"),
    [
        (ticked(label="carry", occluded_by_car="true"), "carry", ""),
        (ticked(activity="carry", child="false"), "carry", ""),
        (ticked(Behaviour="carry"), "carry", ""),
        (ticked(dance="true", carry="false"), "dance", ""),
        (ticked(pose="carry"), None, "no action among the attributes pose='carry': give --label-m"),
    ],
)
def test_a_select_attribute_holds_the_class_and_ticks_do_not(
    cvat: Any, tmp_path: Path, inside: str, expected: str | None, message: str
) -> None:
    (found,), told = cvat.read(
        saved(tmp_path, track(box(30, inside=inside))), frames_per_second=30.0
    )
    assert found.label == expected
    assert [message in one for one in told] == ([True] if message else [])


BENDS = LabelMap.of_names(
    ["bend", "crouch", "dance, a lot", "ride (e.g., a bike, a car)"], first_id=1
)


@pytest.mark.parametrize(
    ("inside", "names"),
    [
        (ticked(action="bend, crouch"), ["bend", "crouch"]),
        (ticked(action="bend,bend"), ["bend"]),
        (ticked(action="bend;crouch"), ["bend", "crouch"]),
        (ticked(action="crouch\nbend\n"), ["bend", "crouch"]),
        (ticked(action="bend | ride (e.g., a bike, a car)"), ["bend", BENDS.names[4]]),
        (ticked(action="dance, a lot"), ["dance, a lot"]),
        (ticked(posture="bend, crouch"), ["bend", "crouch"]),
        (ticked(action="bend, crouch", bend="true"), ["bend", "crouch"]),
    ],
)
def test_several_actions_in_one_value_are_parted_by_the_label_map(
    cvat: Any, tmp_path: Path, inside: str, names: list[str]
) -> None:
    path = saved(tmp_path, track(box(30, inside=inside)))
    found, told = cvat.read(path, frames_per_second=30.0, labels=BENDS)
    assert [(one.label, one.action_id) for one in found] == [
        (name, BENDS.id_of(name)) for name in names
    ]
    assert told == []


def test_several_actions_may_stand_in_the_label_of_a_track(cvat: Any, tmp_path: Path) -> None:
    path = saved(tmp_path, track(box(30), label="bend, crouch"))
    found, told = cvat.read(path, frames_per_second=30.0, labels=BENDS)
    assert ([one.label for one in found], told) == (["bend", "crouch"], [])


@pytest.mark.parametrize("value", ["bend, crouhc", "sit; bend"])
def test_a_value_that_names_classes_and_others_is_refused(
    cvat: Any, tmp_path: Path, value: str
) -> None:
    path = saved(tmp_path, track(box(30, inside=ticked(action=value)), box(60)))
    (rest,), told = cvat.read(path, frames_per_second=30.0, labels=BENDS)
    assert rest.timestamp_seconds == 2.0
    odd = "crouhc" if "crouhc" in value else "sit"
    assert [one.partition(": ")[2] for one in told] == [
        f"expected actions of the label map, found {value!r}, which holds {odd!r} besides"
    ]


def test_without_a_label_map_a_value_that_looks_like_several_actions_is_told_of(
    cvat: Any, tmp_path: Path
) -> None:
    path = saved(tmp_path, track(box(30, inside=ticked(action="bend, crouch"))))
    (found,), (told,) = cvat.read(path, frames_per_second=30.0)
    assert found.label == "bend, crouch"
    assert told.endswith("took 'bend, crouch' for one action: if these are 2, give --label-map "
                         "FILE with their names")  # fmt: skip


OF_VIDEO = """<annotations><meta><task><id>7</id><name>first</name>
<source>{source}</source></task></meta>
<image id="30" name="frame_000030" width="200" height="100">
<box label="person" xtl="20" ytl="25" xbr="100" ybr="75"><attribute name="action">carry</attribute>
</box></image><image id="45" name="frame_000045{ending}" width="200" height="100"></image>
</annotations>"""


@pytest.mark.parametrize("ending", ["", ".PNG", ".jpg"])
def test_images_of_a_task_of_a_video_are_its_frames_from_0(
    tried: Any, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / "annotations.xml"
    path.write_text(OF_VIDEO.format(source="films/1j20qq1JyX4.mkv", ending=ending))
    found, told = tried("cvat-images").read(path, frames_per_second=30.0)
    assert told == []
    assert [(one.video_id, one.timestamp_seconds, one.label) for one in found] == [
        ("1j20qq1JyX4", 1.0, "carry"),
        ("1j20qq1JyX4", 1.5, None),
    ]


BEHIND = "<annotations><meta><task><id>7</id><name>first</name></task>{source}</meta>"


@pytest.mark.parametrize("name", ["cvat-video", "cvat-images"])
def test_the_video_may_stand_behind_the_task_as_in_older_files(
    tried: Any, tmp_path: Path, name: str
) -> None:
    meta = BEHIND.format(source="<source>1j20qq1JyX4.mkv</source>")
    image = OF_VIDEO.partition("</meta>")[2].format(ending="").removesuffix("</annotations>")
    inside = track(box(30)) if name == "cvat-video" else image
    path = saved(tmp_path, inside, meta=meta)
    found, told = tried(name).read(path, frames_per_second=30.0, frame_size=(200, 100))
    assert {one.video_id for one in found} == {"1j20qq1JyX4"} and told == []


def test_images_of_a_project_are_of_the_videos_of_their_tasks(tried: Any, tmp_path: Path) -> None:
    task = "<task><id>{}</id>{}</task>"
    tasks = "".join(
        task.format(number, source)
        for number, source in [
            (1, "<source>a.mp4</source>"),
            (2, "<source>b.mkv</source>"),
            (3, ""),
        ]
    )
    image = '<image id="30" name="{}" width="200" height="100" task_id="{}"></image>'
    names = [("frame_000030", 1), ("frame_000030", 2), ("c_000031.jpg", 3)]
    path = saved(
        tmp_path,
        *(image.format(*one) for one in names),
        meta=f"<annotations><meta><project><tasks>{tasks}</tasks></project></meta>",
    )
    found, told = tried("cvat-images").read(path, frames_per_second=30.0)
    assert [(one.video_id, one.timestamp_seconds) for one in found] == [
        ("a", 1.0), ("b", 1.0), ("c", 1.0)
    ]  # fmt: skip
    assert told == []


def test_frames_of_no_video_are_errors(tried: Any, tmp_path: Path) -> None:
    path = tmp_path / "annotations.xml"
    path.write_text(OF_VIDEO.format(source="", ending=""))
    found, told = tried("cvat-images").read(path, frames_per_second=30.0)
    assert found == []
    assert len(told) == 2
    assert "'frame_000030' is a frame of a video that no <source> before it names" in told[0]


def test_ticks_taken_for_actions_beside_a_word_are_told_of(cvat: Any, tmp_path: Path) -> None:
    path = saved(tmp_path, track(box(30, inside=ticked(doing="bend", occluded="true"))))
    (found,), told = cvat.read(path, frames_per_second=30.0)
    assert found.label == "occluded"
    assert len(told) == 1 and "took what is ticked (occluded)" in told[0] and "'bend'" in told[0]
