"""Flow in a store: computed in a folder of this machine, put there clip by clip, lists last."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kinetics_builder.errors import ItemFailed, WorkspaceError
from kinetics_builder.storage.cache import own_temporary_folder
from kinetics_builder.storage.remote import RemoteFolder
from kinetics_builder.storage.stores import AGAIN
from kinetics_builder.video.flow.folder import (
    ROWS,
    SETTINGS,
    SUFFIX,
    FlowFolder,
    FlowRow,
    flow_name,
)
from kinetics_builder.video.flow.settings import FlowSettings
from pipelines.flow.keeping import Keeper


@dataclass
class StoreKeeper(Keeper):
    """Flow at an address that fsspec knows, whose lists are copied here."""

    url: str = ""

    @classmethod
    def at(cls, url: str) -> "StoreKeeper":
        """Return the keeper of flow at an address, with this machine's folder for it."""
        name = f"flow-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
        return cls(FlowFolder(own_temporary_folder() / name), url=url.rstrip("/"))

    @property
    def said(self) -> str:
        """Return the address."""
        return self.url

    def begin(self) -> None:
        """Look at what is there, remove what killed runs have left, and fetch the lists.

        Raises WorkspaceError where the store gives or takes nothing.
        """
        from models.clips.flow_places import fetch_lists

        for path in self.folder.root.rglob(f"*{SUFFIX}"):
            path.unlink()
        self._root.require_writable()
        super().begin()
        fetch_lists(self._root, self.folder)

    def _found(self) -> Iterator[tuple[str, int]]:
        for name, entry in self._root.below().items():
            path = PurePosixPath(name)
            if path.name.startswith(".") and path.name.endswith(".part"):
                self._at(name).remove(path.name)
            elif name.endswith(SUFFIX):
                yield name.removesuffix(SUFFIX), entry.bytes

    def _remove_list(self, name: str) -> None:
        super()._remove_list(name)
        self._root.remove(name)

    def remove(self, file: str) -> None:
        """Remove the flow of a clip, if it is there."""
        if self.sizes.pop(file, None) is not None:
            self._at(flow_name(file)).remove(PurePosixPath(flow_name(file)).name)

    @contextmanager
    def opened(self, file: str) -> Iterator[Path]:
        """Let the block read a copy of the flow of a clip."""
        path = self.folder.path(file)
        try:
            self._root.fetch(flow_name(file), path)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def remote(self, file: str) -> RemoteFolder:
        """Return the store's folder for the flow of a clip."""
        return self._at(file)

    def note_settings(self, settings: FlowSettings) -> None:
        """Write down there how it is computed."""
        super().note_settings(settings)
        self._put(SETTINGS)

    def note_rows(self, rows: Iterable[FlowRow]) -> None:
        """Write down there what became of each clip so far."""
        super().note_rows(rows)
        self._put(ROWS)

    def end(self) -> None:
        """Remove this machine's lists, too: those of the store are the ones that count."""
        for name in (SETTINGS, ROWS):
            (self.folder.root / name).unlink(missing_ok=True)
        super().end()

    def _put(self, name: str) -> None:
        try:
            self._root.put(self.folder.root / name, name)
        except ItemFailed as failure:
            raise WorkspaceError(f"{failure.message} {AGAIN}") from failure

    @property
    def _root(self) -> RemoteFolder:
        return RemoteFolder(self.url)

    def _at(self, name: str) -> RemoteFolder:
        parent = str(PurePosixPath(name).parent)
        return self._root if parent == "." else RemoteFolder(f"{self.url}/{parent}")
