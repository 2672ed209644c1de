"""The list of released clips that lie across cuts, `cuts.csv`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Clip, CuratedClip
from pipelines.publishing.clips.contents import Page

CUTS = "cuts.csv"
"""Of clips across cuts, where any is known: their files, and when a shot begins in them."""


@dataclass
class Cuts:
    """Takes down the cuts of clips as they go by."""

    known: Mapping[int, Sequence[float]]
    """Seconds from the clip's start, by its id."""
    lines: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, session: Session) -> "Cuts":
        """Read which of the released clips lie across any."""
        rows = session.execute(
            select(Clip.id, Clip.start_seconds, Clip.cuts)
            .join(CuratedClip, CuratedClip.clip_id == Clip.id)
            .where(Clip.num_cuts > 0, CuratedClip.is_public())
        )
        return cls({clip: [cut - start for cut in cuts or ()] for clip, start, cuts in rows})

    def add(self, page: Page) -> None:
        """Take down those of some clips."""
        if self.known:
            for clip, file in zip(page["clip_id"], page["file"], strict=True):
                self.lines += [f"{file},{moment:.3f}\n" for moment in self.known.get(clip, ())]

    def write(self, path: Path) -> bool:
        """Write the list, if there is anything in it; return whether there is."""
        if self.lines:
            path.write_text("".join(["file,seconds\n", *self.lines]), "utf-8")
        return bool(self.lines)
