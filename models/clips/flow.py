"""Clips with their flow, as `kbuild flow` keeps it. No torch.

Shapes, as name suffixes: T frames, H height, W width, C channels: x, y of flow, or R, G, B, x, y.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from kinetics_builder.errors import ItemFailed, ModelError, Reason
from kinetics_builder.files import FileMark, as_marked
from kinetics_builder.formats.manifest import ManifestRow
from kinetics_builder.video.flow.folder import ROWS, FlowRow
from kinetics_builder.video.flow.settings import RATE, SHORT_SIDE, FlowSettings
from kinetics_builder.video.flow.stored import StoredFlow, UnreadableFlow
from models.clips.decode import Frames, Times, scaled_size
from models.clips.flow_places import FlowPlace, flow_place
from models.clips.release import BrokenClip, Release
from models.clips.sources import FrameSource

if TYPE_CHECKING:  # it brings torch
    from models.spec import Sampling

_EPSILON = 1e-3
_SLACK = 1.01
"""How much coarser than a network's steps flow may be: what rounding of both makes."""


@dataclass(frozen=True)
class ReleaseFlow:
    """The flow of a release, whole: each clip has a file, or a reason why it has none."""

    place: FlowPlace
    settings: FlowSettings

    @property
    def rows(self) -> dict[str, FlowRow]:
        """Return what became of each clip, by its file."""
        return self.place.rows

    def broken(self) -> dict[str, BrokenClip]:
        """Return the clips without flow, those among them whose file is not there any more."""
        whys = ((row.file, self._why(row)) for row in self.rows.values())
        return {file: BrokenClip(file, f"no flow: {why}") for file, why in whys if why}

    def _why(self, row: FlowRow) -> str:
        if row.reason:
            return f"{row.reason}: {row.message}"
        size = self.place.num_bytes(row)
        if size is None:
            return "its file is not there"
        return "" if size == row.bytes else f"{size} bytes, {ROWS} says {row.bytes}"


def read_flow(
    release: Release, sampling: "Sampling", place: FlowPlace | None = None
) -> ReleaseFlow:
    """Return the flow of a release for a network that looks at it as `sampling` says.

    Args:
        release: Whose.
        sampling: How the network looks.
        place: Where it lies; beside the clips without it.

    Raises:
        ModelError: There is none, not of all clips, or coarser than the network looks.

    """
    place = place or flow_place(release.folder, "", release.folder)
    settings = place.settings
    said = f"The network eats {sampling.modality.replace('_', ' ')}"
    if settings is None:
        raise ModelError(
            f"{said}, and {_where(release, place)} has no flow: "
            f"`{_command(release, sampling, place)}` computes it."
        )
    _check_fineness(settings, sampling, said, (release, place))
    _check_whole(release, place, said)
    return ReleaseFlow(place, settings)


def _check_whole(release: Release, place: FlowPlace, said: str) -> None:
    known, num_clips = place.rows, len(release.rows)
    lacking = [clip.file for clip in release.rows if clip.file not in known]
    others = [
        clip.file
        for clip in release.rows
        if clip.file in known and known[clip.file].clip_sha256 != clip.sha256
    ]
    troubles = [
        f"{text} {len(files)} of {num_clips} clips, for instance {files[0]}"
        for text, files in (("has none of", lacking), ("is that of other cuts of", others))
        if files
    ]
    if troubles:
        raise ModelError(
            f"{said}, and the flow in {place.said} {' and '.join(troubles)}: "
            f"`kbuild flow {release.folder}{place.options}` goes on."
        )


def _where(release: Release, place: FlowPlace) -> str:
    return place.said if "--to" in place.options else str(release.folder)


def _check_fineness(
    settings: FlowSettings, sampling: "Sampling", said: str, whose: tuple[Release, FlowPlace]
) -> None:
    is_slow = settings.frames_per_second * sampling.step_seconds * _SLACK < 1
    if is_slow or settings.short_side < sampling.short_side:
        raise ModelError(
            f"{said} at {1 / sampling.step_seconds:g} a second and a short side of "
            f"{sampling.short_side} pixels, and the flow of {_where(*whose)} has "
            f"{settings.frames_per_second:g} a second and {settings.short_side} pixels: "
            f"`{_command(whose[0], sampling, whose[1])} --fresh` computes it anew."
        )


def _command(release: Release, sampling: "Sampling", place: FlowPlace) -> str:
    """Return the command that computes what a network needs."""
    said = f"kbuild flow {release.folder}{place.options}"
    if sampling.short_side != SHORT_SIDE:
        said += f" --short-side {sampling.short_side}"
    if sampling.step_seconds * RATE * _SLACK < 1:
        said += f" --fps {1 / sampling.step_seconds:g}"
    return said


@dataclass
class FlowFrames:
    """Flow out of its files: at each time the field from the picture shown then to the next."""

    flow: ReleaseFlow
    short_side: int
    marks: dict[str, FileMark] = field(default_factory=dict)

    def frames(self, row: ManifestRow, times: Times) -> Frames:
        """Return x and y, uint8 (T, H, W, 2), scaled to the short side; levels stay as they are."""
        return self.fields(row, times, None)

    def fields(self, row: ManifestRow, times: Times, size: tuple[int, int] | None) -> Frames:
        """Return the same at `size`, (width, height).

        Raises ItemFailed for a file that is not the one that `kbuild flow` wrote.
        """
        known = self.flow.rows[row.file]
        path = self.flow.place.here(known)
        mark = self.marks.get(row.file) or FileMark(known.bytes, known.sha256)
        with as_marked(path, mark, "`kbuild flow` computes it anew."):
            self.marks[row.file] = FileMark(known.bytes, known.sha256, path.stat().st_mtime_ns)
            try:
                return self._read(path, times, size)
            except UnreadableFlow as error:
                raise ItemFailed(Reason.BROKEN, str(error)) from error

    def _read(self, path: Path, times: Times, size: tuple[int, int] | None) -> Frames:
        places = np.floor(np.asarray(times) * self.flow.settings.frames_per_second + _EPSILON)
        with StoredFlow.open(path) as stored:
            size = size or scaled_size(stored.width, stored.height, self.short_side)
            wanted, back = np.unique(
                places.clip(0, stored.num_fields - 1).astype(np.int64), return_inverse=True
            )
            found = [_scaled(stored.field(int(place)), size) for place in wanted]
        return np.stack(found)[back]


@dataclass(frozen=True)
class BothFrames:
    """Pictures with their flow: R, G, B, x, y."""

    pictures: FrameSource
    flow: FlowFrames

    def frames(self, row: ManifestRow, times: Times) -> Frames:
        """Return uint8 (T, H, W, 5)."""
        rgb_THWC = self.pictures.frames(row, times)
        height, width = rgb_THWC.shape[1:3]
        return np.concatenate([rgb_THWC, self.flow.fields(row, times, (width, height))], axis=-1)


def _scaled(levels_HW2: Frames, size: tuple[int, int]) -> Frames:
    if (levels_HW2.shape[1], levels_HW2.shape[0]) == size:
        return levels_HW2
    scaled: Frames = cv2.resize(levels_HW2, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return scaled
