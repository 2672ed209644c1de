"""What is counted the fast way is what a look at each row gives."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    Answer,
    ClassGate,
    Clip,
    ClipFile,
    ClipPlace,
    Decision,
    Gold,
    Item,
    Label,
    Method,
    Standing,
    State,
    Task,
    TaskSlot,
    Verdict,
    Video,
)
from kinetics_builder.errors import Reason
from kinetics_builder.workspace import Workspace
from pipelines.inspecting.status import _counts
from pipelines.running.surveying import Tally, _rows
from pipelines.stages import build_stage
from pipelines.verifying.assign import _new_questions, count_new_questions

FILE = {"file": "x", "bytes": 1, "sha256": "", "duration_seconds": 10.0, "width": 64, "height": 48}
FILE |= {"frames_per_second": 25.0, "num_frames": 250}


class Drawn(NamedTuple):
    """A clip as it may stand in a database."""

    video: int
    label: int
    standing: Standing | None
    has_file: bool
    is_withdrawn: bool
    asked: str | None
    verdict: Verdict | None
    was_moved: bool
    num_cuts: int | None
    noted: dict[str, float] | None
    num_damaged: int


def mostly(value: Any, *others: Any) -> Any:
    return st.sampled_from([value, value, value, *others])


drawn_clips = st.lists(
    st.builds(
        Drawn,
        video=st.integers(1, 2),
        label=mostly(1, 2, 3, 4),
        standing=st.sampled_from([Standing.KEPT, Standing.KEPT, *Standing, None]),
        has_file=mostly(True, False),
        is_withdrawn=mostly(False, True),
        asked=mostly(None, "ordinary", "gold"),
        verdict=st.sampled_from([None, *Verdict]),
        was_moved=st.booleans(),
        num_cuts=st.sampled_from([None, 0, 2]),
        noted=st.sampled_from([None, {"dark": 0.9}]),
        num_damaged=st.sampled_from([0, 3]),
    ),
    max_size=9,
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.create(tmp_path_factory.mktemp("counts") / "workspace")


@pytest.fixture(scope="module")
def session(empty: Workspace) -> Iterator[Session]:
    """Give a session of which nothing is kept: two videos; of four classes two are asked about."""
    with Session(empty.engine) as session:
        session.add_all(Video(id=n, video_id=f"v{n}", source="", url="", title="") for n in (1, 2))
        session.add_all(Label(id=n, name=f"l{n}", is_retired=n == 3) for n in (1, 2, 3, 4))
        session.add(Task(id=1, round=0))
        session.flush()
        session.add(ClassGate(label_id=4, num_decided=9, num_yes=0, is_closed=True))
        session.add(ClassGate(label_id=2, num_decided=9, num_yes=9, is_closed=False))
        session.flush()
        yield session


def write(session: Session, number: int, one: Drawn) -> None:
    session.add(
        Clip(
            id=number,
            video_id=one.video,
            label_id=one.label,
            start_seconds=float(number),
            end_seconds=number + 10.0,
            method=Method.MOTION,
            score=0.1 * (number % 3),
            rank=0,
            is_withdrawn=one.is_withdrawn,
            was_moved=one.was_moved,
            num_cuts=one.num_cuts,
            noted=one.noted,
        )
    )
    session.flush()
    if one.standing is not None:
        session.add(ClipPlace(clip_id=number, standing=one.standing))
    if one.has_file:
        session.add(ClipFile(clip_id=number, num_damaged_frames=one.num_damaged, **FILE))
    if one.asked == "gold":
        session.add(Gold(id=number, clip_id=number, label_id=1, expected=Answer.YES))
        session.flush()
    if one.asked is not None:
        gold_id = number if one.asked == "gold" else None
        slot = {"position": number, "clip_id": number, "label_id": 1, "gold_id": gold_id}
        session.add(TaskSlot(task_id=1, **slot))
    if one.verdict is not None:
        names = ("yes", "no", "unsure", "bad", "set_aside")
        numbers = {f"num_{name}": 0 for name in names}
        session.add(
            Decision(clip_id=number, verdict=one.verdict, lasts_whole_clip=False, **numbers)
        )


@given(clips=drawn_clips)
def test_clips_are_counted_as_they_are_listed(session: Session, clips: list[Drawn]) -> None:
    with session.begin_nested() as point:
        for number, one in enumerate(clips, 1):
            write(session, number, one)
        session.flush()
        assert count_new_questions(session) == len(_new_questions(session))
        counts, files = _counts(session), [one for one in clips if one.has_file]
        assert [counts[kind] for kind in ("clips", "cut clips")] == [len(clips), len(files)]
        assert counts["moved off a cut"] == sum(one.was_moved for one in clips)
        assert counts["across a cut"] == sum(bool(one.num_cuts) for one in clips)
        assert counts["noted by filters"] == sum(one.noted is not None for one in clips)
        assert counts["with lost frames"] == sum(one.num_damaged > 0 for one in files)
        assert counts["with blurred faces"] == 0
        point.rollback()
    session.expunge_all()


drawn_items = st.lists(
    st.tuples(
        st.sampled_from(["match", "download"]),
        st.booleans(),
        st.sampled_from(State),
        st.sampled_from([None, Reason.REMOVED, Reason.NETWORK]),
    ),
    max_size=12,
)


@given(drawn=drawn_items)
def test_rows_are_counted_as_they_stand(
    empty: Workspace, session: Session, drawn: list[tuple[str, bool, State, Reason | None]]
) -> None:
    stage = build_stage("match", empty)
    with session.begin_nested() as point:
        for number, (name, is_known, state, reason) in enumerate(drawn):
            known = {"settings_hash": stage.settings_hash if is_known else "older"}
            session.add(Item(stage=name, key=f"{number}", state=state, reason=reason, **known))
        session.flush()
        ours = [(state, why, 1) for name, known, state, why in drawn if known and name == "match"]
        assert _rows(session, stage) == Tally.of(ours)
        point.rollback()
    session.expunge_all()
