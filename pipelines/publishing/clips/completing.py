"""What no row tells of released clips: what all answers say, and names that are pseudonyms."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Self

from kinetics_builder.formats.column_lines import Texts
from kinetics_builder.formats.parquet import as_batch
from kinetics_builder.formats.released_clips import columns
from pipelines.publishing.clips.beside import asked_of
from pipelines.publishing.clips.contents import Page
from pipelines.publishing.clips.given import Given
from pipelines.publishing.clips.heard import Heard
from pipelines.publishing.folders.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    import pyarrow

_DIGITS = 4
"""Of probabilities: beyond these, machines may differ."""
_MOST_KNOWN = 1 << 18
"""Names whose pseudonyms are kept for the clips that follow."""
_TOLD = {name: kind for name, kind in columns().items() if name != "posterior"}
_CLIPS = {**_TOLD, "belief": "double", "clip_id": "int64", "source": "string"}
_ASKED = {"clip_id": "int64", "file": "string", "label": "string"}


@dataclass(frozen=True, slots=True)
class Some:
    """Some clips, as a process can be told of them."""

    clips: "pyarrow.RecordBatch"
    """What `Details.pages` has of them."""
    asked: "pyarrow.RecordBatch"
    """What people were asked about: see `asked_of`."""
    to_place: "pyarrow.RecordBatch | None" = None
    """Columns `TO_PLACE` of those whose files are still to be placed, if any are."""

    @classmethod
    def of(cls, page: Page, beside: Mapping[int, list[tuple[int, str]]]) -> Self:
        """Take them from a page."""
        clips = as_batch(page, _CLIPS)
        if not beside:
            return cls(clips, clips.select(list(_ASKED)))
        asked = dict(zip(_ASKED, asked_of(page, beside), strict=True))
        return cls(clips, as_batch(asked, _ASKED))


class Completing:
    """Adds what the columns of `ReleasedClip` lack, and says what people answered."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        """Begin without answers."""
        self._given: Given | None = None
        self._believed: Mapping[int, float] = {}
        self._names = {
            kind: _remembered(partial(pseudonyms.name, kind)) for kind in ("uploader", "group")
        }

    def hear(self, heard: Heard) -> None:
        """Take the answers, before any clip: nobody waits yet for what they say together."""
        self._given = Given.of(heard)
        self._believed = self._given.posteriors

    def votes(self, asked: "pyarrow.RecordBatch") -> Texts:
        """Return the lines of `VOTES`."""
        assert self._given is not None
        return self._given.texts(asked)

    def completed(self, clips: "pyarrow.RecordBatch") -> "pyarrow.RecordBatch":
        """Return the clips with posteriors, and with pseudonyms in place of names."""
        import pyarrow

        found = dict(zip(clips.schema.names, clips.columns, strict=True))
        for kind, name in self._names.items():
            names = clips[kind].to_pylist()
            found[kind] = pyarrow.array([one and name(one) for one in names], pyarrow.string())
        told = clips["clip_id"].to_pylist(), clips["belief"].to_pylist()
        found["posterior"] = pyarrow.array(self._posteriors(*told), pyarrow.float64())
        return pyarrow.RecordBatch.from_arrays([*found.values()], [*found])

    def _posteriors(
        self, clips: Sequence[int], beliefs: Sequence[float | None]
    ) -> list[float | None]:
        """Return what the policy that asked believes of each clip, else what all answers say."""
        found = (
            self._believed.get(clip) if belief is None else belief
            for clip, belief in zip(clips, beliefs, strict=True)
        )
        return [None if value is None else round(value, _DIGITS) for value in found]


def _remembered(name: Callable[[str], str]) -> Callable[[str], str]:
    return lru_cache(_MOST_KNOWN)(name)
