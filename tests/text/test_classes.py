from pathlib import Path
from textwrap import dedent

import pytest

from kinetics_builder.errors import ClassesError
from kinetics_builder.text.class_list.classes import read_classes
from kinetics_builder.text.class_list.entries import ClassEntry, Query
from kinetics_builder.ways import Way


def written(folder: Path, text: str | bytes, name: str = "classes.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_line_is_a_name_queries_and_a_group(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "\ufeff# actions\r\n\r\nwaving hand # hello\r\n"
        "folding paper | origami; paper crane | crafts\r\npassing American football (in game)\r\n",
    )
    assert read_classes(path) == (
        ClassEntry(name="waving hand", line=3),
        ClassEntry(
            name="folding paper",
            queries=(Query("en", "origami"), Query("en", "paper crane")),
            groups=("crafts",),
            line=4,
        ),
        ClassEntry(name="passing American football (in game)", line=5),
    )


YAML = """
- waving hand
- name: folding paper
  queries: {en: [origami], pt: [dobrar papel, "papel: dobrar"]}
  synonyms: [paper folding]
  negative_words: no
  description: Somebody folds a sheet.
  example: https://example.org/fold.jpg
  group: crafts
  verify: grid
"""


def test_yaml_may_be_a_list(tmp_path: Path) -> None:
    waving, folding = read_classes(written(tmp_path, YAML, "classes.yaml"))
    assert waving == ClassEntry(name="waving hand", line=2)
    assert folding.queries == (
        Query("en", "origami"),
        Query("pt", "dobrar papel"),
        Query("pt", "papel: dobrar"),
    )
    assert folding.negative_words == ("no",)
    assert (folding.groups, folding.line) == (("crafts",), 3)
    assert (waving.way, folding.way) == (None, Way.GRID)


def test_yaml_may_be_a_mapping(tmp_path: Path) -> None:
    text = "waving hand:\nfolding paper:\n  queries: origami\n"
    waving, folding = read_classes(written(tmp_path, text, "classes.yml"))
    assert waving == ClassEntry(name="waving hand", line=1)
    assert folding == ClassEntry(name="folding paper", queries=(Query("en", "origami"),), line=2)


def test_names_are_kept_in_one_spelling_and_help_in_one_line(tmp_path: Path) -> None:
    text = "- name: cafe\u0301\u00a0 dancing\n  description: |\n    Two\n    lines\n"
    (entry,) = read_classes(written(tmp_path, text, "classes.yaml"))
    assert (entry.name, entry.description) == ("caf\xe9 dancing", "Two lines")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "no classes. Write one class name a line", id="empty"),
        pytest.param("# only\n\n", "no classes", id="only comments"),
        pytest.param(
            "label,youtube_id,time_start,time_end,split\nwaving,x,0,10,train\n",
            r": expected names alone, one a line, found a table of label, youtube_id, time_start",
            id="released clips",
        ),
        pytest.param(
            "# Kinetics\nid,name\n0,waving\n", "found a table of id, name", id="a table of classes"
        ),
        pytest.param(b"waving\nha\xfcnd\n", r":2: not UTF-8: byte 0xfc at offset 9", id="Latin-1"),
        pytest.param("a b\nc\nA  B\n", r":3: 'A  B' stands in line 1 already", id="twice"),
        pytest.param(
            "x" * 101, r":1: the name has 101 characters, expected at most 100", id="long"
        ),
        pytest.param("wa\x07ve\n", r":1: .* control character U\+0007", id="control character"),
        pytest.param("a\n\ufeffwave\n", r":2: .* invisible character U\+FEFF", id="second mark"),
        pytest.param("wave | wa\u200bve", r":1: .* invisible character U\+200B", id="query"),
        pytest.param("wave | | gr\u202ep", r":1: .* invisible character U\+202E", id="odd group"),
        pytest.param("cafe\u0301\ncaf\xe9\n", r":2: .* in line 1 already", id="composed twice"),
        pytest.param("a\xa0b\na b\n", r":2: .* in line 1 already", id="odd spaces"),
        pytest.param("| query\n", r":1: the class has no name", id="no name"),
        pytest.param("a | b | c | d\n", r":1: 4 parts between", id="too many parts"),
        pytest.param("???\n", r":1: '\?\?\?' has no letters", id="no letters"),
        pytest.param("- wave\n- bow\n", "found a list with bullets, like '- wave'", id="bullets"),
        pytest.param("1. wave\n2. bow\n", "counts its lines, like '1. wave'", id="numbers"),
        pytest.param("a) wave | hi\nb) bow\n", r"counts its lines, like 'a\) wave'", id="letters"),
        pytest.param("i. wave\nii. bow\n", "expected names alone, one a line", id="Roman"),
        pytest.param("|wave|\n|---|\n|bow|\n", "found a table. Take off what", id="table"),
        pytest.param("- name: wave\n", "YAML belongs in a file that ends in .yaml", id="YAML"),
        pytest.param("a | | " + "g" * 101, "the group has 101 characters", id="group"),
        pytest.param("a | " + "q" * 201, r"has 201 characters, expected at most 200", id="term"),
    ],
)
def test_a_bad_list_names_file_line_and_remedy(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ClassesError, match=message) as error:
        read_classes(path)
    assert str(error.value).startswith(str(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "- {nam: a}", r":1: unknown key 'nam' in a class. Known here: id, name", id="typo"
        ),
        pytest.param("a:\n  grup: b", r":2: unknown key 'grup' in class 'a'", id="typo below"),
        pytest.param("- {group: a}", r":1: a class is a mapping, expected .* `name`", id="no name"),
        pytest.param("just text", r":1: the file is a text, expected a list", id="a text"),
        pytest.param("a: {queries: {English!: b}}", "'English!' is no language code", id="code"),
        pytest.param("- [a]", r":1: a class is a list, expected a mapping", id="a list in a list"),
        pytest.param("a: {queries: {en: {b: c}}}", r"queries in 'en' is a mapping", id="too deep"),
        pytest.param("a: {group: b, group: c}", r"'group' stands twice", id="key twice"),
        pytest.param("a:\nb:\na:\n", r":3: 'a' stands in line 1 already", id="class twice"),
        pytest.param("a: [b\n", r":2: .*Mend the YAML", id="no YAML"),
        pytest.param(
            "- a\n- b\x07\n", r":2: the control character U\+0007", id="control character"
        ),
        pytest.param("null", "no classes", id="nothing"),
        pytest.param(
            "a:\n  verify: wall",
            r":2: verify is 'wall', expected one of clip, grid, stream\.",
            id="way",
        ),
        pytest.param(
            'a:\n  description: "x\\0"', r":1: .* control character U\+0000", id="help with NUL"
        ),
        pytest.param('- name: "a\\uD800"', r":1: .* invalid Unicode character", id="half"),
        pytest.param(
            f"a:\n  example: {'x' * 1001}", "the example has 1001 characters", id="long example"
        ),
    ],
)
def test_bad_yaml_names_file_line_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ClassesError, match=message):
        read_classes(written(tmp_path, text, "classes.yaml"))


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ClassesError, match="no such file"):
        read_classes(tmp_path / "classes.txt")
    with pytest.raises(ClassesError, match="this is a folder"):
        read_classes(tmp_path)


def test_the_lists_of_kinetics_are_read(shared: Path) -> None:
    assert len(read_classes(shared / "kinetics" / "label_map_k700.txt")) == 700


def test_the_classes_of_the_readme_are_read_as_it_says(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## The classes file")[2].partition("\n## ")[0]
    plain, yaml = (part for part in section.split("\n\n") if part.startswith("    "))
    for name, text in (("classes.txt", plain), ("classes.yaml", yaml)):
        (tmp_path / name).write_text(dedent(text), encoding="utf-8")
    names = [entry.name for entry in read_classes(tmp_path / "classes.txt")]
    assert names == ["arm wrestling", "carving ice", "using segway"]
    (entry,) = read_classes(tmp_path / "classes.yaml")
    assert (entry.negative_words, entry.synonyms) == (("thumb",), ("armwrestling",))


def test_a_question_mark_within_braces_is_text(tmp_path: Path) -> None:
    (tmp_path / "classes.yaml").write_text("{waving: {description: Is it a hand?}}\n")
    (only,) = read_classes(tmp_path / "classes.yaml")
    assert only.description == "Is it a hand?"
