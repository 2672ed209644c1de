"""Where flow is kept: in a folder of this machine, beside the lists of it."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kinetics_builder.formats.manifest import ManifestRow
from kinetics_builder.storage.remote import RemoteFolder
from kinetics_builder.video.flow.folder import ROWS, SETTINGS, SUFFIX, FlowFolder, FlowRow
from kinetics_builder.video.flow.settings import FlowSettings

_COPIES = ".copies"
"""Of clips that lie elsewhere, while they are worked on."""


@dataclass
class Keeper:
    """Flow in a folder: a file for each clip. Others keep it elsewhere, and compute it there."""

    folder: FlowFolder
    sizes: dict[str, int] = field(default_factory=dict)
    """What is there: bytes of each clip's flow, by the clip's file."""

    @property
    def said(self) -> str:
        """Return what people call the place."""
        return str(self.folder.root)

    def begin(self) -> None:
        """Look at what is there, and remove what killed runs have left."""
        for part in self.folder.root.rglob(f".*{SUFFIX}.*"):
            part.unlink(missing_ok=True)
        shutil.rmtree(self.folder.root / _COPIES, ignore_errors=True)
        self.sizes = dict(self._found())

    def _found(self) -> Iterator[tuple[str, int]]:
        for path in self.folder.root.rglob(f"*{SUFFIX}"):
            file = path.relative_to(self.folder.root).as_posix().removesuffix(SUFFIX)
            yield file, path.stat().st_size

    def throw_away(self) -> None:
        """Remove all flow; how it was computed goes last, so that none is taken for other flow."""
        self._remove_list(ROWS)
        for file in list(self.sizes):
            self.remove(file)
        self._remove_list(SETTINGS)

    def _remove_list(self, name: str) -> None:
        (self.folder.root / name).unlink(missing_ok=True)

    def remove(self, file: str) -> None:
        """Remove the flow of a clip, if it is there."""
        if self.sizes.pop(file, None) is not None:
            self.folder.path(file).unlink(missing_ok=True)

    @contextmanager
    def opened(self, file: str) -> Iterator[Path]:
        """Let the block read the flow of a clip, which is there."""
        yield self.folder.path(file)

    def expect(self, clips: Iterable[ManifestRow], rows: Mapping[str, FlowRow]) -> None:
        """Be told of all clips, and what became of those of which nothing is to be done."""

    def in_order(self, clips: Iterable[ManifestRow]) -> list[ManifestRow]:
        """Return clips in the order in which they are best worked on."""
        return list(clips)

    def copies(self, number: int) -> Path:
        """Return a folder for the copy of a clip, which is removed with it."""
        return self.folder.root / _COPIES / str(number)

    def remote(self, file: str) -> RemoteFolder | None:
        """Return the store's folder for the flow of a clip; None where it stays here."""
        return None

    def settled(self, row: FlowRow) -> None:
        """Be told what became of a clip that was worked on."""

    def end(self) -> None:
        """Remove what work alone needs, folders that hold nothing included."""
        shutil.rmtree(self.folder.root / _COPIES, ignore_errors=True)
        folders = [path for path in self.folder.root.rglob("*") if path.is_dir()]
        for path in sorted(folders, reverse=True):  # those below before those above
            if not any(path.iterdir()):
                path.rmdir()

    def note_settings(self, settings: FlowSettings) -> None:
        """Write down how it is computed."""
        self.folder.note_settings(settings)

    def note_rows(self, rows: Iterable[FlowRow]) -> None:
        """Write down what became of each clip so far."""
        self.folder.note_rows(rows)
