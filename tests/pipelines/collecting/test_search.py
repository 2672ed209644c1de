"""Stage search: from the list of classes to listed videos."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, Label, LabelTerm, SearchHit, Setting, Term, Video
from kinetics_builder.errors import ClassesError, ItemFailed, Reason, SourceError, StageOrderError
from kinetics_builder.text.class_list.entries import ClassEntry, Query
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting import search as module
from pipelines.collecting.classes import asked_of, entries_of, lacking, remember
from pipelines.collecting.collect import collect
from pipelines.running.runner import run_stage
from pipelines.sources.source import Asked, Fetched, Found, Limits, Request

YOGA = ClassEntry(
    name="yoga",
    queries=(Query("en", "hatha yoga"), Query("pt", "ioga")),
    synonyms=("yogic exercise",),
    negative_words=("pants",),
    groups=("sports",),
)
ZUMBA = ClassEntry(name="zumba")


@dataclass(frozen=True)
class FakeSource:
    """Lists what it was given for a query."""

    answers: tuple[tuple[str, tuple[str, ...]], ...]
    given: bool = False
    refusal: str | None = None

    is_local: bool = True

    def requests(self, asked: Sequence[Asked]) -> list[Request]:
        return [
            Request(
                key=f"{a.label}: {a.query}",
                query=a.query,
                label=a.label,
                is_given=self.given,
                refusal=self.refusal,
            )
            for a in asked
        ]

    def search(self, query: str, limit: int) -> Iterable[Found]:
        if query == "zumba":
            raise ItemFailed(Reason.RATE_LIMITED, "too many requests")
        names = dict(self.answers).get(query, ())
        return [Found(name, f"https://x/{name}", f"{name} title", 5.0) for name in names][:limit]

    def fetch(self, url: str, folder: Path, limits: Limits) -> Fetched:
        pytest.fail(f"search must not fetch, but asked for {url}")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace.create(tmp_path / "workspace", "[download]\nrate_limit_seconds = 0.1\n")
    with writing(workspace.engine) as session:
        import_classes(session, [YOGA])
    return workspace


def run(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, source: FakeSource) -> Any:
    monkeypatch.setattr(module, "open_source", lambda spec, config: source)
    return run_stage(workspace, module.stage(workspace))


def rows(workspace: Workspace) -> list[tuple[str, str, int]]:
    with reading(workspace.engine) as session:
        hits = session.execute(
            select(Video.video_id, SearchHit.query, SearchHit.rank)
            .join(SearchHit, SearchHit.video_id == Video.id)
            .order_by(SearchHit.query, SearchHit.rank)
        )
        return [(hit.video_id, hit.query, hit.rank) for hit in hits]


def test_videos_and_hits_are_written_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FakeSource((("yoga", ("b", "a", "b")), ("ioga", ("a",))))
    report = run(workspace, monkeypatch, source)
    assert (report.num_items, report.num_done) == (3, 3)
    assert rows(workspace) == [("a", "ioga", 0), ("b", "yoga", 0), ("a", "yoga", 1)]
    assert run(workspace, monkeypatch, source).num_new == 0
    with reading(workspace.engine) as session:
        first = session.scalars(select(Video).order_by(Video.video_id)).first()
        assert first is not None
        assert (first.title, first.url, first.source) == (
            "a title",
            "https://x/a",
            "search:ytsearch",
        )
        assert first.listed_duration_seconds == 5.0


def test_a_new_class_asks_its_own_queries_alone(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FakeSource((("yoga", ("a",)), ("tai chi", ("b",))))
    run(workspace, monkeypatch, source)
    with writing(workspace.engine) as session:
        import_classes(session, [YOGA, ClassEntry(name="tai chi")])
    assert run(workspace, monkeypatch, source).num_new == 1


def test_a_query_that_fails_is_a_row_with_a_reason(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(workspace.engine) as session:
        import_classes(session, [YOGA, ZUMBA])
    report = run(workspace, monkeypatch, FakeSource((("yoga", ("a",)),)))
    assert report.failures == {"rate-limited": 1}
    assert rows(workspace) == [("a", "yoga", 0)]


def test_a_source_that_cannot_answer_stops_and_writes_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceError, match="the folder is gone"):
        run(workspace, monkeypatch, FakeSource((), refusal="the folder is gone"))
    with reading(workspace.engine) as session:
        assert session.scalars(select(Video)).all() == []
        assert {row.state.value for row in session.scalars(select(Item))} == {"pending"}


def test_a_given_label_is_remembered_with_the_hit(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(workspace, monkeypatch, FakeSource((("yoga", ("a",)),), given=True))
    assert rows(workspace) == [("a", module.GIVEN, 0)]


def test_without_classes_the_next_step_is_named(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "empty")
    with pytest.raises(StageOrderError, match="Run `kbuild collect --classes FILE` first"):
        run_stage(workspace, module.stage(workspace))


def test_the_limit_of_collect_is_remembered(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = FakeSource((("yoga", ("a", "b", "c")),))
    with writing(workspace.engine) as session:
        remember(session, tmp_path / "classes.txt", "search:ytsearch", 2)
    run(workspace, monkeypatch, source)
    assert [row[0] for row in rows(workspace)] == ["a", "b"]
    with reading(workspace.engine) as session:
        settings = {row.key: row.value for row in session.scalars(select(Setting))}
    assert settings["source"] == "search:ytsearch"
    assert settings["classes_file"] == str(tmp_path.resolve() / "classes.txt")


def test_classes_come_back_as_they_were_and_twice_changes_nothing(workspace: Workspace) -> None:
    def ids() -> list[int]:
        with reading(workspace.engine) as session:
            return [*session.scalars(select(LabelTerm.id).order_by(LabelTerm.id))]

    before = ids()
    with writing(workspace.engine) as session:
        import_classes(session, [YOGA])
    assert ids() == before
    with reading(workspace.engine) as session:
        (entry,) = entries_of(session)
    assert entry == replace(YOGA, groups=())


def test_changed_terms_are_changed_and_gone_classes_are_retired(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        import_classes(session, [ZUMBA])
    with writing(workspace.engine) as session:
        labels = {label.name: label.is_retired for label in session.scalars(select(Label))}
        assert labels == {"yoga": True, "zumba": False}
        assert [entry.name for entry in entries_of(session)] == ["zumba"]
        import_classes(session, [replace(YOGA, queries=(), description="stretching")])
    with reading(workspace.engine) as session:
        yoga = session.scalars(select(Label).where(Label.name == "yoga")).one()
        assert (yoga.is_retired, yoga.description) == (False, "stretching")
        assert {term.kind for term in yoga.terms} == {Term.SYNONYM, Term.NEGATIVE}


def test_the_name_is_asked_first_and_nothing_twice() -> None:
    entry = ClassEntry(name="Hatha Yoga (sport)", queries=(Query("en", "hatha-yoga sport"),))
    assert asked_of([entry, YOGA]) == [
        Asked("Hatha Yoga (sport)", "hatha yoga sport"),
        Asked("yoga", "yoga"),
        Asked("yoga", "hatha yoga"),
        Asked("yoga", "ioga"),
    ]


def test_a_label_of_another_spelling_is_taken_up_under_the_one_it_has_now(
    workspace: Workspace,
) -> None:
    with writing(workspace.engine) as session:
        session.add_all([Label(name="cafe\u0301  dancing"), Label(name="a  b"), Label(name="a b")])
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="caf\xe9 dancing"), ClassEntry(name="a b")])
    with reading(workspace.engine) as session:
        rows = {row.name: (row.id, row.is_retired) for row in session.scalars(select(Label))}
    del rows["yoga"]
    assert rows == {"caf\xe9 dancing": (2, False), "a  b": (3, True), "a b": (4, False)}


CAPOEIRA = ClassEntry(
    name="capoeira",
    queries=(
        Query("pt-BR", "capoeira"),
        Query("pt-BR", "roda de capoeira"),
        Query("es", "la roda"),
    ),
)


def test_queries_are_asked_in_the_languages_that_are_named() -> None:
    def asked(*languages: str) -> list[str]:
        return [one.query for one in asked_of([CAPOEIRA], languages)]

    assert asked() == ["capoeira", "roda de capoeira", "la roda"]
    assert asked("pt") == asked("pt-BR") == asked("PT") == ["capoeira", "roda de capoeira"]
    assert asked("es", "en") == ["capoeira", "la roda"]
    assert lacking([CAPOEIRA], ["en", "es", "pt"]) is None


def test_a_language_without_queries_is_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w", "[search]\nlanguages = ['pt', 'fr']\n")
    file = tmp_path / "classes.yaml"
    file.write_text("- name: capoeira\n  queries: {pt: [capoeira]}\n- {name: yoga}\n")
    says = r"asks for 'pt', in which there is no query for 'yoga'. Write some in the classes file"
    with pytest.raises(ClassesError, match=rf"classes.yaml: search.languages {says}"):
        collect(workspace, file, f"folder:{tmp_path}")
    with reading(workspace.engine) as session:
        assert session.scalars(select(Label)).all() == []
    with writing(workspace.engine) as session:
        import_classes(session, [CAPOEIRA, YOGA])
    with pytest.raises(SourceError, match="asks for 'fr', in which there is no query for 'capoe"):
        run_stage(workspace, module.stage(workspace))
