"""The language of edits."""

import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.curation.edits import (
    Drop,
    Edit,
    Filter,
    Merge,
    Move,
    Rename,
    Restore,
    SplitLabel,
    Undo,
)
from kinetics_builder.curation.edits_file import EditLine, read_edits
from kinetics_builder.curation.language import parse_edit
from kinetics_builder.errors import FormatError

labels = st.from_regex(r"[a-zA-Zé(][a-zA-Z+#|'é)]{0,6}( [a-z]{1,5})?", fullmatch=True)
several = st.lists(labels, min_size=2, max_size=4, unique=True).map(tuple)
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(Merge, several, labels),
    st.builds(SplitLabel, labels, several),
    st.builds(SplitLabel, labels, st.just(())),
    several.map(lambda names: Rename(names[0], names[1])),
    several.map(lambda names: Move(names[0], names[1])),
    st.builds(Drop, labels),
    st.builds(Restore, labels),
    st.builds(Filter, st.integers(1, 99), st.sampled_from([0.0, 0.25, 0.5])),
    st.builds(Undo, st.integers(0, 99)),
)


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("merge A + B -> C", Merge(("A", "B"), "C")),
        ("merge  A +  B + c++ ->  A", Merge(("A", "B", "c++"), "A")),
        ("split A -> X | Y", SplitLabel("A", ("X", "Y"))),
        ("split riding -> by answers", SplitLabel("riding", ())),
        ("rename long jump -> long jumping", Rename("long jump", "long jumping")),
        ("drop swinging (other)", Drop("swinging (other)")),
        ("filter min_clips=20", Filter(min_clips=20)),
        ("filter min_yes_rate=0.5 min_clips=3", Filter(min_clips=3, min_yes_rate=0.5)),
        ("undo 3", Undo(3)),
        ("move long jump -> athletics", Move("long jump", "athletics")),
        ("restore long jump", Restore("long jump")),
    ],
)
def test_each_form_is_understood(text: str, edit: Edit) -> None:
    assert parse_edit(text) == edit


@settings(max_examples=150, deadline=None)
@given(edits)
def test_an_edit_written_down_is_read_back_the_same(edit: Edit) -> None:
    assert parse_edit(str(edit)) == edit


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "join A + B",
            r"unknown edit 'join'. Known: merge, split, rename, move, drop, filter, undo, restore",
        ),
        ("merge A -> B", r"two different labels or more. Write `merge A \+ B -> C`"),
        ("merge A + B", r"`->` is missing. Write `merge"),
        ("merge A + A + B -> C", r"twice"),
        ("rename A -> A", r"the same"),
        ("rename A -> B -> C", r"no label"),
        ("drop", r"'' is no label. Write `drop A`"),
        ("rename A -> B\0", r"'rename A -> B\\x00' holds the control character U\+0000"),
        ("drop A\x0cdrop B", r"holds the control character U\+000C; remove it"),
        ("drop ice\ufeff skating", r"holds the invisible character U\+FEFF"),
        ("split A ->", r"'' is no label"),
        ("split A -> X | X", r"twice"),
        ("filter clips=3", r"found 'clips=3'. Write `filter min_clips=20`"),
        ("filter min_clips=many", r"no number"),
        ("filter min_yes_rate=2", r"in \(0, 1\]"),
        ("filter", r"min_clips must be 1 or more"),
        ("undo it", r"'it' is no number"),
        ("move A", r"`->` is missing. Write `move A -> GROUP`"),
        ("move A -> A", r"'A' would be in itself"),
        ("restore", r"'' is no label. Write `restore A`"),
        ("split A -> Cutting wood | cutting wood!", r"overlap: .* Keep one of them"),
        ("author:", r"expected 1 to 80 characters behind `author:`, found 0"),
        (f"reason: {'x' * 1001}", r"expected 1 to 1000 characters behind `reason:`, found 1001"),
        ("reason: a\0b", r"holds the control character U\+0000"),
        ("split A -> X; Y", r"'X; Y' would be one name, with ';' in it. Write ` \| ` between"),
        ("split A -> X|Y", r"'X\|Y' would be one name, with '\|' in it"),
        ("rename A -> B; C", r"'B; C' would be one name"),
        ("rename A -> B | C", r"'B \| C' would be one name"),
        ("merge A + B -> C + D", r"'C \+ D' would be one name, with ' \+ ' in it"),
        ("merge A + B -> C; merge D + E -> F", r"no label|would be one name"),
        ("merge;A;B;C", r"unknown edit 'merge;A;B;C'"),
        ("rename\tA\tB", r"is a row of cells parted by tabs, and no edit"),
        (f"drop {'x' * 101}", r"at most 100 characters, found 101"),
    ],
)
def test_a_wrong_line_is_named_with_what_to_write_instead(
    tmp_path: Path, line: str, message: str
) -> None:
    path = tmp_path / "edits.txt"
    path.write_text(f"# edits\n\n{line}\n")
    with pytest.raises(FormatError, match=message) as caught:
        read_edits(path)
    assert str(caught.value).startswith(f"{path}:3: ")


def test_labels_of_a_file_are_spelled_as_the_list_of_classes_has_them(tmp_path: Path) -> None:
    path = tmp_path / "edits.txt"
    path.write_text("drop\tcafe\u0301\u00a0dancing\n")
    assert read_edits(path) == [EditLine(1, Drop("caf\xe9 dancing"))]


def test_who_why_and_what_shows_it_stand_beside_the_edits(tmp_path: Path) -> None:
    path = tmp_path / "edits.txt"
    path.write_text(
        "# all\n\n  drop A   # never seen\ndrop C#\nauthor: Ana\n# of the next one:\n"
        "reason: both find the same  # so it is\n\nevidence: pages/a.html#top\nmerge B + D -> B\n"
        "drop E # idle\nauthor: Bo\nreason: said here\ndrop F # and here\n"
    )
    assert read_edits(path) == [
        EditLine(3, Drop("A"), reason="never seen"),
        EditLine(4, Drop("C#")),
        EditLine(10, Merge(("B", "D"), "B"), "Ana", "both find the same", "pages/a.html#top"),
        EditLine(11, Drop("E"), "Ana", "idle"),
        EditLine(14, Drop("F"), "Bo", "said here"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("drop A\nreason: too late\n", r"edits\.txt:2: no edit follows this reason\. Write it"),
        ("evidence: a\nevidence: b\ndrop A", r"edits\.txt:2: line 1 has the evidence of the next"),
    ],
)
def test_what_is_said_of_no_edit_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "edits.txt"
    path.write_text(text)
    with pytest.raises(FormatError, match=message):
        read_edits(path)


@pytest.mark.parametrize("content", [None, b"drop \xff"], ids=["missing", "not UTF-8"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "edits.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FormatError, match=r"edits\.txt: "):
        read_edits(path)


def test_the_file_in_the_documentation_is_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "curation.md").read_text(encoding="utf-8")
    block = page[page.index("    author: Ana") : page.index("\n`author:` is of all")]
    path = tmp_path / "edits.txt"
    path.write_text(textwrap.dedent(block))
    first, *others = read_edits(path)
    assert (first.author, first.evidence) == ("Ana", "evidence/riding.html")
    verbs = [str(line.edit).split()[0] for line in others]
    assert verbs == ["split", "rename", "move", "drop", "filter"]
