"""Answers that replace others: both rows stay, the last one counts, for every reader."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from kinetics_builder.database import schema
from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    Label,
    Method,
    Task,
    TaskSlot,
    Video,
    Vote,
    Worker,
)

ROOT = Path(__file__).parent.parent.parent
MIGRATIONS = Path(schema.__file__).parent / "migrations"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, new_number: Callable[[], int]
) -> Iterator[Engine]:
    address = "kbuild.sqlite"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")(f"votes{new_number()}")
    engine = open_database(address, tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def new_number() -> Callable[[], int]:
    numbers = iter(range(1000))
    return lambda: next(numbers)


def ask(engine: Engine) -> None:
    """Write one question and one worker, whose ids are 1."""
    with writing(engine) as session:
        label = Label(id=1, name="waving")
        video = Video(id=1, video_id="v", source="test", url="", title="")
        clip = Clip(id=1, video=video, label=label, start_seconds=0.0, end_seconds=10.0)
        clip.method, clip.score, clip.rank = Method.MOTION, 0.5, 0
        slot = TaskSlot(id=1, task=Task(id=1, round=0), position=0, clip=clip, label=label)
        session.add_all([slot, Worker(id=1, code_hash="x")])


def answer(answer: Answer, revision: int = 0, **columns: object) -> Vote:
    ids = {"worker_id": 1, "clip_id": 1, "label_id": 1, "slot_id": 1}
    return Vote(**{**ids, **columns}, answer=answer, revision=revision)


def revision_before() -> str:
    """The revision that did not know of changed answers yet."""
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    (ours,) = (s for s in scripts if s.path.endswith("_answers_that_replace_others.py"))
    return str(ours.down_revision)


def move(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.execution_options(kbuild_write=True).connect() as connection:
        config.attributes["connection"] = connection
        where = command.downgrade if revision < schema.HEAD else command.upgrade
        where(config, revision)


def test_of_several_answers_the_last_counts_and_all_stay(engine: Engine) -> None:
    ask(engine)
    for revision, said in enumerate((Answer.YES, Answer.NO, Answer.UNSURE)):
        with writing(engine) as session:
            session.add(answer(said, revision))
    with reading(engine) as session:
        assert session.scalars(select(Vote.answer).where(Vote.stands())).all() == [Answer.UNSURE]
        everything = session.scalars(select(Vote.answer).order_by(Vote.id)).all()
    assert everything == [Answer.YES, Answer.NO, Answer.UNSURE]


@pytest.mark.parametrize("revision", [0, -1])
def test_no_answer_takes_the_place_of_another(engine: Engine, revision: int) -> None:
    ask(engine)
    with writing(engine) as session:
        session.add(answer(Answer.YES))
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add(answer(Answer.NO, revision))


def test_votes_of_before_are_first_answers_after_the_migration(engine: Engine) -> None:
    ask(engine)
    with writing(engine) as session:
        session.add(answer(Answer.NO, better_name="opening bottle", seconds=2.5))
    move(engine, revision_before())
    with engine.connect() as connection:
        before = connection.execute(text("SELECT * FROM vote")).mappings().one()
        assert "revision" not in before
    move(engine, "head")
    with reading(engine) as session:
        row = session.scalars(select(Vote).where(Vote.stands())).one()
        assert (row.answer, row.better_name, row.seconds) == (Answer.NO, "opening bottle", 2.5)
        assert row.revision == 0
    with writing(engine) as session:
        session.add(answer(Answer.YES, 1))
    with reading(engine) as session:
        assert session.scalars(select(Vote.answer).where(Vote.stands())).all() == [Answer.YES]


# These read what was ever said; others what counts, or first answers: one for each question.
_READ_ALL_ROWS = {
    "annotation_ui/kinds/clip/dealing.py": "asks nobody twice about what they ever spoke of",
    "annotation_ui/kinds/clip/earlier.py": "lists what may be changed, on either occasion",
    "annotation_ui/kinds/clip/kind.py": "says which table holds them",
    "annotation_ui/kinds/clip/replies.py": "compares with the answer of the same revision",
    "kinetics_builder/crowd/clips/gating.py": "orders clips by their newest row, which stands",
    "kinetics_builder/crowd/clips/rules.py": "counts what was said since the last look",
    "kinetics_builder/crowd/kinds/clip.py": "names columns; who reads them asks what stands",
    "kinetics_builder/database/tables/clips.py": "ties votes to their clip",
    "kinetics_builder/database/tables/crowd.py": "says what stands",
    "pipelines/kinetics/withdrawing.py": "keeps a clip about which anything was said",
    "pipelines/publishing/clips/heard.py": "releases all, and finds out itself which stand",
    "pipelines/publishing/curating/edits.py": "an edit that was recorded stays good",
}


def _readers() -> dict[str, str]:
    folders = ("kinetics_builder", "annotation_ui", "pipelines")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return {
        str(file.relative_to(ROOT)): text
        for file in files
        if re.search(r"\bVote\.", text := file.read_text("utf-8"))
    }


def test_whoever_reads_votes_asks_which_of_them_stand() -> None:
    readers = _readers()
    assert len(readers) > 8
    asks = ("Vote.stands()", "Vote.revision == 0")
    silent = {name for name, text in readers.items() if not any(ask in text for ask in asks)}
    assert silent <= _READ_ALL_ROWS.keys()


# These may read what was answered on a second occasion; it counts in none of them.
_READ_BOTH_OCCASIONS = {
    "annotation_ui/kinds/clip/dealing.py": "who answered twice has seen the clip all the same",
    "kinetics_builder/database/tables/clips.py": "ties votes to their clip",
    "pipelines/kinetics/withdrawing.py": "keeps a clip about which anything was said",
}


def test_whoever_reads_votes_leaves_out_what_was_asked_once_more() -> None:
    asks = ("Vote.stands()", "Vote.occasion", "Vote.is_last()", "Vote.is_repeat()")
    silent = {name for name, text in _readers().items() if not any(ask in text for ask in asks)}
    assert silent <= _READ_BOTH_OCCASIONS.keys()
