"""How far `curate` has come is told without choosing anew, and is what choosing anew would say."""

from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.config import Config, CurateConfig, DeduplicateConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    ClassEdit,
    Clip,
    ClipPlace,
    CuratedClip,
    Decision,
    Setting,
    Standing,
    Verdict,
    Video,
    Vote,
)
from kinetics_builder.workspace import Workspace
from pipelines.publishing.curating import standing
from pipelines.publishing.curating.curate import curate
from pipelines.publishing.curating.standing import CurateStanding, curate_standing
from pipelines.verifying.aggregate import aggregate

YES, NO, *_ = Answer


def story(filler: Any) -> None:
    for n in range(6):
        filler.votes(filler.clip(f"surf{n}", "surfing", 0.0, score=0.5))
    filler.votes(filler.clip("surf0", "surfing", 20.0, score=0.9))
    filler.votes(filler.clip("surf1", "surfing", 20.0, score=0.5))
    filler.votes(filler.clip("surf1", "diving", 40.0, score=0.1))
    filler.votes(filler.clip("no", "surfing"), [NO, NO, NO])
    filler.votes(filler.clip("copy", "surfing", standing=Standing.DUPLICATE))
    filler.label("gone", is_retired=True)
    filler.votes(filler.clip("retired", "gone"))


@pytest.fixture
def judged(workspace: Workspace, fill: Any) -> Workspace:
    fill(workspace, story)
    with writing(workspace.engine) as session:
        aggregate(session, Config().verify)
    return workspace


def both(workspace: Workspace, config: Config) -> tuple[CurateStanding, CurateStanding]:
    """Return what is told, and what choosing anew says."""
    with reading(workspace.engine) as session:
        return curate_standing(session, config), standing._chosen_anew(session, config)


def unasked(*_: Any) -> None:
    raise AssertionError("everything is chosen anew")


def withdraw(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        clips = select(Clip).join(Video).where(Video.video_id == "surf3")
        session.scalars(clips).one().is_withdrawn = True


def make_copies(workspace: Workspace) -> None:
    """Say that two videos show the same, as `deduplicate` with other settings might."""
    with writing(workspace.engine) as session:
        clips = select(Clip).join(Video).order_by(Video.video_id, Clip.start_seconds)
        one, other = session.scalars(clips.where(Video.video_id.in_(["surf4", "surf5"]))).all()
        session.get_one(ClipPlace, other.id).duplicate_of_id = one.id


@pytest.mark.parametrize("max_per_video", [1, 2])
def test_what_is_told_is_what_choosing_anew_says(judged: Workspace, max_per_video: int) -> None:
    config = Config(deduplicate=DeduplicateConfig(max_per_video=max_per_video))
    told, exact = both(judged, config)
    assert told == exact == CurateStanding(9, 9 if max_per_video == 2 else 7, 0)
    with writing(judged.engine) as session:
        curate(session, config)
    told, exact = both(judged, config)
    assert told == exact == CurateStanding(9, 0, 0)
    withdraw(judged)
    told, exact = both(judged, config)
    assert told.num_over == exact.num_over == 1
    assert told.num_accepted == exact.num_accepted == 8


def test_nothing_is_chosen_where_nothing_is_left(
    judged: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(judged.engine) as session:
        curate(session, Config())
    monkeypatch.setattr(standing, "choose", unasked)
    with reading(judged.engine) as session:
        assert curate_standing(session, Config()) == CurateStanding(9, 0, 0)


@pytest.mark.parametrize("what", ["other settings", "copies", "an older kbuild"])
def test_splits_that_would_be_others_are_found(judged: Workspace, what: str) -> None:
    before = Config(curate=CurateConfig(num_test=2, num_validate=2, max_held_out_share=0.9))
    with writing(judged.engine) as session:
        curate(session, before)
    later = before
    if what == "other settings":
        later = Config(curate=CurateConfig(num_test=0, num_validate=0))
    elif what == "copies":
        make_copies(judged)
    else:
        with writing(judged.engine) as session:
            session.delete(session.get_one(Setting, "splits_dealt_by"))
    told, exact = both(judged, later)
    assert told == exact
    if what == "other settings":
        assert told.num_pending > 0


def edit(workspace: Workspace, text: str) -> None:
    with writing(workspace.engine) as session:
        session.add(ClassEdit(text=text))


def call_by_another_name(workspace: Workspace) -> None:
    """Let all who voted on a clip say that it is called otherwise."""
    with writing(workspace.engine) as session:
        clip = session.scalars(select(Clip).join(Video).where(Video.video_id == "surf2")).one()
        for vote in session.scalars(select(Vote).where(Vote.clip_id == clip.id)):
            vote.better_name = "wave riding"


def reject(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        clip = session.scalars(select(Clip).join(Video).where(Video.video_id == "surf2")).one()
        session.get_one(Decision, clip.id).verdict = Verdict.REJECTED


LATER = {
    "a better name": call_by_another_name,
    "a decision": reject,
    "a clip that is withdrawn": withdraw,
    "a further edit": lambda workspace: edit(workspace, "rename diving -> jumping"),
    "copies": make_copies,
}


@pytest.mark.few("a decision", "a further edit")
@pytest.mark.parametrize("what", LATER)
def test_with_edits_nothing_is_chosen_anew_until_what_is_chosen_may_be_another(
    judged: Workspace, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(judged, "split surfing -> by answers")
    with writing(judged.engine) as session:
        curate(session, Config())
    told, exact = both(judged, Config())
    assert told == exact == CurateStanding(9, 0, 0)
    with monkeypatch.context() as at_rest:
        at_rest.setattr(standing, "choose", unasked)
        with reading(judged.engine) as session:
            assert curate_standing(session, Config()) == CurateStanding(9, 0, 0)
    LATER[what](judged)
    told, exact = both(judged, Config())
    assert told == exact
    with pytest.raises(AssertionError), monkeypatch.context() as asked:
        asked.setattr(standing, "choose", unasked)
        with reading(judged.engine) as session:
            curate_standing(session, Config())


def test_with_edits_clips_that_somebody_removed_are_pending(judged: Workspace) -> None:
    edit(judged, "rename surfing -> riding waves")
    with writing(judged.engine) as session:
        curate(session, Config())
        session.delete(session.scalars(select(CuratedClip).limit(1)).one())
    told, exact = both(judged, Config())
    assert told == exact == CurateStanding(9, 1, 0)
