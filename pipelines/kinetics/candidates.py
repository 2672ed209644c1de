"""Which clips may be copies of earlier ones, by their looks and how they move.

These few are worth comparing. Looks and movements of all clips are held in memory at once (four
kilobytes for a clip of ten seconds), fingerprints of few clips only.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import batches, chunks
from kinetics_builder.database.tables import Clip, ClipFile, Label, OlderClip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kinetics_builder.video.likeness.seen import Seen

_AT_ONCE = 50
"""Fingerprints of which looks are made together: as many as a core holds beside it."""


class Known(NamedTuple):
    """A clip of ours, or of another dataset."""

    row: int
    """Of `clip`, or of `older_clip`."""
    is_older: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A clip and an earlier one that may show the same."""

    clip_id: int
    earlier: Known
    is_mirrored: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Some clips that are compared with all earlier ones."""

    key: str
    clip_ids: tuple[int, ...]
    candidates: tuple[Candidate, ...] = ()
    prints: dict[Known, bytes] = field(default_factory=dict)
    """The fingerprints of all that is compared."""


Also = Callable[[Session, Sequence[int]], Sequence[Candidate]]
"""Gives further candidates for clips."""


def listed_clips(*columns: Any) -> Select[Any]:
    """Return the query for clips that are compared, in the order in which they are.

    What asks which part another clip is has that clip's file, and is compared with nothing.
    """
    return (
        select(*columns)
        .join(Clip, Clip.id == ClipFile.clip_id)
        .join(Label, Label.id == Clip.label_id)
        .where(Clip.is_withdrawn.is_(False), Label.is_retired.is_(False))
        .where(ClipFile.fingerprint.is_not(None), Clip.part_of_id.is_(None))
        .order_by(ClipFile.clip_id)
    )


class Candidates:
    """What all clips look like and how they move, read when first needed."""

    def __init__(self, also: Also | None = None) -> None:
        """Take what else is worth comparing."""
        self._also = also
        self._all: Looks | None = None

    def of(self, session: Session, block: Block) -> Block:
        """Return a block with what is to be compared, and the fingerprints that takes."""
        if self._all is None:
            self._all = Looks.read(session)
        found = tuple(self._all.candidates(block.clip_ids))
        if self._also is not None:
            found = tuple(dict.fromkeys((*found, *self._also(session, block.clip_ids))))
        wanted = {Known(one.clip_id) for one in found} | {one.earlier for one in found}
        return Block(block.key, block.clip_ids, found, _prints(session, wanted))


@dataclass(frozen=True)
class Looks:
    """What all clips look like and how they move."""

    known: list[Known]
    """Those of other datasets, then ours."""
    videos: "NDArray[np.int64]"
    """Whose a clip is: two of one video are not compared."""
    places: dict[int, int]
    """Of our clips among `known`."""
    seen: "Seen"

    @classmethod
    def read(cls, session: Session) -> "Looks":
        """Read the fingerprints of all clips."""
        import numpy as np

        from kinetics_builder.video.likeness.fingerprint import Fingerprint
        from kinetics_builder.video.likeness.seen import Seeing

        older = select(OlderClip.id, OlderClip.id, OlderClip.fingerprint)
        older = older.where(OlderClip.fingerprint.is_not(None)).order_by(OlderClip.id)
        ours = listed_clips(ClipFile.clip_id, Clip.video_id, ClipFile.fingerprint)
        known: list[Known] = []
        videos: list[int] = []
        seeing = Seeing(_usual_length(session))
        for query, is_older in ((older, True), (ours, False)):
            rows = session.execute(query.execution_options(yield_per=_AT_ONCE))
            for some in batches(rows, _AT_ONCE):
                seeing.add([Fingerprint.from_bytes(data) for _, _, data in some])
                known += [Known(row, is_older) for row, _, _ in some]
                videos += [-1 - video if is_older else video for _, video, _ in some]
        places = {one.row: at for at, one in enumerate(known) if not one.is_older}
        return cls(known, np.array(videos, np.int64), places, seeing.seen())

    def candidates(self, clip_ids: Sequence[int]) -> Iterator[Candidate]:
        """Yield for each clip the earlier ones that it looks most like and moves as."""
        import numpy as np

        places = [self.places[clip_id] for clip_id in clip_ids if clip_id in self.places]
        for pair in self.seen.pairs(np.array(places, np.int64), self.videos):
            clip_id, earlier = self.known[pair.place].row, self.known[pair.earlier]
            yield Candidate(clip_id, earlier, pair.is_mirrored)


def _usual_length(session: Session) -> int:
    """Return how many pictures the film of a clip of ours mostly has."""
    from kinetics_builder.video.likeness.fingerprint import BIN_SECONDS

    lengths = session.execute(
        select(func.round(ClipFile.duration_seconds), func.count())
        .group_by(func.round(ClipFile.duration_seconds))
        .order_by(func.count().desc(), func.round(ClipFile.duration_seconds))
        .limit(1)
    ).first()
    return max(1, round((lengths[0] if lengths else 0) / BIN_SECONDS))


def _prints(session: Session, wanted: Iterable[Known]) -> dict[Known, bytes]:
    prints: dict[Known, bytes] = {}
    for is_older in (False, True):
        table = OlderClip if is_older else ClipFile
        key = OlderClip.id if is_older else ClipFile.clip_id
        rows = sorted(known.row for known in wanted if known.is_older is is_older)
        for chunk in chunks(rows):
            found = session.execute(select(key, table.fingerprint).where(key.in_(chunk)))
            prints |= {Known(row, is_older): data or b"" for row, data in found}
    return prints
