"""What people answered about clips, in the order of a release's lines: for many clips at once.

Shapes, as name suffixes: V answers, C clips. Of several answers of one person to one question
the last stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.formats.column_lines import Texts, csv_texts, joined
from kinetics_builder.text.foreign import one_line
from pipelines.publishing.clips.heard import Heard, Places, Said

if TYPE_CHECKING:
    import pyarrow

VOTES = "votes.csv"
VOTE_COLUMNS = ("file", "label", "worker", "revision", "answer", "whole_clip", "better_name")


@dataclass(frozen=True, eq=False)
class Given:
    """Answers in the order of clips, then of lines."""

    heard: Heard
    """All that there are."""
    clip_V: Places
    """Ids, ascending."""
    worker_V: Places
    """Ids."""
    said_V: Places
    """Places in `heard.said`."""

    @classmethod
    def of(cls, heard: Heard) -> Self:
        """Bring answers into their order."""
        names = heard.names
        name_rank = _ranks([names.get(key, "") for key in range(max(names, default=0) + 1)])
        said_rank = _ranks([_texts(one) for one in heard.said])
        ranks = (said_rank[heard.said_V], name_rank[heard.worker_V], heard.clip_V)
        order_V = np.lexsort(ranks)
        columns = heard.clip_V, heard.worker_V, heard.said_V
        return cls(heard, *(column_V[order_V] for column_V in columns))

    @cached_property
    def stands_V(self) -> NDArray[np.bool_]:
        """Whether its giver has not answered again."""
        revision_V = np.array([one[0] for one in self.heard.said], np.int64)[self.said_V]
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
        values = np.array([one[1] for one in self.heard.said], np.str_)
        labels_L, label_V = np.unique(values[self.said_V[self.stands_V]], return_inverse=True)
        return Answers.of_places(
            list(map(str, clips_Q.tolist())),
            list(map(str, workers_W.tolist())),
            labels_L.tolist(),
            question_V,
            worker_V,
            label_V,
        )

    def texts(self, asked: "pyarrow.RecordBatch") -> Texts:
        """Return the lines of `VOTES` about clips, in their order, without line ends.

        Args:
            asked: Columns `clip_id`; `file` and `label`, of the released clip.

        """
        clip_C = np.from_dlpack(asked["clip_id"])
        first_C = np.searchsorted(self.clip_V, clip_C, "left")
        number_C = np.searchsorted(self.clip_V, clip_C, "right") - first_C
        before_C = np.cumsum(number_C) - number_C
        about_V = np.repeat(np.arange(len(clip_C)), number_C)
        place_V = np.arange(len(about_V)) + (first_C - before_C)[about_V]
        heads, (ends, end_V) = csv_texts([asked["file"], asked["label"]]), self._ends
        return joined([heads.take(_column(about_V)), ends.take(_column(end_V[place_V]))], ",")

    @cached_property
    def _ends(self) -> tuple[Texts, Places]:
        """The ends of lines, of which there are few, and each answer's place among them."""
        import pyarrow

        names, said = self.heard.names, self.heard.said
        codes, end_V = np.unique(
            self.worker_V * max(1, len(said)) + self.said_V, return_inverse=True
        )
        who, what = np.divmod(codes, max(1, len(said)))
        told = [(names[w], *_texts(said[s])) for w, s in zip(who, what, strict=True)]
        cells = zip(*told, strict=True) if told else [()] * len(VOTE_COLUMNS[2:])
        return csv_texts([pyarrow.array(one, pyarrow.string()) for one in cells]), end_V


def _column(places: Places) -> "pyarrow.Array":
    """Return places as pyarrow has them."""
    import pyarrow

    data: Any = pyarrow.py_buffer(np.ascontiguousarray(places, np.int64))
    return pyarrow.Array.from_buffers(pyarrow.int64(), len(places), [None, data])


def _texts(said: Said) -> tuple[str, str, str, str]:
    """Return the cells of a line."""
    revision, answer, lasts, better_name = said
    whole = "" if lasts is None else str(bool(lasts))
    return str(revision), answer, whole, one_line(better_name) or ""


def _ranks(names: Sequence[Any]) -> Places:
    """Return the place of each in their order."""
    rank = np.empty(len(names), np.int64)
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return rank
