"""The verbs from cut clips to a release: how far each has come, and what comes next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import String, func, select, type_coerce
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.database.tables import (
    Clip,
    ClipFile,
    CuratedClip,
    Decision,
    Setting,
    TaskSlot,
    Verdict,
    Worker,
)
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.manifest import read_manifest
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.text.counting import counted
from kinetics_builder.workspace import Workspace
from pipelines.inspecting.stages import StageStatus
from pipelines.publishing.curating.parting import count_unwritten
from pipelines.publishing.curating.standing import curate_standing
from pipelines.verifying.aggregate import count_verdicts
from pipelines.verifying.assign import count_new_questions
from pipelines.verifying.gold_votes import count_new_gold


@dataclass(frozen=True)
class Step:
    """How many clips a verb has to do with, and has dealt with."""

    verb: str
    what: str
    """What "done" means, as a person would say it."""
    num_items: int
    num_done: int
    num_over: int = 0
    """Clips that were dealt with and do not belong there any more."""

    @property
    def num_pending(self) -> int:
        """How many are left."""
        return self.num_items - self.num_done


def read_steps(session: Session, workspace: Workspace) -> list[Step]:
    """Return assign, annotate, curate and release; `aggregate` writes what `annotate` gave."""
    in_tasks = select(TaskSlot.clip_id).where(TaskSlot.gold_id.is_(None)).distinct()
    asked = _count(session, select(Clip.id).where(Clip.id.in_(in_tasks), ~Clip.is_withdrawn))
    decided = select(Decision.clip_id).where(Decision.verdict != Verdict.OPEN)
    num_decided = _count(
        session, decided.join(Clip).where(Decision.clip_id.in_(in_tasks), ~Clip.is_withdrawn)
    )
    num_to_decide = num_decided + count_verdicts(session)[Verdict.OPEN]
    new = count_new_questions(session) + count_unwritten(session, workspace.config)
    in_files = ClipFile.clip_id == CuratedClip.clip_id
    num_curated = _count(session, select(CuratedClip.clip_id).join(ClipFile, in_files))
    released = _released(workspace)
    num_released = (_curated(session) & released).total() if released else 0
    num_over = released.total() - num_released
    return [
        Step("assign", "in tasks", asked + new, asked),
        Step("annotate", "decided", num_to_decide, num_decided),
        _curate(session, workspace.config),
        Step("release", "in the newest one", num_curated, num_released, num_over),
    ]


def next_step(
    session: Session,
    stages: Sequence[StageStatus],
    steps: Sequence[Step],
    config: Config,
    *,
    after_all: str | None = None,
) -> str:
    """Return the command that leads on, and why: the one place that says what comes next.

    Where all clips were dealt with, that is `after_all`, if anything waits besides.
    """
    for stage in stages:
        if not stage.num_items or stage.num_pending:
            left = f"{stage.stage} has {counted(stage.num_pending, 'item')} left"
            return f"`{_collect(session)}` ({left if stage.num_items else 'it begins all'})"
    return next_after_cutting(session, steps, config, after_all=after_all)


def next_after_cutting(
    session: Session, steps: Sequence[Step], config: Config, *, after_all: str | None = None
) -> str:
    """Return the same where every video was dealt with."""
    assign, annotate, curate, release = steps
    if assign.num_pending:
        return f"`kbuild assign` ({unasked(assign.num_pending, 'clip', 'clips')})"
    if annotate.num_pending:
        return _annotate(session, annotate.num_pending, config)
    if after_all and not curate.num_items:
        return after_all
    if not curate.num_items:
        return f"`{_collect(session)}` with more videos or classes (no clip was accepted)"
    if curate.num_pending or curate.num_over:
        clips = counted(curate.num_items, "clip is", "clips are")
        return f"`kbuild curate` ({clips} accepted)"
    if not release.num_items:
        clips = counted(curate.num_items, "accepted clip")
        return f"`kbuild curate --list` (edits leave out all {clips})"
    if release.num_pending or release.num_over:
        clips = counted(release.num_items, "clip is", "clips are")
        return f"`kbuild release` ({clips} chosen)"
    learn = "`kbuild train-baseline --model i3d_tiny` learns from the release; `kbuild report`"
    return after_all or learn


def unasked(number: int, thing: str, things: str) -> str:
    """Return how many things wait for a first question about them."""
    words = "can be asked about that"
    return counted(number, f"{thing} {words} is not yet", f"{things} {words} are not yet")


def _annotate(session: Session, num_open: int, config: Config) -> str:
    if num_new_gold := count_new_gold(session, config.verify):
        questions = counted(num_new_gold, "question")
        return (
            f"`kbuild gold --from-votes` ({questions} with a known answer), "
            f"while `kbuild annotate` goes on for {counted(num_open, 'open clip')}"
        )
    if _count(session, select(Worker.id)):
        clips = counted(num_open, "open clip needs", "open clips need")
        return f"`kbuild annotate` ({clips} more answers)"
    clips = counted(num_open, "clip waits", "clips wait")
    return f"`kbuild annotate --invite 5`, then `kbuild annotate` ({clips})"


def _collect(session: Session) -> str:
    """Return the command of the last `collect`."""
    told = {row.key: row.value for row in session.scalars(select(Setting))}
    source = f" --source {told['source']}" if "source" in told else ""
    return f"kbuild collect --classes {told.get('classes_file', 'FILE')}{source}"


def _curate(session: Session, config: Config) -> Step:
    """Return how many accepted clips stand as `curate` would have them: chosen, or left out."""
    found = curate_standing(session, config)
    num_done = found.num_accepted - found.num_pending
    return Step("curate", "of the accepted", found.num_accepted, num_done, found.num_over)


def _curated(session: Session) -> Counter[tuple[str, str, str]]:
    """Return the label, split and SHA-256 of each clip that a release would hold now."""
    rows = session.execute(
        select(CuratedClip.label, type_coerce(CuratedClip.split, String), ClipFile.sha256).join(
            ClipFile, ClipFile.clip_id == CuratedClip.clip_id
        )
    )
    return Counter((label, split, sha256) for label, split, sha256 in rows)


def _released(workspace: Workspace) -> Counter[tuple[str, str, str]]:
    """Return the same of the newest release; of a damaged one what can be read."""
    manifests = workspace.root.glob(f"releases/*/{MANIFEST}")
    newest = max(manifests, key=lambda path: path.parent.stat().st_mtime_ns, default=None)
    if newest is None:
        return Counter()
    rows = read_manifest(newest, Problems(newest, on_error=lambda _: None))
    try:
        return Counter((row.label, row.split, row.sha256) for row in rows)
    except FormatError:
        return Counter()


def _count(session: Session, query: object) -> int:
    rows = query.subquery()  # type: ignore[attr-defined]
    return session.scalar(select(func.count()).select_from(rows)) or 0
