"""Classes before the owner: versions of what workers are told, examples, ways and targets."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from kinetics_builder.crowd.class_texts.versions import ClassText, read_versions
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import ClassEdit, ClassVersion, Label, OwnerAct, Task
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.ways import Way
from pipelines.classes.importing import import_classes
from pipelines.cli import group
from pipelines.publishing.curating.edits import record_edits, undo_edit
from tests.annotation_ui.conftest import LABELS
from tests.annotation_ui.owner.conftest import open_owner

WAVING = "/owner/classes/1"


def post(owner, path, **fields):
    return owner.browser.post(path, data={"csrf_token": owner.token("/owner"), **fields})


def tell(world, *words):
    run = ["-C", str(world.workspace.root), "classes", "text", "Waving hand", *words]
    result = CliRunner().invoke(group, run)
    assert result.exit_code == 0, result.output
    return result.output


def label(world, number=1):
    with reading(world.workspace.engine) as session:
        found = session.get_one(Label, number)
        session.expunge(found)
        return found


def test_what_is_saved_is_a_version_more_and_workers_see_the_newest(make_world) -> None:
    world = make_world([3])
    app = world.app()
    person, owner = world.client(app=app).log_in(), open_owner(world, app)
    assert person.next()["description"] == "A hand moves to and fro."
    person.answer(person.next()["slot"])
    words = {"description": "A  hand moves\nto and fro, <twice>.", "example": "hello"}
    assert post(owner, WAVING, **words, why="once is no wave").status_code == 302
    told = person.browser.get("/classes/1").text
    assert "A hand moves to and fro, &lt;twice&gt;." in told
    facts = json.loads(tell(world, "--json"))
    assert [(one["by"], one["reason"]) for one in facts["versions"]] == [
        ("classes file", "as the classes file had it"),
        ("owner", "once is no wave"),
    ]
    assert sum(one["num_answers"] for one in facts["versions"]) == 1
    assert tell(world, "--compare", "1", "2").splitlines() == [
        "description: A hand moves to and [-fro.-] {+fro, <twice>.+}",
        "example: [-saying goodbye-] {+hello+}",
    ]
    page = owner.browser.get(f"{WAVING}?old=1&new=2").text
    assert "<del>fro.</del>" in page and "<ins>fro, &lt;twice&gt;.</ins>" in page
    post(owner, f"{WAVING}/restore", number="1", why="")
    assert label(world).description == "A hand moves to and fro."
    with reading(world.workspace.engine) as session:
        assert session.scalar(select(func.count(ClassVersion.id))) == 3
        acts = session.scalars(select(OwnerAct.why).where(OwnerAct.act == "changed a class")).all()
    assert acts == ["version 2: once is no wave", "version 3: as in version 1"]


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"description": "new", "why": " "}, 409, "say why"),
        ({"description": "x" * 1001, "why": "w"}, 409, "1,001 letters"),
        ({"example": "a\u202eb", "why": "w"}, 409, "U+202E"),
        ({"description": "A hand moves to and fro.", "why": "w"}, 409, "says so already"),
        ({"target": "many", "why": "w"}, 400, "no number"),
        ({"target": "0", "why": "w"}, 409, "give 1 or more"),
        ({"way": "dance", "why": "w"}, 400, "not one of clip, grid, stream"),
    ],
)
def test_what_cannot_be_saved_is_told_and_nothing_is_written(
    make_world, fields, status, said
) -> None:
    world = make_world([1])
    owner = open_owner(world, world.app())
    reply = post(owner, WAVING, **fields)
    assert (reply.status_code, said in reply.text) == (status, True)
    assert post(owner, "/owner/classes/99", why="w").status_code == 404
    assert post(owner, f"{WAVING}/restore", number="7").status_code == 409
    with reading(world.workspace.engine) as session:
        assert session.scalar(select(func.count(ClassVersion.id))) == 0


def test_a_clip_becomes_an_example_that_every_worker_may_see(make_disputes) -> None:
    world = make_disputes(6, num_gold=1)
    app = world.app()
    person, owner = world.client(4, app=app).log_in(), open_owner(world, app)
    assert person.browser.get("/clips/2.mp4").status_code == 404
    assert post(owner, "/owner/clips/2/example", which="accepted").location == "/owner/clips/2"
    post(owner, "/owner/clips/5/example", which="refused")
    gold = post(owner, "/owner/clips/1/example", which="accepted")
    assert (gold.status_code, "would tell the answer" in gold.text) == (409, True)
    known = post(owner, "/owner/clips/2/gold", answer="yes")
    assert (known.status_code, "is an example" in known.text) == (409, True)
    with person.browser.get("/clips/2.mp4") as sent:
        assert sent.status_code == 200
    text = person.browser.get("/classes/1").text
    assert "These show it" in text and "/clips/2.mp4" in text
    assert person.next()["examples"] == "/classes/1"
    post(owner, "/owner/clips/2/example", which="refused")
    assert "These show it" not in person.browser.get("/classes/1").text
    post(owner, WAVING, without="2", why="too dark")
    other = world.client(5, app=app).log_in()
    assert other.browser.get("/clips/2.mp4").status_code == 404
    assert label(world).num_examples == 1, "the other stays"


def test_nobody_is_asked_about_more_of_a_class_that_is_full(make_disputes) -> None:
    world = make_disputes(6)
    app = world.app()
    person, owner = world.client(4, app=app).log_in(), open_owner(world, app)
    post(owner, WAVING, target="1", why="one is enough")
    assert not label(world).is_full
    assert {one["label"] for one in (person.next(),)} == {"waving hand"}
    post(owner, "/owner/clips/1/rule", verdict="accepted", reason="seen")
    assert label(world).is_full and "full" in owner.browser.get("/owner/classes").text
    assert {one["label"] for one in person.answer_all("no")} == set(LABELS[1:])
    post(owner, "/owner/clips/1/rule", verdict="rejected", reason="looked again")
    assert not label(world).is_full
    assert person.next()["label"] == "waving hand", "one that is missing is asked for again"
    post(owner, "/owner/clips/1/rule", verdict="accepted", reason="after all")
    assert person.next() is None
    post(owner, WAVING, target="", why="all of them")
    assert person.next() is not None


def test_a_task_whose_classes_are_all_full_is_finished(make_world) -> None:
    world = make_world([1, 1])
    owner = open_owner(world, world.app())
    world.client(0).log_in().answer_all("yes")
    world.client(1).log_in().answer_all("yes")
    world.client(2).log_in().answer_all("yes")
    with writing(world.workspace.engine) as session:
        session.get_one(Task, 1).is_finished = False
    post(owner, WAVING, target="1", why="enough")
    with reading(world.workspace.engine) as session:
        assert session.get_one(Task, 1).is_finished and session.get_one(Label, 1).is_full


def test_the_classes_file_speaks_again_only_when_it_says_something_else(make_world) -> None:
    world = make_world([1])
    owner = open_owner(world, world.app())

    def collect(description):
        others = [ClassEntry(name=name) for name in LABELS[1:]]
        said = {"description": description, "example": "saying goodbye"}
        with writing(world.workspace.engine) as session:
            import_classes(session, [ClassEntry(name=LABELS[0], **said), *others])

    collect("A hand moves to and fro.")
    post(owner, WAVING, description="Mine.", way="grid", target="9", why="better")
    collect("A hand moves to and fro.")
    assert (label(world).description, label(world).way) == ("Mine.", Way.GRID)
    collect("The file's.")
    assert (label(world).description, label(world).way) == ("The file's.", None)
    collect("The file's.")
    with reading(world.workspace.engine) as session:
        versions = read_versions(session, session.get_one(Label, 1))
    assert [one.by for one in versions] == ["classes file", "owner", "classes file"]
    assert versions[-1].text == ClassText("The file's.", "saying goodbye", target=9)


def test_a_version_is_never_changed(make_world) -> None:
    world = make_world([1])
    post(open_owner(world, world.app()), WAVING, description="Mine.", why="better")
    with (
        pytest.raises(DBAPIError, match="only ever added"),
        writing(world.workspace.engine) as session,
    ):
        session.scalars(select(ClassVersion)).first().description = "Another."


def test_the_edits_stand_below_the_classes_with_who_wanted_them_and_why(
    make_world, tmp_path
) -> None:
    world = make_world([3])
    owner = open_owner(world, world.app())
    assert "<h2>Edits</h2>" not in owner.browser.get("/owner/classes").text
    first, second = sorted(LABELS)[:2]
    edits = tmp_path / "edits.txt"
    edits.write_text(f"author: Ana\nreason: <rare>\nrename {first} -> other\ndrop {second}\n")
    with writing(world.workspace.engine) as session:
        record_edits(session, edits)
        undo_edit(session, 2)
    shown = owner.browser.get("/owner/classes").text
    assert f"rename {first} -&gt; other" in shown and "&lt;rare&gt;" in shown and "Ana" in shown
    assert f"<s>drop {second}</s> <small>undone</small>" in shown


SAID = {"author": "Ana", "reason": "one action", "evidence": "evidence/hands.html"}


def test_an_edit_is_shown_before_it_is_recorded_with_all_that_is_said_of_it(make_world) -> None:
    world = make_world([3])
    owner = open_owner(world, world.app(edits=True))
    edit = {"text": "merge  waving hand + clapping -> hands", **SAID}
    shown = post(owner, "/owner/classes/plan", **edit)
    assert shown.status_code == 200 and "merge waving hand + clapping -&gt; hands" in shown.text
    assert "Nothing is recorded yet" in shown.text and edits(world) == []
    known = {"num_known": "0"}
    assert post(owner, "/owner/classes/edits", **edit, **known).location.endswith("#edits")
    assert edits(world) == [("merge waving hand + clapping -> hands", *SAID.values())]
    page = owner.browser.get("/owner/classes").text
    assert "evidence/hands.html" in page and "edit=undo+1" in page
    late = post(owner, "/owner/classes/edits", **SAID, **known, text="drop jumping")
    assert (late.status_code, "recorded meanwhile" in late.text) == (409, True)
    undone = post(owner, "/owner/classes/edits", **SAID, num_known="1", text="undo 1")
    assert undone.status_code == 302 and len(edits(world)) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"reason": " "}, "Say the reason", id="no reason"),
        pytest.param({"evidence": ""}, "Say the evidence", id="no evidence"),
        pytest.param({"author": "x" * 81}, "Say the author in 1 to 80", id="a long author"),
        pytest.param({"text": "drop nothing at all"}, "nothing at all", id="no such class"),
        pytest.param({"text": "delete jumping"}, "Known: merge, split", id="no edit"),
    ],
)
def test_an_edit_that_makes_no_sense_or_says_no_reason_is_refused(
    make_world, change, message
) -> None:
    world = make_world([3])
    owner = open_owner(world, world.app(edits=True))
    said = {"text": "drop jumping", "num_known": "0", **SAID, **change}
    for path in ("/owner/classes/plan", "/owner/classes/edits"):
        refused = post(owner, path, **said)
        assert (refused.status_code, message in refused.text) == (400, True), refused.text
    assert edits(world) == []


def test_nobody_edits_classes_where_nobody_knows_what_edits_do(make_world) -> None:
    owner = open_owner(world := make_world([3]), world.app())
    assert "Change the classes" not in owner.browser.get("/owner/classes").text
    said = {"text": "drop jumping", "num_known": "0", **SAID}
    assert post(owner, "/owner/classes/edits", **said).status_code == 404


def edits(world) -> list[tuple[str, ...]]:
    with reading(world.workspace.engine) as session:
        rows = session.scalars(select(ClassEdit).order_by(ClassEdit.id))
        return [(row.text, row.author, row.reason, row.evidence) for row in rows]
