"""Videos that a released file of others names: `--source released:FILE`.

Its labels are taken as given, its stretches are not: clips are placed anew, and people are asked.
`kbuild restore` keeps stretches and labels as they stand.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import FormatError, SourceError
from kinetics_builder.formats.problems import Problems
from kinetics_builder.text.foreign import spelled
from pipelines.sources.ids import short_key
from pipelines.sources.paths import absolute
from pipelines.sources.source import Asked, Fetched, Found, Limits, Request
from pipelines.sources.urls import UrlsSource
from pipelines.sources.web.options import Options


@dataclass(frozen=True, slots=True)
class ReleasedSource:
    """The videos of Kinetics', ActivityNet's, HACS' and other files of clips."""

    file: Path
    options: Options

    @property
    def is_local(self) -> bool:
        """Whether no network is met."""
        return False

    @property
    def questions_file(self) -> Path:
        """Return the list, in which all questions stand."""
        return self.file

    def requests(self, asked: Sequence[Asked]) -> list[Request]:
        """Return one question for each video and label that is asked about.

        Rows of other labels are left out, which is said. Where rows have no labels, the site is
        asked for the title.
        """
        try:
            return self._requests(asked)
        except (SourceError, FormatError) as error:
            return [Request(key=short_key(str(error)), query="", refusal=str(error))]

    def search(self, query: str, limit: int) -> Iterable[Found]:
        """Return the video of the address `query`."""
        return self._addresses.search(query, limit)

    def fetch(self, url: str, folder: Path, limits: Limits) -> Fetched:
        """Download the video of `url`."""
        return self._addresses.fetch(url, folder, limits)

    @property
    def _addresses(self) -> UrlsSource:
        return UrlsSource(self.file, self.options)

    def _requests(self, asked: Sequence[Asked]) -> list[Request]:
        labels = {a.label.casefold(): a.label for a in asked}
        named: dict[tuple[str, str], str] = {}
        others: set[str] = set()
        for video_id, address, given in self._rows():
            label = labels.get(spelled(given).casefold()) if given else ""
            if label is None:
                others.add(given)
            else:
                named.setdefault((label, video_id), address)
        if not named:
            shown = ", ".join(repr(label) for label in sorted(others)[:3])
            raise SourceError(
                f"{self.file}: none of its {len(others)} classes is in the list of classes: it has "
                f"{shown}. Add those that are wanted to the list."
            )
        said = f"{self.file.name}: {len(others)} of its classes are not in the list of classes"
        return [
            Request(
                key=short_key(f"{label}: {address}" if label else address),
                query=address,
                label=label or None,
                is_given=bool(label),
                known=partial(Found, video_id, address, "") if label else None,
                said=said if others else None,
            )
            for (label, video_id), address in named.items()
        ]

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield the video, its address and its label of each row that names one of the web."""
        from pipelines.restoring.released import find_released

        released = find_released(self.file)
        if released.is_of_films:
            raise SourceError(
                f"{self.file} names key frames of films. Write `kbuild restore {self.file}`, which "
                "keeps films whole."
            )
        for record in released.records(Problems(self.file)):
            row = released.row_of(record)
            if row.video_id is not None:
                yield row.video_id, row.address, row.label


class _Released:
    """`--source released:FILE`."""

    form = "released:FILE"

    def normalised(self, rest: str) -> str:
        """Return the file's absolute path."""
        return absolute("released", rest)

    def open(self, rest: str, config: DownloadConfig) -> ReleasedSource:
        """Return the source."""
        return ReleasedSource(Path(rest), Options.of(config))


RELEASED = _Released()
