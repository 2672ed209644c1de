"""Flow in tar shards, one for each of the clips': a shard is packed when its last clip is done."""

import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.json_files import json_text
from kinetics_builder.formats.manifest import ManifestRow
from kinetics_builder.formats.output import writing_bytes
from kinetics_builder.formats.training.webdataset.tar_files import add
from kinetics_builder.video.flow.folder import SUFFIX, FlowRow, flow_name
from pipelines.flow.keeping import Keeper

if TYPE_CHECKING:
    from models.clips.places import Member, Sharded


@dataclass
class ShardKeeper(Keeper):
    """Flow in tar files, called as those of the clips, its samples by the same keys.

    What is computed of a shard that is not done lies beside it, a file for each clip.
    """

    clips: "Sharded" = field(kw_only=True)
    """Where the clips lie."""
    packed: dict[str, "Member"] = field(default_factory=dict)
    """What is in shards, by the clip's file."""
    rows: dict[str, FlowRow] = field(default_factory=dict)
    wanted: dict[str, list[ManifestRow]] = field(default_factory=dict)
    """The clips of each shard, as they lie there."""

    def _found(self) -> Iterator[tuple[str, int]]:
        for part in self.folder.root.glob(".*.tar.*"):
            part.unlink(missing_ok=True)
        self.packed = {}
        for shard in self.folder.shards():
            self._note_members(shard)
        yield from ((file, member.num_bytes) for file, member in self.packed.items())
        yield from super()._found()

    def _note_members(self, shard: Path) -> None:
        from models.clips.flow_places import read_flow_shards

        members = read_flow_shards([shard], self.folder.root).members
        if others := [name for name in members if not name.endswith(SUFFIX)]:
            raise ModelError(
                f"{shard} holds no flow, but {others[0]}: name another folder than that of the "
                "clips' shards."
            )
        self.packed |= {name.removesuffix(SUFFIX): member for name, member in members.items()}

    def throw_away(self) -> None:
        """Remove all flow, shards included."""
        self.packed = {}
        for shard in self.folder.shards():
            shard.unlink()
        super().throw_away()

    def remove(self, file: str) -> None:
        """Remove the flow of a clip; out of a shard it goes when that is packed anew."""
        self.packed.pop(file, None)
        super().remove(file)

    @contextmanager
    def opened(self, file: str) -> Iterator[Path]:
        """Let the block read the flow of a clip, out of its shard where it is packed."""
        path = self.folder.path(file)
        if path.is_file() or file not in self.packed:
            yield path
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_content(self.packed[file]))
            yield path
        finally:
            path.unlink(missing_ok=True)

    def expect(self, clips: Iterable[ManifestRow], rows: Mapping[str, FlowRow]) -> None:
        """Take in what there is to do, and pack the shards of which nothing is."""
        self.rows = dict(rows)
        for clip in self.in_order(clips):
            if clip.file in self.clips.members:
                self.wanted.setdefault(self._shard(clip.file), []).append(clip)
        for shard in self.folder.shards():
            if shard.name not in self.wanted:
                shard.unlink()
        for name in self.wanted:
            self._pack_if_done(name)

    def in_order(self, clips: Iterable[ManifestRow]) -> list[ManifestRow]:
        """Return clips shard by shard, as they lie there."""

        def place(clip: ManifestRow) -> tuple[str, int]:
            member = self.clips.members.get(clip.file)
            return ("", 0) if member is None else (member.shard.name, member.begin)

        return sorted(clips, key=place)

    def settled(self, row: FlowRow) -> None:
        """Pack the shard of a clip if it was its last."""
        self.rows[row.file] = row
        if row.file in self.clips.members:
            self._pack_if_done(self._shard(row.file))

    def _shard(self, file: str) -> str:
        return self.clips.members[file].shard.name

    def _pack_if_done(self, name: str) -> None:
        if any(clip.file not in self.rows for clip in self.wanted[name]):
            return
        files = [clip.file for clip in self.wanted[name] if not self.rows[clip.file].reason]
        there = {file for file, member in self.packed.items() if member.shard.name == name}
        is_loose = any(self.folder.path(file).is_file() for file in files)
        if there != {*files} or is_loose:
            self._pack(self.folder.root / name, files)

    def _pack(self, shard: Path, files: list[str]) -> None:
        if not files:
            shard.unlink(missing_ok=True)
            return
        with (
            writing_bytes(shard) as target,
            tarfile.open(fileobj=target, mode="w|", format=tarfile.USTAR_FORMAT) as tar,
        ):
            for file in files:
                self._add(tar, file)
        self._note_members(shard)
        for file in files:
            self.folder.path(file).unlink(missing_ok=True)

    def _add(self, tar: tarfile.TarFile, file: str) -> None:
        key = self.clips.members[file].key
        with self.opened(file) as path, path.open("rb") as source:
            add(tar, f"{key}{SUFFIX}", path.stat().st_size, source)
        told = json_text({"file": flow_name(file)}).encode()
        add(tar, f"{key}.json", len(told), io.BytesIO(told))


def _content(member: "Member") -> bytes:
    with member.shard.open("rb") as file:
        file.seek(member.begin)
        return file.read(member.num_bytes)
