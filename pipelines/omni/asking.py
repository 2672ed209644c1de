"""What the stages have in common that ask a teacher: about pictures, clips, whole videos."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kinetics_builder.config import settings_hash
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Teacher, TeacherScore, WebKind
from kinetics_builder.errors import StageOrderError
from kinetics_builder.files import FileMark, as_marked
from kinetics_builder.intervals import Interval
from kinetics_builder.storage.storage import Storage
from kinetics_builder.workspace import Workspace
from pipelines.running.stage import one_by_one
from pipelines.takedown.withholding import withheld, without_files

if TYPE_CHECKING:
    from models.evaluation import teacher as teachers

TIMEOUT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class WebItem:
    """A file that the teacher is asked about."""

    video_id: str
    """Of a picture, its own id."""
    file: str
    """Path relative to the workspace."""
    sha256: str
    mark: FileMark | None = None
    """What the file must be; None for a picture, which was made here."""
    duration_seconds: float | None = None
    """None for a picture."""
    video_row: int | None = None

    @property
    def key(self) -> str:
        """Return a key that changes with the file."""
        return f"{self.video_id} {settings_hash(self.file, self.sha256)}"


@dataclass(frozen=True, slots=True)
class Said:
    """What a teacher says of an item."""

    times: tuple[float, ...]
    """Starts and ends of the windows, in turn; none where it is about the whole item."""
    scores: bytes


@dataclass(frozen=True, slots=True)
class Chosen:
    """The teacher of a kind, as children are told of it."""

    id: int
    checkpoint: Path
    sha256: str
    window_seconds: float
    settings_hash: str


def chosen(workspace: Workspace, kind: WebKind) -> Chosen | None:
    """Return the teacher that items of a kind are kept by now; None where there is none."""
    query = select(Teacher).where(Teacher.kind == kind, Teacher.is_current)
    with reading(workspace.engine) as session:
        row = session.scalar(query)
        if row is None:
            return None
        return Chosen(
            row.id, Path(row.checkpoint), row.sha256, row.window_seconds, row.settings_hash
        )


def shared(workspace: Workspace, kind: WebKind) -> dict[str, Any]:
    """Return what the stages of all kinds are made of alike."""
    teacher = chosen(workspace, kind)
    return {
        "name": f"omni {kind.value}",
        "settings_hash": teacher.settings_hash if teacher else settings_hash("no teacher"),
        "work": partial(ask, storage=workspace.storage, root=workspace.root, teacher=teacher),
        "save": one_by_one(partial(_save, teacher=teacher)),
        "refuses": partial(withheld, storage=workspace.storage, told=without_files),
        "ready": partial(_require, teacher),
        "timeout_seconds": TIMEOUT_SECONDS,
        "forgets": True,
    }


def _require(teacher: Chosen | None) -> None:
    if teacher is None:
        raise StageOrderError("omni score", "omni score --teacher CHECKPOINT", "teacher")


def ask(item: WebItem, *, storage: Storage, root: Path, teacher: Chosen | None) -> Said:
    """Ask the teacher about an item; a run without one ends before (`_require`).

    Raises ItemFailed for a file that cannot be read, or is not the one that the row promises.
    """
    assert teacher is not None
    network = _load(teacher.checkpoint, teacher.sha256)
    if item.duration_seconds is None or item.mark is None:
        return Said((), _packed(network.of_picture(root / item.file)))
    path, whole = storage.here(item.file, item.mark), Interval(0.0, item.duration_seconds)
    is_clip = not teacher.window_seconds
    stretches = [whole] if is_clip else windows_of(item.duration_seconds, teacher.window_seconds)
    with as_marked(path, item.mark):
        scores_SK = network.of_stretches(path, stretches)
    times = () if is_clip else tuple(time for stretch in stretches for time in stretch)
    return Said(times, _packed(scores_SK))


def windows_of(duration_seconds: float, window_seconds: float) -> list[Interval]:
    """Return windows one after the other; what is left is one too if it is half as long, or all.

    >>> windows_of(25.0, 10.0)
    [Interval(start=0.0, end=10.0), Interval(start=10.0, end=20.0), Interval(start=20.0, end=25.0)]
    >>> windows_of(24.0, 10.0)[-1], windows_of(4.0, 10.0)
    (Interval(start=10.0, end=20.0), [Interval(start=0.0, end=4.0)])
    """
    number = int(duration_seconds / window_seconds + 0.5) or 1
    starts = [place * window_seconds for place in range(number)]
    return [Interval(start, min(start + window_seconds, duration_seconds)) for start in starts]


def _packed(scores_SK: Any) -> bytes:
    packed: bytes = scores_SK.astype("<f4").tobytes()
    return packed


@cache
def _load(checkpoint: Path, sha256: str) -> "teachers.Teacher":
    """Load a teacher once a process."""
    from models.evaluation.teacher import Teacher

    return Teacher.load(checkpoint, sha256)


def _save(session: Session, item: WebItem, said: Said, *, teacher: Chosen | None) -> None:
    assert teacher is not None
    session.merge(
        TeacherScore(
            teacher_id=teacher.id,
            item=item.file,
            file_sha256=item.sha256,
            video_id=item.video_row,
            times=list(said.times),
            scores=said.scores,
        )
    )


def forget_pictures(workspace: Workspace, files: Sequence[str]) -> None:
    """Forget what teachers said of pictures, by their paths."""
    for chunk in chunks(sorted(files)):
        with writing(workspace.engine) as session:
            session.execute(delete(TeacherScore).where(TeacherScore.item.in_(chunk)))
