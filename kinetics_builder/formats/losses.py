"""What a format cannot say about its records, told once for each thing and not for each row."""

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath

from kinetics_builder.formats.names import clip_name
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip

EXTRA = "extra columns"
"""The detail that names those details a file had beside its format's own. No file of the field
calls a column so; one that is called `extra` is kept like all others."""


def extra_of(clip: Clip) -> tuple[str, ...]:
    """Return the names that `EXTRA` holds."""
    names = clip.details.get(EXTRA, ())
    return tuple(map(str, names)) if isinstance(names, (tuple, list)) else ()


class Losses:
    """Counts what is lost; `tell` warns of each once, with the first record's name.

    Writers tell while what they write does not have its name yet: where warnings are errors,
    it never gets it.
    """

    def __init__(self, problems: Problems, format_name: str) -> None:
        self._problems = problems
        self._format_name = format_name
        self._counts: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], str] = {}

    def note(self, what: str, item: str) -> None:
        """Take down that the record called `item` loses `what`."""
        self._take((what, ""), item)

    def note_oddity(self, message: str, item: str) -> None:
        """Take down what is to be known of the record called `item`, though it is written."""
        self._take(("", message), item)

    def note_left_out(self, message: str, item: str, num_records: int) -> None:
        """Take down that records have no place, in what is written of the one called `item`."""
        self.note_oddity(message, item)
        self._problems.num_lost += num_records

    def _take(self, key: tuple[str, str], item: str) -> None:
        self._counts[key] += 1
        self._first.setdefault(key, item)

    def note_details(self, clip: Clip, said: Iterable[str] = ()) -> None:
        """Take down what a clip carries beside its video, times, label and split.

        That is its score, and its details but for those named in `said`.
        """
        if clip.score is not None:
            self.note("score", clip.video_id)
        if clip.details:
            for name in clip.details.keys() - {EXTRA, *said}:
                self.note(name, clip.video_id)

    def note_file(self, clip: Clip) -> None:
        """Take down a file whose name the official crawler would not have given."""
        if clip.file is not None and PurePath(clip.file).name != f"{clip_name(clip)}.mp4":
            self.note("file", clip.video_id)

    def note_times(self, clip: Clip) -> None:
        """Take down the times of a clip that a format of whole files cannot place."""
        if clip.start_seconds is not None:
            self.note("start and end", clip.video_id)

    def note_split(self, clip: Clip, of_file: str | None) -> None:
        """Take down a split that the file's name does not say."""
        if clip.split not in (None, of_file):
            self.note("split (it stands in the file's name alone)", clip.video_id)

    def tell(self) -> None:
        """Warn of everything that was taken down; of things that the same records lose, at once."""
        self._problems.line = None
        lost: dict[tuple[str, str], list[str]] = {}
        for (what, message), count in sorted(self._counts.items()):
            item = self._first[what, message]
            this = f"this and {count - 1:,} more" if count > 1 else "this"
            if what:
                lost.setdefault((item, this), []).append(what)
            else:
                self._warn(item, f"{message} ({this})")
        for (item, this), things in lost.items():
            them = "it is" if len(things) == 1 else "they are"
            text = f"does not say the {', '.join(things)} of {this}; {them} lost there"
            self._warn(item, f"{self._format_name} {text}")

    def _warn(self, item: str, message: str) -> None:
        self._problems.item = item
        self._problems.warning(message)
