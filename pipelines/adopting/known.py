"""What earlier runs found in files: a line each, added as it is found, so that no kill loses it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from kinetics_builder.errors import RETRYABLE
from kinetics_builder.formats.output import writing_text
from pipelines.adopting.looking import Facts

FACTS = "files.jsonl"
_RETRYABLE = frozenset(reason.value for reason in RETRYABLE)


class Known:
    """The facts of files below a folder, by their paths there."""

    def __init__(self, path: Path) -> None:
        """Read what is there; a line that a kill has cut off is nobody's."""
        self._path = path
        self._facts: dict[str, Facts] = {}
        self._file: TextIO | None = None
        if path.is_file():
            for line in path.read_text("utf-8", errors="replace").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        try:
            told = json.loads(line)
            file = told.pop("file")
            self._facts[file] = Facts(**told)
        except (ValueError, KeyError, TypeError, AttributeError):
            return

    def of(self, file: str, path: Path, *, retries: bool) -> Facts | None:
        """Return what is known of a file as it is now; None where it is to be looked at.

        Equal size and time of its last change are believed.
        """
        facts = self._facts.get(file)
        if facts is None or (retries and facts.reason in _RETRYABLE):
            return None
        found = path.stat()
        is_same = (found.st_size, found.st_mtime_ns) == (facts.bytes, facts.modified_ns)
        return facts if is_same else None

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Let `note` add lines meanwhile."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write("\n" if file.tell() else "")
            self._file = file
            yield
        self._file = None

    def note(self, file: str, facts: Facts) -> None:
        """Write down what was found in a file."""
        assert self._file is not None, "only while noting"
        self._facts[file] = facts
        self._file.write(_line(file, facts))
        self._file.flush()

    def keep(self, files: Iterable[str]) -> Mapping[str, Facts]:
        """Write anew what is known of `files`, sorted, and return it; the rest is forgotten."""
        kept = {file: self._facts[file] for file in sorted(files) if file in self._facts}
        with writing_text(self._path) as out:
            out.writelines(_line(file, facts) for file, facts in kept.items())
        return kept


def _line(file: str, facts: Facts) -> str:
    return json.dumps({"file": file, **asdict(facts)}, ensure_ascii=False) + "\n"
