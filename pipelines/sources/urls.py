"""Videos of a list of addresses: `--source urls:FILE`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import FormatError, ItemFailed, Reason, SourceError
from kinetics_builder.text.foreign import flaw_of, spelled
from pipelines.sources.address_tables import is_table, requests_of
from pipelines.sources.ids import short_key
from pipelines.sources.paths import absolute
from pipelines.sources.source import Asked, Fetched, Found, Limits, Request
from pipelines.sources.web.options import Options
from pipelines.sources.web.ytdlp import PlaceDownError, fetch_video, list_videos


@dataclass(frozen=True, slots=True)
class UrlsSource:
    """A file with one address a line, optionally a tab and a label; `#` begins a comment.

    One that is named csv, tsv, jsonl or parquet has columns (`address_tables`).

    Addresses lie on many sites, so one that is down costs its own videos alone.
    """

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
        """Return one question for each address."""
        try:
            return self._requests(asked)
        except (SourceError, FormatError) as error:
            return [Request(key=short_key(str(error)), query="", refusal=str(error))]

    def search(self, query: str, limit: int) -> Iterable[Found]:
        """Return the video of the address `query`, or those of the playlist it leads to."""
        try:
            videos = list_videos(self.options, query, limit)
        except PlaceDownError as error:
            raise error.as_failure from error
        if not videos:
            raise ItemFailed(Reason.NO_VIDEO, "lists no video")
        return videos

    def fetch(self, url: str, folder: Path, limits: Limits) -> Fetched:
        """Download the video of `url`."""
        try:
            return fetch_video(self.options, url, folder, limits)
        except PlaceDownError as error:
            raise error.as_failure from error

    def _requests(self, asked: Sequence[Asked]) -> list[Request]:
        if is_table(self.file):
            return requests_of(self.file, asked, self.options)
        labels = {a.label.casefold(): a.label for a in asked}
        lines = enumerate(_read(self.file).split("\n"), 1)
        found = [r for number, line in lines if (r := self._request(number, line, labels))]
        if not found:
            raise SourceError(f"{self.file}: no addresses. Write one URL a line.")
        return list({request.key: request for request in found}.values())

    def _request(self, number: int, line: str, labels: dict[str, str]) -> Request | None:
        address, _, given = (part.strip() for part in line.partition("\t"))
        if not address or address.startswith("#"):
            return None
        where = f"{self.file}:{number}"
        if flaw := flaw_of(address) or flaw_of(given):
            raise SourceError(f"{where}: {line.strip()[:60]!r} holds {flaw}. Remove it.")
        if not address.lower().startswith(("http://", "https://")):
            raise SourceError(f"{where}: {address!r} is no http or https address. Mend the line.")
        if not given:
            return Request(key=short_key(address), query=address)
        label = labels.get(spelled(given).casefold())
        if label is None:
            raise SourceError(
                f"{where}: {given!r} is none of the classes. Add it to the list of classes, "
                "or leave the label out to match by title."
            )
        key = short_key(f"{label}: {address}")
        return Request(key=key, query=address, label=label, is_given=True)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise SourceError(f"{file}: {error.strerror}. Write --source urls:FILE.") from error
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{file}: not UTF-8 at offset {error.start}. Save it as UTF-8."
        ) from error


class _Urls:
    """`--source urls:FILE`."""

    form = "urls:FILE"

    def normalised(self, rest: str) -> str:
        """Return the file's absolute path."""
        return absolute("urls", rest)

    def open(self, rest: str, config: DownloadConfig) -> UrlsSource:
        """Return the source."""
        return UrlsSource(Path(rest), Options.of(config))


URLS = _Urls()
