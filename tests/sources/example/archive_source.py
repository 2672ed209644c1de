"""A source of one's own: a folder whose `catalogue.txt` says what its films show.

The package's `pyproject.toml` offers it:

    [project.entry-points."kinetics_builder.sources"]
    archive = "archive_source:KIND"
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import ItemFailed, Reason, SourceError
from pipelines.sources.source import Asked, Fetched, Found, Limits, Request, VideoSource


@dataclass(frozen=True)
class ArchiveSource:
    """The films of a folder, each asked for by the words of a class."""

    root: Path

    @property
    def is_local(self) -> bool:
        """Whether no network is met."""
        return False

    def requests(self, asked: Sequence[Asked]) -> list[Request]:
        """Return a question for each query of each class."""
        if not (self.root / "catalogue.txt").is_file():
            text = f"{self.root}: no catalogue.txt. Name an archive."
            return [Request(key=text, query="", refusal=text)]
        return [Request(key=f"{a.label}: {a.query}", query=a.query, label=a.label) for a in asked]

    def search(self, query: str, limit: int) -> Iterable[Found]:
        """Yield the films whose line holds the query."""
        lines = (self.root / "catalogue.txt").read_text("utf-8").splitlines()
        for line in [line for line in lines if query in line.lower()][:limit]:
            name, title = line.split(" ", 1)
            yield Found(video_id=f"archive-{name}", url=f"archive:{name}", title=title)

    def fetch(self, url: str, folder: Path, limits: Limits) -> Fetched:
        """Copy a film."""
        film = self.root / f"{url.removeprefix('archive:')}.mp4"
        if not film.is_file():
            raise ItemFailed(Reason.REMOVED, "the archive has lost it")
        return Fetched(file=Path(shutil.copy(film, folder)), licence="CC0")


class Archive:
    """`--source archive:FOLDER`."""

    form = "archive:FOLDER"

    def normalised(self, rest: str) -> str:
        """Return the folder's absolute path."""
        if not Path(rest).is_dir():
            raise SourceError(f"--source archive:{rest}: no such folder.")
        return str(Path(rest).resolve())

    def open(self, rest: str, config: DownloadConfig) -> VideoSource:
        """Return the source."""
        return ArchiveSource(Path(rest))


KIND = Archive()
