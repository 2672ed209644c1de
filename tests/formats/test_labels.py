"""Label maps of every dialect, and knowing one by what stands in it."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.errors import ConfigError, FormatError
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.labels import (
    csv_maps,
    finegym_categories,
    json_maps,
    lists,
    numbered,
    pbtxt,
)
from kinetics_builder.formats.labels.reading import label_dialect, read_label_map
from kinetics_builder.formats.problems import Problem, Problems
from kinetics_builder.formats.records import Label
from kinetics_builder.formats.registry import find_format

FORMATS = {
    one.name: one
    for module in (pbtxt, lists, numbered, csv_maps, json_maps, finegym_categories)
    for one in module.FORMATS
}


def read(name: str, path: Path) -> tuple[list[Label], list[str]]:
    told: list[Problem] = []
    problems = Problems(path, on_error=told.append, on_warning=told.append)
    found = list(find_format(name).read(path, Options(), problems))  # type: ignore[misc]  # all read
    return found, [f"{one.severity} {one.line or one.item}: {one.message}" for one in told]


def write(name: str, path: Path, labels: list[Label]) -> list[str]:
    told: list[Problem] = []
    problems = Problems(path, on_error=told.append, on_warning=told.append)
    find_format(name).write(path, iter(labels), Options(), problems)  # type: ignore[misc]  # all write
    return [f"{one.severity} {one.item}: {one.message}" for one in told]


@pytest.mark.parametrize(
    ("name", "file", "count", "is_same"),
    [
        ("ava-pbtxt", "ava/ava_action_list_v2.1.pbtxt", 80, True),
        ("activitynet-pbtxt", "ava/ava_action_list_v2.1_for_activitynet_2018.pbtxt", 60, True),
        ("activitynet-pbtxt", "evaluation/ava_small/action_list.txt", 3, True),
        ("labels-txt", "kinetics/label_map_k400.txt", 400, True),
        ("labels-txt", "kinetics/label_map_k600.txt", 600, True),
        ("labels-txt", "kinetics/label_map_k700.txt", 700, True),
        ("kinetics-groups", "kinetics/kinetics400_categories.json", 456, False),
    ],
)
def test_real_label_maps_come_back(name, file, count, is_same, shared: Path, tmp_path) -> None:
    labels, told = read(name, shared / file)
    assert (len(labels), told) == (count, [])
    assert write(name, tmp_path / "ours", labels) == []
    assert read(name, tmp_path / "ours") == (labels, [])
    if is_same:
        theirs = (shared / file).read_bytes().rstrip() + b"\n"
        assert (tmp_path / "ours").read_bytes() == theirs
    assert label_dialect(shared / file) == name
    assert len(read_label_map(shared / file)) == (400 if name == "kinetics-groups" else count)


def test_the_groups_number_classes_as_kinetics_does(shared: Path) -> None:
    groups = read_label_map(shared / "kinetics" / "kinetics400_categories.json")
    assert groups.ids == read_label_map(shared / "kinetics" / "label_map_k400.txt").ids


TEXTS = {
    "ava-pbtxt": 'label {\n  name: "bend/bow"\n  label_id: 1\n  label_type: PERSON_MOVEMENT\n}\n',
    "activitynet-pbtxt": 'item {\n  name: "fall down"\n  id: 5\n}\n',
    "labels-txt": "abseiling\nwashing, drying\n",
    "labels-numbered": "1: bend/bow (at the waist)\n12: 3 jumps\n",
    "labels-csv": 'id,name\n7,"washing, drying"\n0,abseiling\n',
    "labels-json": '{\n"abseiling": 0,\n"\\"air drumming\\"": 1\n}\n',
    "something-labels": '{\n"Approaching something, then": "0"\n}\n',
    "kinetics-groups": '{\n"jumping": ["high jump", "parkour"],\n"running": ["parkour"]\n}\n',
    "finegym-categories": "Clabel:   0; set:  1; Glabel:   1; (VT) round-off, stretched\n",
    "charades-classes": "c000 Holding some clothes\no001 None of these\n",
    "moments-labels": "clapping,0\nadult+female+singing,12\n",
    "ucf101-classes": "1 ApplyEyeMakeup\n101 YoYo\n",
    "thumos-classes": "7 BaseballPitch\n97 VolleyballSpiking\n",
}
LABELS = {
    "ava-pbtxt": [Label(1, "bend/bow", "PERSON_MOVEMENT")],
    "activitynet-pbtxt": [Label(5, "fall down")],
    "labels-txt": [Label(0, "abseiling"), Label(1, "washing, drying")],
    "labels-numbered": [Label(1, "bend/bow (at the waist)"), Label(12, "3 jumps")],
    "labels-csv": [Label(7, "washing, drying"), Label(0, "abseiling")],
    "labels-json": [Label(0, "abseiling"), Label(1, "air drumming", None, {"is_quoted": True})],
    "something-labels": [Label(0, "Approaching something, then")],
    "kinetics-groups": [
        Label(0, "high jump", "jumping"),
        Label(1, "parkour", "jumping"),
        Label(1, "parkour", "running"),
    ],
    "finegym-categories": [Label(0, "(VT) round-off, stretched", "VT", {"set": 1, "Glabel": 1})],
    "charades-classes": [
        Label(0, "Holding some clothes"),
        Label(1, "None of these", None, {"prefix": "o"}),
    ],
    "moments-labels": [Label(0, "clapping"), Label(12, "adult+female+singing")],
    "ucf101-classes": [Label(1, "ApplyEyeMakeup"), Label(101, "YoYo")],
    "thumos-classes": [Label(7, "BaseballPitch"), Label(97, "VolleyballSpiking")],
}


@pytest.mark.parametrize("name", FORMATS)
def test_each_dialect_is_read_written_and_known(name: str, tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_text(TEXTS[name])
    assert read(name, path) == (LABELS[name], [])
    assert write(name, tmp_path / "ours", LABELS[name]) == []
    assert (tmp_path / "ours").read_text() == TEXTS[name]
    known = label_dialect(path)
    assert known == {"thumos-classes": "ucf101-classes"}.get(name, known)
    assert read_label_map(path).ids == {label.name: label.id for label in LABELS[name]}


def test_every_format_is_in_the_table_of_this_test() -> None:
    assert set(FORMATS) == set(TEXTS) == set(LABELS)


LETTERS = st.characters(
    codec="utf-8", exclude_categories=("C", "Zl", "Zp"), exclude_characters="\ufffd"
)
names = st.text(LETTERS, min_size=1)
label_maps = st.lists(
    st.tuples(st.integers(0, 999), names.map(str.strip).filter(bool)),
    unique_by=(lambda pair: pair[0], lambda pair: pair[1]),
    min_size=1,
    max_size=5,
).map(lambda pairs: [Label(number, name) for number, name in pairs])


@pytest.mark.parametrize(
    "name", sorted(set(FORMATS) - {"labels-txt", "kinetics-groups", "finegym-categories"})
)
@settings(max_examples=30, deadline=None)
@given(labels=label_maps)
def test_reading_gives_back_what_was_written(name, tmp_path_factory, labels) -> None:
    if name in ("labels-json", "something-labels"):
        labels = [one for one in labels if not one.name.isdigit() and '"' not in one.name]
    if not labels:
        return
    if name.endswith("pbtxt"):  # AVA counts from 1
        labels = [one._replace(id=one.id + 1) for one in labels]
    path = tmp_path_factory.mktemp("labels") / "labels"
    assert write(name, path, labels) == []
    found, _ = read(name, path)  # the official evaluator would not see some of these names
    assert found == labels


WILD = """# a comment
label: < name: 'crawl' , label_id:2; label_type:PERSON_MOVEMENT >
item{id:3 name:"a \\"b\\" " "c\\303\\251" display_name: "d"}
label{
    name: "bend/bow (at the waist)"label_id: 1label_type: PERSON_MOVEMENT
}
"""


@pytest.mark.parametrize("name", ["ava-pbtxt", "activitynet-pbtxt"])
def test_both_dialects_are_read_however_they_are_spaced(name: str, tmp_path: Path) -> None:
    path = tmp_path / "wild.pbtxt"
    path.write_bytes(b"\xef\xbb\xbf" + WILD.replace("\n", "\r\n").encode())
    labels, told = read(name, path)
    assert labels == [
        Label(2, "crawl", "PERSON_MOVEMENT"),
        Label(3, 'a "b" cé', None, {"display_name": "d"}),
        Label(1, "bend/bow (at the waist)", "PERSON_MOVEMENT"),
    ]
    assert [text.split(" as it is")[0] for text in told] == [
        f"warning {line}: the official evaluator does not see this entry" for line in (2, 3, 4)
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('label {\n  name: "a"\n', "1: this entry has no closing bracket"),
        ('label {\n  name "a"\n}', "1: expected `name: value`, found"),
        ('\nthing {\n  name: "a"\n}', "2: expected label { or item {, found"),
        ('item {\n  name: "a"\n  id: 1\n}\nitem ', "5: expected label { or item {, found 'item'"),
        ('label {\n  name: "a\n}', "2: expected a protocol buffer as text, found"),
        ("  \n", " the file is empty"),
    ],
)
def test_text_that_is_no_protocol_buffer_says_where(text, message, tmp_path: Path) -> None:
    path = tmp_path / "bad.pbtxt"
    path.write_text(text)
    with pytest.raises(FormatError) as caught:
        read("ava-pbtxt", path)
    assert str(caught.value).startswith(f"{path}:{message}")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "ava-pbtxt",
            'label {\n  name: "a"\n}\nlabel {\n  label_id: 1\n}\n',
            ["error 1: expected a class number from 0 on, found ''", "error 4: expected a name"],
        ),
        (
            "activitynet-pbtxt",
            'item {\n  name: "a"\n  id: 1\n}\n' * 2,
            ["error 5: the number 1 stands twice, the second time with 'a'"],
        ),
        (
            "labels-txt",
            "a\n\nb\na\n",
            ["warning 3: a blank line", "warning 4: the name 'a' stands"],
        ),
        (
            "labels-csv",
            "id,name\nx,a\n1,\n",
            ["error 2: expected a class number", "error 3: expected a name"],
        ),
        (
            "labels-json",
            '{"a": 1, "b": null, "c": [1]}',
            ["error b: expected a name", "error c: exp"],
        ),
        ("labels-json", '["a", 5]', ["error 1: expected a name and a number, found 1 and 5"]),
        ("something-labels", '{"a": "0", "b": "0"}', ["error b: the number 0 stands twice"]),
        (
            "kinetics-groups",
            '{"a": 1, "b": ["x", "x"]}',
            ["error a: expected a list", "error b: 'x'"],
        ),
        (
            "kinetics-groups",
            '{"a": [], "b": ["x", " "]}',
            ["warning a: a group", "error b: expected"],
        ),
        ("finegym-categories", "Clabel: 0; a\nb\n", ["error 2: expected a line like 'Clabel: 0;"]),
        ("charades-classes", "c000 a\nb\n", ["error 2: expected a class like 'c000 Holding"]),
        ("moments-labels", "a,0\nb\n", ["error 2: expected a name, a comma and a number"]),
        (
            "ucf101-classes",
            "1 a\nb\n2\n",
            ["error 2: expected a class number", "error 3: expected a"],
        ),
    ],
)
def test_a_bad_entry_is_told_of(name, text, expected, tmp_path: Path) -> None:
    path = tmp_path / "bad"
    path.write_text(text)
    _, told = read(name, path)
    assert len(told) == len(expected)
    assert all(found.startswith(start) for found, start in zip(told, expected, strict=True)), told


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_file_is_an_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.write_text("")
    with pytest.raises(FormatError, match="empty"):
        read(name, path)
    with pytest.raises(FormatError, match="found an empty file"):
        read_label_map(path)


def test_gym530_and_the_sets_number_by_their_first_number(tmp_path: Path) -> None:
    path = tmp_path / "gym530.txt"
    path.write_text("Glabel:  19; set:  1; (VT) round-off      \nset: 21; FX_leap\n")
    labels, told = read("finegym-categories", path)
    assert told == []
    assert labels == [
        Label(19, "(VT) round-off", "VT", {"key": "Glabel", "set": 1}),
        Label(21, "FX_leap", None, {"key": "set"}),
    ]
    write("finegym-categories", path, labels)
    assert path.read_text() == "Glabel:  19; set:  1; (VT) round-off\nset: 21; FX_leap\n"


def test_a_header_decides_the_order_and_other_columns_stay(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("name,wnid,id\na,n1,3\nb,,4\n")
    labels, told = read("labels-csv", path)
    assert (labels, told) == (
        [Label(3, "a", None, {"wnid": "n1"}), Label(4, "b", None, {"wnid": ""})],
        [],
    )
    assert write("labels-csv", path, labels) == []
    assert path.read_text() == "id,name,wnid\n3,a,n1\n4,b,\n"


def test_numbers_with_names_are_read_as_names_with_numbers(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    for value in (["a", "b"], {"a": 0, "b": 1}, {"0": "a", "1": "b"}, {"a": "0", "b": "1"}):
        path.write_text(json.dumps(value))
        assert read_label_map(path).ids == {"a": 0, "b": 1}


def test_what_a_label_map_cannot_say_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    label = Label(3, "a", "g", {"x": 1})
    for name, lost in [
        ("ava-pbtxt", ["x"]),
        ("activitynet-pbtxt", ["group", "x"]),
        ("labels-txt", ["group", "x", "number"]),
        ("labels-csv", []),
        ("labels-json", ["group", "x"]),
        ("kinetics-groups", ["x", "number"]),
        ("finegym-categories", ["group", "x"]),
        ("charades-classes", ["group", "x"]),
    ]:
        told = write(name, path, [label])
        things = [text.split(" the ")[1].split(" of ")[0].split(", ") for text in told]
        assert [one for some in things for one in some] == lost, name
    assert write("labels-txt", path, [Label(0, "a\nb")]) == [
        "error a\nb: expected a name that stands on one line, found 'a\\nb'"
    ]
    assert write("kinetics-groups", path, [Label(0, "a")]) == [
        "error a: found a class without a group; kinetics-groups needs one"
    ]
    told = write("labels-json", path, [Label(0, "a"), Label(1, "a"), Label(2, "7")])
    assert [text.split(":")[0] for text in told] == ["error a", "error 7"]


@pytest.mark.parametrize(
    "text",
    [
        "label,youtube_id,time_start,time_end,split\n",
        "1j20qq1JyX4,0902,0.002,0.118,0.714,0.977,12,1\n",
        "<annotations/>",
        "a\tb\n",
        "- bend\n- crouch\n",
        '{"database": {}, "version": "1.3"}',
    ],
)
def test_another_file_is_no_label_map(text: str, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_text(text)
    with pytest.raises(FormatError, match="expected a label map"):
        read_label_map(path)


def test_a_line_that_no_csv_reader_takes_is_still_a_line(tmp_path: Path) -> None:
    (path := tmp_path / "names.txt").write_text('"' + "a" * 200_000 + "\nyoga\n")
    assert [len(name) for name in read_label_map(path).names.values()] == [200_001, 4]


def test_names_that_look_like_another_dialect_at_first_are_names(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("2 turn or more\nsplit jump\n")
    assert read_label_map(path).names == {0: "2 turn or more", 1: "split jump"}


@pytest.mark.parametrize("name", FORMATS)
def test_half_characters_are_refused(name: str, tmp_path: Path) -> None:
    (told,) = write(name, tmp_path / "labels", [Label(1, "a\ud800", "g")])[:1]
    assert told.startswith("error a\ud800: expected a name that stands on one line")
    assert not name.endswith("pbtxt") or (tmp_path / "labels").read_bytes() == b""
    path = tmp_path / "bytes"
    path.write_bytes(TEXTS[name].encode().replace(b"a", b"\xe9").replace(b"e", b"\xe9"))
    found, messages = [], []
    try:
        found, messages = read(name, path)
    except FormatError as error:
        messages = [str(error)]
    assert messages
    assert all("\udce9" not in label.name for label in found)


def test_a_broken_gzip_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(b"abseiling\n" * 1000)[:-9])
    with pytest.raises(FormatError, match="the gzip file is broken or cut off"):
        read_label_map(path)
    with pytest.raises(FormatError, match="the gzip file is broken or cut off"):
        read("ava-pbtxt", path)


@pytest.mark.parametrize("name", ["labels-csv", "labels-txt", "labels-json", "ava-pbtxt"])
def test_a_class_of_several_groups_stays_one_class(name: str, tmp_path: Path) -> None:
    path = tmp_path / "labels"
    told = write(name, path, LABELS["kinetics-groups"])
    has_groups = name in ("labels-csv", "ava-pbtxt")
    assert len(told) == (1 if name == "ava-pbtxt" or not has_groups else 0)
    labels, told = read(name, path)
    assert [text for text in told if "official evaluator" not in text] == []
    assert len(labels) == (3 if has_groups else 2)
    first = 1 if name == "ava-pbtxt" else 0
    assert read_label_map(path).names == {first: "high jump", first + 1: "parkour"}
    if name == "labels-csv":
        assert labels == LABELS["kinetics-groups"]


IN_GROUPS = [
    Label(3, "shot put", "throwing things"),
    Label(1, "(VT) vault", "VT"),
    Label(3, "shot put", "athletics (track)"),
]


@pytest.mark.parametrize(
    ("name", "lost", "groups"),
    [
        ("ava-pbtxt", ["group"], [None, "VT"]),
        ("activitynet-pbtxt", ["group"], [None, None]),
        ("labels-csv", [], ["throwing things", "VT", "athletics (track)"]),
        ("labels-json", ["group"], [None, None]),
        ("finegym-categories", ["group"], [None, "VT"]),
        ("activitynet-taxonomy", ["other parent"], ["throwing things", "VT"]),
    ],
)
def test_a_class_of_several_groups_is_read_back_from_every_format(
    name: str, lost: list[str], groups: list[str | None], tmp_path: Path
) -> None:
    told = write(name, tmp_path / "map", IN_GROUPS)
    assert [one.partition("the ")[2].partition(" of ")[0] for one in told] == lost
    found, odd = read(name, tmp_path / "map")
    assert [(label.id, label.name, label.group) for label in found] == [
        (*label[:2], group) for label, group in zip(IN_GROUPS, groups, strict=False)
    ]
    assert odd == []


def test_groups_say_that_numbers_are_lost(tmp_path: Path) -> None:
    (told,) = write("kinetics-groups", tmp_path / "map", IN_GROUPS)
    assert told == (
        "warning (VT) vault: kinetics-groups does not say the number of this and 1 more; "
        "it is lost there"
    )
    alphabetical = [Label(0, "a", "x"), Label(1, "b", "y"), Label(0, "a", "y")]
    assert write("kinetics-groups", tmp_path / "map", alphabetical) == []


def test_a_taxonomy_has_each_number_once(tmp_path: Path) -> None:
    labels = [Label(1, "a"), Label(1, "b"), Label(2, "half \ud800")]
    assert [
        one.partition(": ")[2] for one in write("activitynet-taxonomy", tmp_path / "map", labels)
    ] == [
        "the number 1 is that of 'a' already",
        "expected a name of whole characters, found 'half \\ud800'",
    ]
    assert [label[:2] for label in read("activitynet-taxonomy", tmp_path / "map")[0]] == [(1, "a")]


def test_names_alone_stand_in_the_order_of_their_numbers(shared: Path, tmp_path: Path) -> None:
    labels, _ = read("kinetics-groups", shared / "kinetics" / "kinetics400_categories.json")
    (told,) = write("labels-txt", tmp_path / "map", labels)
    assert "group" in told
    assert read_label_map(tmp_path / "map").names == {label.id: label.name for label in labels}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ucf101-classes", "9999999999 a\n"),
        ("charades-classes", "c9999999999 a\n"),
        ("finegym-categories", "Clabel: 9999999999; a\n"),
        ("labels-json", '{"a": 9999999999}'),
        ("activitynet-taxonomy", '{"taxonomy": [{"nodeName": "a", "nodeId": 9999999999}]}'),
        ("activitynet-taxonomy", '{"taxonomy": [{"nodeName": "a", "nodeId": -1}]}'),
    ],
)
def test_a_number_that_other_formats_could_not_hold_is_told_of(
    name: str, text: str, tmp_path: Path
) -> None:
    path = tmp_path / "map"
    path.write_text(text)
    found, (told,) = read(name, path)
    assert found == []
    assert "number from 0 on, found" in told


NAMES = ["bend/bow (at the waist)", "crouch/kneel", "dance, a lot", "3 jumps"]
DRESSES = """{i}: {n}|{i}. {n}|{i}) {n}|({i}) {n}|[{i}] {n}|#{i} {n}|{i} {n}|{i}\t{n}|{i},{n}
{i},"{n}"|{i};{n}|{i} - {n}|{i} -> {n}|{i}={n}|{i} = {n}|{i:03d} {n}|class {i}: {n}|Action {i} {n}
{i}:{n}|  {i}: '{n}',|{n} {i}|{n}: {i}|{n}\t{i}|"{n}",{i}|{n};{i}|{n} = {i}|{n} ({i})|{n} - {i}"""
NUMBERED = [dress for line in DRESSES.splitlines() for dress in line.split("|")] + ["{i}|{n}"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("first", [0, 1, 100])
@pytest.mark.parametrize("dress", NUMBERED)
def test_numbers_keep_their_names_in_any_dress(dress, first, end, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(
        end.join(dress.format(i=number, n=name) for number, name in enumerate(NAMES, first)),
        newline="",
    )
    assert read_label_map(path).names == dict(enumerate(NAMES, first))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("id\tname\n1\tbend\n2\tcrouch\n", {1: "bend", 2: "crouch"}),
        ("class_id,class_name\n0,bend\n1,crouch\n", {0: "bend", 1: "crouch"}),
        ("names:\n  0: bend\n  1: crouch\n", {0: "bend", 1: "crouch"}),
        ("# of our film club\n\n1: bend\n2: crouch\n", {1: "bend", 2: "crouch"}),
        ("7 BaseballPitch\n9 Basketball\n12 Billiards\n", {7: "BaseballPitch", 9: "Basketball",
                                                          12: "Billiards"}),
        ("100 metres\n200 metres\n", {0: "100 metres", 1: "200 metres"}),
        ("10 pin bowling\n3 legged race\n", {0: "10 pin bowling", 1: "3 legged race"}),
        ("round 1\nround 2\n", {0: "round 1", 1: "round 2"}),
        ("1 turn\nsplit jump\n2 turns\n", {0: "1 turn", 1: "split jump", 2: "2 turns"}),
        ("4x4 driving\n3d printing\n", {0: "4x4 driving", 1: "3d printing"}),
        ("# ours\nbend\ncrouch\n", {0: "bend", 1: "crouch"}),
    ],
)  # fmt: skip
def test_numbers_that_are_words_of_names_stay_there(text, names, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(text)
    assert read_label_map(path).names == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1: bend\ncrouch\n2: dance\n", "as most are, found 'crouch'. Give each class its number"),
        ("1 bend\n2 crouch\ndance\n3 sit\n", "as most are, found 'dance'. Give each class its n"),
        ("bend,1\ncrouch,2\ndance\n", "as most are, found 'dance'. Give each class its number"),
        (
            "1,bend,MOVE\n2,sit,MOVE\n",
            "a number and a name in each line, found 3 cells. Put commas",
        ),
        ('["1: bend", "2: crouch"]', "every line holds a number and a name, like '12: waving'"),
        ("1: bend\n1: crouch\n", "the number 1 stands twice, the second time with 'crouch'"),
    ],
)
def test_lists_that_are_half_numbered_are_refused(text, message, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(text)
    with pytest.raises(FormatError) as caught:
        read_label_map(path)
    assert message in str(caught.value)


MARKED = """- {n}|* {n}|+ {n}|\u2022 {n}|\u2013 {n}|> {n}|- {i}: {n}|* {i}. {n}|- [ ] {n}
- **{i}** {n}|A{i}: {n}|A{i} {n}|- A{i}: {n}|C{i:03d} = {n}|verb {i}: {n}|1.{i} {n}|1.{i}: {n}
{a}) {n}|({a}) {n}|{a}. {n}|{a}: {n}|{a} {n}|{a}\t{n}|{a},{n}|{r}. {n}|{r}) {n}|{r} - {n}|{r} {n}
{circle} {n}|{i}\ufe0f\u20e3 {n}|{other}\uff09{n}|{other}\u3001{n}|{han}\u3001{n}"""
COUNTS = {
    "a": "abcd",
    "r": ["I", "II", "III", "IV"],
    "circle": "\u2460\u2461\u2462\u2463",
    "other": "\u0430\u0431\u0432\u0433",
    "han": "\u4e00\u4e8c\u4e09\u56db",
}


@pytest.mark.parametrize("mark", [mark for row in MARKED.splitlines() for mark in row.split("|")])
def test_marks_before_names_are_refused_and_never_a_part_of_them(mark, tmp_path: Path) -> None:
    rows = [
        mark.format(i=at + 1, n=name, **{kind: marks[at] for kind, marks in COUNTS.items()})
        for at, name in enumerate(NAMES)
    ]
    path = tmp_path / "list.txt"
    path.write_text("\n".join(rows))
    with pytest.raises(FormatError, match="expected a label map"):
        read_label_map(path)
    with pytest.raises(FormatError) as told:
        write("labels-txt", path, list(map(Label, range(4), rows)))
    assert repr(rows[0])[1:-1] in str(told.value)
    (tmp_path / "list.json").write_text(json.dumps(rows))
    with pytest.raises(FormatError, match="found a list "):
        read_label_map(tmp_path / "list.json")


@pytest.mark.parametrize(
    "text",
    [
        "| id | name |\n|---|---|\n| 1 | bend |\n| 2 | crouch |\n",
        "| Action | ID |\n|:--|--:|\n| bend | 1 |\n",
        "id | name\n---|---\n1 | bend\n2 | crouch\n",
        "name\n|--|\n|bend|\n|crouch|\n",
        "+---+------+\n| 1 | bend |\n+---+------+\n",
        "== ====\nid name\n== ====\n1  bend\n== ====\n",
    ],
)
def test_tables_are_no_label_maps(text: str, tmp_path: Path) -> None:
    path = tmp_path / "list.md"
    path.write_text(text)
    with pytest.raises(
        FormatError, match=r"found a table\. Where that is the name itself, write a"
    ):
        read_label_map(path)


@pytest.mark.parametrize(
    "names",
    [
        ["a capella", "bend"],
        ["x-ray", "i spy", "v sign"],
        ["A: go", "bend", "vitamin c"],
        ["v. sit", "bend", "sit"],
        ["t rex walk", "c section", "d day"],
        ["4x4 driving", "10,000 steps", "1.5 m dive"],
        ["1 turn", "2 turn", "3 turn"],
        ["(VT) round-off", "(VT) salto"],
        ["-- none", "bend"],
        ["level 1", "level 2", "level 3"],
    ],
)
def test_letters_that_are_words_of_names_stay_there(names: list[str], tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("\n".join(names))
    assert list(read_label_map(path).ids) == names


def test_names_alone_that_are_numbered_are_refused_or_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("1: bend\n2: crouch\n")
    with pytest.raises(FormatError, match="like '12: waving', where names alone are expected"):
        read("labels-txt", path)
    with pytest.raises(FormatError, match="where names alone are expected"):
        write("labels-txt", path, [Label(0, "1: bend"), Label(1, "2: crouch")])
    path.write_text("1 bend\n2 crouch\n")
    labels, (told,) = read("labels-txt", path)
    assert [label.name for label in labels] == ["1 bend", "2 crouch"]
    assert "each is read as a name" in told
    path.write_text("bend\ncrouch\n")
    with pytest.raises(FormatError, match="found names alone: choose labels-txt"):
        read("labels-numbered", path)


KEEP_SPACES = {"ava-pbtxt", "activitynet-pbtxt", "labels-json", "something-labels",
               "kinetics-groups"}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_spaces_around_a_name_are_kept_or_told_of(name: str, tmp_path: Path) -> None:
    path = tmp_path / "labels"
    labels = [Label(1, " bend ", "g"), Label(2, "sit\t", "g"), Label(3, "lie  down", "g")]
    told = [line for line in write(name, path, labels) if "spaces" in line]
    found = [label.name for label in read(name, path)[0]]
    if name in KEEP_SPACES:
        assert (found, told) == ([" bend ", "sit\t", "lie  down"], [])
        return
    assert found == ["bend", "sit", "lie  down"]
    (only,) = told
    assert only.startswith("warning  bend : ") and "spaces around the name" in only
    assert "of this" in only


def test_comments_among_names_are_told_of_and_never_written(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("# ours\nbend\n")
    assert read("labels-txt", path) == (
        [Label(0, "bend")],
        ["warning 1: a comment was left out, which others count as a class"],
    )
    told = write("labels-txt", path, [Label(0, "# ours"), Label(1, "bend")])
    assert told[0] == "error # ours: a line that begins with # is a comment, and no class"
    assert path.read_text() == "bend\n"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("bend\ncrouch\n", {1: "bend", 2: "crouch"}),
        ('["bend", "crouch"]', {1: "bend", 2: "crouch"}),
        ('{"low": ["crouch", "bend"]}', {1: "bend", 2: "crouch"}),
        ("1: bend\n2: crouch\n", {1: "bend", 2: "crouch"}),
        ("id,name\n3,bend\n", {3: "bend"}),
    ],
)
def test_for_boxes_names_alone_count_from_1(text, names, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(text)
    assert read_label_map(path, first_id=1).names == names


@pytest.mark.parametrize("text", ["0: bend\n1: crouch\n", "id,name\n0,bend\n", '{"bend": 0}'])
def test_for_boxes_numbers_from_0_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(text)
    assert 0 in read_label_map(path).names
    with pytest.raises(FormatError, match="'bend' has the number 0, and boxes' classes count from"):
        read_label_map(path, first_id=1)


@pytest.mark.parametrize("name", ["ava-pbtxt", "activitynet-pbtxt"])
def test_lists_of_ava_count_from_1(name: str, tmp_path: Path) -> None:
    path = tmp_path / "list.pbtxt"
    (told,) = write(name, path, [Label(0, "bend"), Label(1, "crouch")])
    assert "each number is written as one more: AVA's classes count from 1" in told
    assert read(name, path) == ([Label(1, "bend"), Label(2, "crouch")], [])
    path.write_text('item {\n  name: "bend"\n  id: 0\n}\n')
    labels, (told,) = read(name, path)
    assert labels == []
    assert told.startswith("error 1: expected a number of 1 or more, found 0: AVA's classes")


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("charades", "id,actions\na,c001 1.0 2.0\n"),
        ("finegym-split", "abcdefghijk_E_000001_000009_A_0001_0002 1\n"),
    ],
)
def test_lists_from_1_are_refused_where_numbers_count_from_0(name, row, tmp_path: Path) -> None:
    path = tmp_path / "rows"
    path.write_text(row)
    one = find_format(name)
    for number, label in [(0, "crouch"), (1, None)]:
        options = Options(labels=LabelMap.of_names(["bend", "crouch"], first_id=number))
        assert one.read is not None and one.write is not None
        if label is not None:
            (clip,) = one.read(path, options, Problems(path))
            assert clip.label == label
            continue
        with pytest.raises(ConfigError, match="counts its 2 classes from 1, and"):
            list(one.read(path, options, Problems(path)))
        with pytest.raises(ConfigError, match="counts its 2 classes from 1, and"):
            one.write(tmp_path / "out", [], options, Problems(path))


def test_classes_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("id,name\n2,c\n0,a\n1,b\n")
    labels = read_label_map(path)
    assert [labels.index(name) for name in "abc"] == [0, 1, 2]
    path.write_text("id,name\n30,c\n10,a\n")  # gaps: the lines are the order
    assert [label.name for label in read_label_map(path)] == ["c", "a"]


@pytest.mark.parametrize("mark", ["\uff1a", "\uff0e", "\u3001", "\uff0c"])
def test_lists_in_full_width_are_numbered_lists(mark: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"\uff11{mark}bend\n\uff11\uff13{mark}crouch\n")
    assert read_label_map(tmp_path / "a.txt").names == {1: "bend", 13: "crouch"}
