"""What people answered about clips, as arrays: for many clips at once.

Shapes, as name suffixes: V answers, C clips. Several answers of one person to one question all
are there; the last of them stands. Answers to clips that were asked once more are not: whoever
reads a release may count its rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.database.bulk import select_plain
from kinetics_builder.database.tables import Clip, Vote
from kinetics_builder.formats.column_lines import Texts, csv_texts, joined
from kinetics_builder.text.foreign import one_line
from pipelines.publishing.pseudonyms import Pseudonyms, worker_names

VOTES = "votes.csv"
VOTE_COLUMNS = ("file", "label", "worker", "revision", "answer", "whole_clip", "better_name")
_ROWS_AT_ONCE = 50_000

Places = NDArray[np.int64]
_Said = tuple[int, str, bool | None, str | None]
"""Revision, answer, whether the action lasts for the whole clip, the better name."""


@dataclass(frozen=True, eq=False)
class Given:
    """Answers about clips under the label that was asked, in the order of clips, then of lines."""

    clip_V: Places
    """Ids, ascending."""
    worker_V: Places
    """Ids."""
    said_V: Places
    """Places in `said`."""
    said: Sequence[_Said]
    names: Mapping[int, str]
    """Pseudonyms by the worker's id."""

    @classmethod
    def of(cls, session: Session, pseudonyms: Pseudonyms) -> Self:
        """Read all of them."""
        names = worker_names(session, pseudonyms)
        places = _Places()
        parts = [_arrays(rows, places) for rows in _read(session)]
        numbers_3V = np.concatenate(parts, axis=1) if parts else np.empty((3, 0), np.int64)
        clip_V, worker_V, said_V = numbers_3V
        said = list(places)
        name_rank = _ranks([names.get(key, "") for key in range(max(names, default=0) + 1)])
        ranks = (_ranks([_texts(one) for one in said])[said_V], name_rank[worker_V], clip_V)
        order_V = np.lexsort(ranks)
        return cls(clip_V[order_V], worker_V[order_V], said_V[order_V], said, names)

    @cached_property
    def stands_V(self) -> NDArray[np.bool_]:
        """Whether its giver has not answered again."""
        revision_V = np.array([one[0] for one in self.said], np.int64)[self.said_V]
        order_V = np.lexsort((revision_V, self.worker_V, self.clip_V))
        clip_V, worker_V = self.clip_V[order_V], self.worker_V[order_V]
        is_last_V = np.ones(len(order_V), np.bool_)
        is_last_V[:-1] = (clip_V[1:] != clip_V[:-1]) | (worker_V[1:] != worker_V[:-1])
        stands_V = np.empty_like(is_last_V)
        stands_V[order_V] = is_last_V
        return stands_V

    @cached_property
    def posteriors(self) -> dict[int, float]:
        """The probability that each clip shows its label, by its id.

        Workers are weighed by how often each is right (the one-coin model, docs/truth.md), by all
        answers that stand.
        """
        from kinetics_builder.crowd.truth.one_coin import one_coin
        from kinetics_builder.crowd.truth.options import Options

        answers = self._standing()
        if "yes" not in answers.labels:
            return {}
        yes = answers.labels.index("yes")
        yes_Q = one_coin(answers, Options()).posterior_QL[:, yes]
        return dict(zip(map(int, answers.questions), yes_Q.tolist(), strict=True))

    def _standing(self) -> Answers:
        """Return the answers that stand; clips and workers go by their ids, as texts."""
        clips_Q, question_V = np.unique(self.clip_V[self.stands_V], return_inverse=True)
        workers_W, worker_V = np.unique(self.worker_V[self.stands_V], return_inverse=True)
        values = np.array([one[1] for one in self.said], np.str_)
        labels_L, label_V = np.unique(values[self.said_V[self.stands_V]], return_inverse=True)
        return Answers.of_places(
            list(map(str, clips_Q.tolist())),
            list(map(str, workers_W.tolist())),
            labels_L.tolist(),
            question_V,
            worker_V,
            label_V,
        )

    def num_workers(self, clip_C: Places) -> int:
        """Return how many people gave answers about these clips that stand."""
        is_about_V = np.isin(self.clip_V, clip_C) & self.stands_V
        return len(np.unique(self.worker_V[is_about_V]))

    def texts(self, clips: Sequence[int], files: Sequence[str], labels: Sequence[str]) -> Texts:
        """Return the lines of `VOTES` about clips, in their order, without line ends."""
        import pyarrow

        clip_C = np.asarray(clips, np.int64)
        first_C = np.searchsorted(self.clip_V, clip_C, "left")
        number_C = np.searchsorted(self.clip_V, clip_C, "right") - first_C
        before_C = np.cumsum(number_C) - number_C
        about_V = np.repeat(np.arange(len(clip_C)), number_C)
        place_V = np.arange(len(about_V)) + (first_C - before_C)[about_V]
        heads = csv_texts([pyarrow.array(one, pyarrow.string()) for one in (files, labels)])
        ends, end_V = self._ends
        which_V = pyarrow.array(end_V[place_V])
        return joined([heads.take(pyarrow.array(about_V)), ends.take(which_V)], ",")

    @cached_property
    def _ends(self) -> tuple[Texts, Places]:
        """The ends of lines, of which there are few, and each answer's place among them."""
        import pyarrow

        code_V = self.worker_V * max(1, len(self.said)) + self.said_V
        codes, end_V = np.unique(code_V, return_inverse=True)
        who, what = np.divmod(codes, max(1, len(self.said)))
        told = [(self.names[w], *_texts(self.said[s])) for w, s in zip(who, what, strict=True)]
        cells = zip(*told, strict=True) if told else [()] * len(VOTE_COLUMNS[2:])
        return csv_texts([pyarrow.array(one, pyarrow.string()) for one in cells]), end_V


def _read(session: Session) -> Iterable[Sequence[Any]]:
    said = Vote.revision, Vote.answer, Vote.lasts_whole_clip, Vote.better_name
    query = (
        select(Vote.clip_id, Vote.worker_id, *said)
        .join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
        .where(Vote.occasion == 1)
    )
    return select_plain(session, query, _ROWS_AT_ONCE)


class _Places(dict[_Said, int]):
    """The place of each thing said, in the order of their coming."""

    def __missing__(self, said: _Said) -> int:
        place = self[said] = len(self)
        return place


def _arrays(rows: Sequence[Any], places: _Places) -> Places:
    """Return clip, worker and what was said of each row."""
    clips, workers, *said = zip(*rows, strict=True)
    found = map(places.__getitem__, zip(*said, strict=True))
    return np.stack([np.fromiter(one, np.int64, len(rows)) for one in (clips, workers, found)])


def _texts(said: _Said) -> tuple[str, str, str, str]:
    """Return the cells of a line."""
    revision, answer, lasts, better_name = said
    whole = "" if lasts is None else str(bool(lasts))
    return str(revision), answer, whole, one_line(better_name) or ""


def _ranks(names: Sequence[Any]) -> Places:
    """Return the place of each in their order."""
    rank = np.empty(len(names), np.int64)
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return rank
