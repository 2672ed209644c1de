"""The answers about clips as they are read, in no order: arrays that a process can be sent.

Shapes, as name suffixes: V answers, C clips. Several answers of one person to one question all
are there. Answers to clips that were asked once more are not: whoever reads a release may count
its rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import select_plain
from kinetics_builder.database.tables import Clip, Vote
from pipelines.publishing.folders.pseudonyms import Pseudonyms, worker_names

_ROWS_AT_ONCE = 50_000

Places = NDArray[np.int64]
Said = tuple[int, str, bool | None, str | None]
"""Revision, answer, whether the action lasts for the whole clip, the better name."""


@dataclass(frozen=True, eq=False, slots=True)
class Heard:
    """Answers about clips under the label that was asked."""

    clip_V: Places
    """Ids."""
    worker_V: Places
    """Ids."""
    said_V: Places
    """Places in `said`."""
    said: Sequence[Said]
    names: Mapping[int, str]
    """Pseudonyms by the worker's id."""

    @classmethod
    def of(cls, session: Session, pseudonyms: Pseudonyms) -> Self:
        """Read all of them."""
        places = _Places()
        parts = [_arrays(rows, places) for rows in _read(session)]
        numbers_3V = np.concatenate(parts, axis=1) if parts else np.empty((3, 0), np.int64)
        clip_V, worker_V, said_V = numbers_3V
        names = worker_names(session, pseudonyms)
        return cls(clip_V, worker_V, said_V, list(places), names)

    def num_workers(self, clip_C: Places) -> int:
        """Return how many people gave answers about these clips."""
        return len(np.unique(self.worker_V[np.isin(self.clip_V, clip_C)]))


def _read(session: Session) -> Iterable[Sequence[Any]]:
    said = Vote.revision, Vote.answer, Vote.lasts_whole_clip, Vote.better_name
    query = (
        select(Vote.clip_id, Vote.worker_id, *said)
        .join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
        .where(Vote.occasion == 1)
    )
    return select_plain(session, query, _ROWS_AT_ONCE)


class _Places(dict[Said, int]):
    """The place of each thing said, in the order of their coming."""

    def __missing__(self, said: Said) -> int:
        place = self[said] = len(self)
        return place


def _arrays(rows: Sequence[Any], places: _Places) -> Places:
    """Return clip, worker and what was said of each row."""
    clips, workers, *said = zip(*rows, strict=True)
    found = map(places.__getitem__, zip(*said, strict=True))
    return np.stack([np.fromiter(one, np.int64, len(rows)) for one in (clips, workers, found)])
