from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from annotation_ui.server import serving
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    ClipFile,
    ClipPlace,
    Decision,
    Gold,
    Label,
    Method,
    Standing,
    Task,
    Verdict,
    Video,
    Vote,
    Worker,
    WorkerStanding,
)
from kinetics_builder.errors import KbuildError
from kinetics_builder.ways import Way
from kinetics_builder.workspace import Workspace
from pipelines.demo import claims
from pipelines.demo.clips import ClipWork
from pipelines.demo.crew.annotators import CREW, Skill
from pipelines.demo.crew.client import PageClient
from pipelines.demo.crew.turns import Crew, turn_order
from pipelines.demo.gold import choose_gold
from pipelines.demo.settings import settings_text
from pipelines.demo.truth import Truth, truth_of
from pipelines.demo.world import build_world
from pipelines.verifying.assign import assign

TRUTH = dict(sorted(truth_of(build_world(small=True)).items())[::3])
SEED = 0
SETTINGS = (
    settings_text("http://x")
    .replace("slots_per_task = 20", "slots_per_task = 6")
    .replace('policy = "posterior"', 'policy = "three_of_five"')  # so few clips tell it too little
)


def fill(workspace: Workspace, truth: Truth) -> None:
    with writing(workspace.engine) as session:
        labels: dict[str, Label] = {}
        for video in truth.values():
            row = Video(video_id=video.video_id, source="s", url="u", title="t")
            for name in video.title_labels[:1]:
                label = labels.setdefault(name, Label(name=name))
                for rank, start in enumerate((3.0, 11.0)):
                    clip = Clip(
                        video=row, label=label, start_seconds=start, end_seconds=start + 4,
                        method=Method.MOTION, score=1.0, rank=rank,
                    )  # fmt: skip
                    clip.file = ClipFile(
                        file="f", bytes=1, sha256="0", duration_seconds=4, width=160, height=120,
                        frames_per_second=12.5, num_frames=50,
                    )  # fmt: skip
                    clip.place = ClipPlace(standing=Standing.KEPT)
                    session.add(clip)
        session.flush()
        add_gold(session, truth)
        assign(session, workspace.config)


def add_gold(session, truth: Truth) -> None:
    for video_id, start, label, answer in choose_gold(claims.kept(session), truth, 12):
        clip = session.scalars(
            select(Clip)
            .join(Video)
            .where(Video.video_id == video_id, Clip.start_seconds == float(start))
        ).first()
        asked = session.scalars(select(Label).where(Label.name == label)).one()
        session.add(Gold(clip=clip, label=asked, expected=Answer(answer)))
    session.flush()


def votes_of(workspace: Workspace) -> Counter[tuple[str, str, float, str, str]]:
    query = (
        select(Worker.name, Video.video_id, Clip.start_seconds, Label.name, Vote.answer)
        .select_from(Vote)
        .join(Worker, Worker.id == Vote.worker_id)
        .join(Clip, Clip.id == Vote.clip_id)
        .join(Video, Video.id == Clip.video_id)
        .join(Label, Label.id == Vote.label_id)
    )
    with reading(workspace.engine) as session:
        return Counter(tuple(row) for row in session.execute(query))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = Workspace.create(tmp_path_factory.mktemp("crew"), SETTINGS)
    fill(workspace, TRUTH)
    with serving(workspace) as base:
        Crew(workspace, base).work(ClipWork(workspace, TRUTH, SEED))
        yield workspace


def test_the_crew_decides_every_clip_and_mostly_rightly(built: Workspace) -> None:
    with reading(built.engine) as session:
        found = Counter(session.scalars(select(Decision.verdict)))
        right = wrong = 0
        for claim in claims.accepted(session):
            shown = TRUTH[claim.video_id].shown_share(claim.label, claim.interval)
            right, wrong = right + (shown >= 0.6), wrong + (shown < 0.6)
    assert set(found) == {Verdict.ACCEPTED, Verdict.REJECTED}
    assert wrong <= 0.05 * right


def test_bad_workers_are_set_aside_and_the_careful_are_not(built: Workspace) -> None:
    with reading(built.engine) as session:
        warned = set(
            session.scalars(
                select(Worker.name).join(WorkerStanding).where(WorkerStanding.is_warned)
            )
        )
        waiting = turn_order(session, "clip")
    assert "malicious-1" in warned
    assert not {a.name for a in CREW if a.skill == Skill.CAREFUL} & warned
    assert {a.name for a in waiting} == {a.name for a in CREW} - warned


@pytest.mark.long
def test_a_crew_that_was_stopped_goes_on_to_the_same_votes(
    built: Workspace, tmp_path: Path
) -> None:
    class Stopped(Exception):
        pass

    def stop(num_votes: int) -> None:
        if num_votes > 60:
            raise Stopped

    workspace = Workspace.create(tmp_path, SETTINGS)
    fill(workspace, TRUTH)
    with serving(workspace) as base, pytest.raises(Stopped):
        Crew(workspace, base).work(ClipWork(workspace, TRUTH, SEED), stop)
    with serving(workspace) as base:
        Crew(workspace, base).work(ClipWork(workspace, TRUTH, SEED))
        once_more = votes_of(workspace)
        Crew(workspace, base).work(ClipWork(workspace, TRUTH, SEED))
    assert once_more == votes_of(workspace) == votes_of(built)


def test_a_wrong_code_is_refused_in_one_line(built: Workspace) -> None:
    with serving(built) as base, pytest.raises(KbuildError, match="answered 401 to"):
        PageClient(base).log_in("stranger", "AAAA")


def test_the_crews_codes_are_nobody_elses_to_read(built: Workspace) -> None:
    assert (built.root / "invitations.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("way", ["grid", pytest.param("stream", marks=pytest.mark.long)])
def test_the_crew_answers_in_each_way_what_it_says_of_one_clip_after_another(
    built: Workspace, tmp_path: Path, way: str
) -> None:
    settings = SETTINGS.replace("[verify]", f'[verify]\nway = "{way}"\ngrid_size = 12')
    workspace = Workspace.create(tmp_path, settings)
    fill(workspace, TRUTH)
    with serving(workspace) as base:
        Crew(workspace, base).work(ClipWork(workspace, TRUTH, SEED))
    with reading(workspace.engine) as session:
        assert set(session.scalars(select(Task.way))) == {Way(way)}
        assert Verdict.OPEN not in set(session.scalars(select(Decision.verdict)))
    said = {key[:4]: key[4] for key in votes_of(built)}
    both = {key[:4]: key[4] for key in votes_of(workspace) if key[:4] in said}
    assert len(both) > 40
    assert both == {key: said[key] for key in both}, "the way changes who is asked, not the answer"


@pytest.mark.long
def test_answers_sent_one_by_one_are_those_that_are_sent_together(
    built: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ClipWork, "is_answered_together", False)
    workspace = Workspace.create(tmp_path, SETTINGS)
    fill(workspace, TRUTH)
    with serving(workspace) as base:
        Crew(workspace, base).work(ClipWork(workspace, TRUTH, SEED))
    assert votes_of(workspace) == votes_of(built)
