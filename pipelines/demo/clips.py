"""What the simulated annotators answer about clips, from the truth and nothing else."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Answer, Clip, Decision, TaskSlot, Verdict, Video
from kinetics_builder.intervals import Interval
from kinetics_builder.workspace import Workspace
from pipelines.demo.crew.annotators import Annotator, Skill, chance
from pipelines.demo.crew.work import Slot
from pipelines.demo.truth import Truth, VideoTruth
from pipelines.verifying.assign import assign

SHOWN_SHARE = 0.6
"""Share of a clip in which the action must be seen for an honest yes."""
WHOLE_SHARE = 0.9
"""Share of a clip from which the action lasts for the whole clip."""
_BORDERLINE = 0.15

ERROR_RATES = {Skill.CAREFUL: 0.02, Skill.HASTY: 0.10, Skill.RANDOM: 0.5, Skill.MALICIOUS: 0.97}


class ClipWork:
    """The question whether clips show their classes."""

    kind = "clip"
    is_answered_together = True

    def __init__(self, workspace: Workspace, truth: Truth, seed: int) -> None:
        self._workspace = workspace
        self._truth = truth
        self._seed = seed
        self._stretches: dict[int, tuple[str, Interval]] = {}

    def assign(self, session: Session) -> int:
        """Put what is to be asked next into tasks; return how many tasks are new."""
        return assign(session, self._workspace.config).num_tasks

    def answer(self, annotator: Annotator, slot: Slot) -> dict[str, str]:
        """Return the form that the annotator sends."""
        said = reply(annotator, self._seed, self._truth, self._seen(slot["clip"], slot["label"]))
        form = {"answer": said.answer.value, "seconds": str(said.seconds)}
        if said.lasts_whole_clip is not None:
            form["lasts_whole_clip"] = "yes" if said.lasts_whole_clip else "no"
        return form

    def _seen(self, clip_id: int, label: str) -> "Question":
        """Return what somebody recognises who sees the clip: the page does not tell."""
        if clip_id not in self._stretches:
            with reading(self._workspace.engine) as session:
                self._stretches = _stretches(session)
        video_id, interval = self._stretches[clip_id]
        return Question(video_id, interval, label)


def _stretches(session: Session) -> dict[int, tuple[str, Interval]]:
    """Return the video and the stretch of every clip."""
    query = select(Clip.id, Video.video_id, Clip.start_seconds, Clip.end_seconds)
    rows = session.execute(query.join(Video, Video.id == Clip.video_id))
    return {clip_id: (video_id, Interval(start, end)) for clip_id, video_id, start, end in rows}


def count_open(session: Session) -> int:
    """Return how many clips are in tasks and not decided yet."""
    is_open = func.coalesce(Decision.verdict, Verdict.OPEN.value) == Verdict.OPEN.value
    query = (
        select(func.count(TaskSlot.clip_id.distinct()))
        .join(Clip, Clip.id == TaskSlot.clip_id)
        .outerjoin(Decision, Decision.clip_id == TaskSlot.clip_id)
        .where(TaskSlot.gold_id.is_(None), ~Clip.is_withdrawn, is_open)
    )
    return session.scalar(query) or 0


@dataclass(frozen=True, slots=True)
class Question:
    """What the page asks about: whether a stretch of a video shows a class."""

    video_id: str
    interval: Interval
    label: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What an annotator says."""

    answer: Answer
    lasts_whole_clip: bool | None
    """The follow-up to a yes; None after any other answer."""
    seconds: float
    """How long it took them to say so; nobody waits for it."""


def right_answer(video: VideoTruth, question: Question) -> Answer:
    """Return what somebody says who looks well and has all the time."""
    if not video.shows_people:
        return Answer.BAD
    shown = video.shown_share(question.label, question.interval)
    return Answer.YES if shown >= SHOWN_SHARE else Answer.NO


def reply(annotator: Annotator, seed: int, truth: Truth, question: Question) -> Reply:
    """Return what this annotator answers."""
    video = truth[question.video_id]
    answer = _answer(annotator, seed, video, question)
    slowness = 8.0 if annotator.skill == Skill.CAREFUL else 2.0
    seconds = round(slowness * (0.5 + _chance(annotator, seed, question, "linger")), 2)
    if answer != Answer.YES:
        return Reply(answer, None, seconds)
    shown = video.shown_share(question.label, question.interval)
    return Reply(answer, annotator.skill != Skill.CAREFUL or shown >= WHOLE_SHARE, seconds)


def _answer(annotator: Annotator, seed: int, video: VideoTruth, question: Question) -> Answer:
    right = right_answer(video, question)
    shown = video.shown_share(question.label, question.interval)
    is_close = video.shows_people and abs(shown - SHOWN_SHARE) < _BORDERLINE
    hesitates = _chance(annotator, seed, question, "hesitate") < 0.5
    if annotator.skill == Skill.CAREFUL and is_close and hesitates:
        return Answer.UNSURE
    if _chance(annotator, seed, question, "err") >= ERROR_RATES[annotator.skill]:
        return right
    return Answer.NO if right == Answer.YES else Answer.YES


def _chance(annotator: Annotator, seed: int, question: Question, purpose: str) -> float:
    start, end = question.interval
    words = question.video_id, f"{start:.3f}", f"{end:.3f}", question.label, purpose
    return chance(annotator, seed, *words)
