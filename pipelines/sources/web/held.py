"""Which bytes of a film are at their places in a file here, so that a later try goes on with them.

They are written down beside the file, and what is written down is on the disk: a run may be killed
at any moment.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

from kinetics_builder.video.cutting.excerpt import Span, joined
from pipelines.sources.web.kept import NOTED, PARTS


@dataclass
class Held:
    """Spans of one version of a film that are here."""

    part: Path
    version: str | None = None
    size: int = 0
    """Of the whole film, in bytes; 0 before the first answer."""
    spans: list[Span] = field(default_factory=list)

    @classmethod
    def of(cls, part: Path) -> Self:
        """Return what an earlier try left in `part`; nothing where that is not known for sure."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            noted = json.loads(_noted(part).read_text(encoding="utf-8"))
            spans = [(int(begin), int(end)) for begin, end in noted["spans"]]
            if part.stat().st_size >= max(end for _, end in spans):
                return cls(part, str(noted["version"]), int(noted["size"]), spans)
        return cls(part)

    @property
    def num_bytes(self) -> int:
        """Return how many bytes are here."""
        return sum(end - begin for begin, end in self.spans)

    def missing(self, spans: Sequence[Span]) -> list[Span]:
        """Return what of spans is not here yet."""
        found: list[Span] = []
        for begin, end in joined(spans):
            for held_begin, held_end in self.spans:
                if held_begin <= begin < held_end:
                    begin = held_end
                if begin < held_begin < end:
                    found.append((begin, held_begin))
                    begin = held_end
            if begin < end:
                found.append((begin, end))
        return found

    def add(self, span: Span, file: BinaryIO) -> None:
        """Write down that a span came into the file."""
        if span[0] == span[1]:
            return
        self.spans = joined([*self.spans, span])
        file.flush()
        os.fsync(file.fileno())
        noted = {"version": self.version, "size": self.size, "spans": self.spans}
        fresh = _noted(self.part).with_suffix(".part")
        fresh.write_text(json.dumps(noted), encoding="utf-8")
        fresh.replace(_noted(self.part))

    def forget(self) -> None:
        """Begin anew with the next try."""
        _noted(self.part).unlink(missing_ok=True)
        self.part.unlink(missing_ok=True)

    def finish(self, target: Path) -> None:
        """Give the file its final name: all that is wanted of it is here."""
        self.part.replace(target)
        _noted(self.part).unlink(missing_ok=True)


def _noted(part: Path) -> Path:
    return part.with_name(part.name.removesuffix(PARTS) + NOTED)
