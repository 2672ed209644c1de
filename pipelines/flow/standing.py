"""What of a release's flow is there: of which settings, of which clips."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kinetics_builder.errors import RETRYABLE, FormatError, ItemFailed, ModelError, Reason
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.manifest import ManifestRow
from kinetics_builder.video.flow.folder import ROWS, SETTINGS, FlowRow
from kinetics_builder.video.flow.settings import FlowSettings
from kinetics_builder.video.flow.stored import StoredFlow, UnreadableFlow
from pipelines.flow.keeping import Keeper

if TYPE_CHECKING:
    from models.clips.places import ClipPlace

Rows = dict[str, FlowRow]
"""What became of each clip, by its file."""
_RETRYABLE = frozenset(reason.value for reason in RETRYABLE)


def claim(keeper: Keeper, settings: FlowSettings, *, is_fresh: bool) -> None:
    """Note of which settings the flow of a place is.

    Args:
        keeper: Of a place that this process alone writes to; it knows what is there.
        settings: Those that are wanted.
        is_fresh: Throw away what is there.

    Raises:
        ModelError: Flow of other settings is there, or files that no flow.json tells of.

    """
    if keeper.sizes and not (keeper.folder.root / SETTINGS).is_file():
        raise ModelError(
            f"{keeper.said} holds files that may be flow ({len(keeper.sizes)}, for instance of "
            f"{min(keeper.sizes)}), and no {SETTINGS} that tells how it was computed. They are not "
            "touched: remove them, or choose another place."
        )
    if is_fresh or not _has_any(keeper):
        keeper.throw_away()
    if (known := keeper.folder.settings()) is None:
        keeper.note_settings(settings)
    elif differences := known.differences(settings):
        raise ModelError(
            f"{keeper.said} holds flow of other settings: {'; '.join(differences)}. "
            "Ask for those, or --fresh to throw away what is there and compute it anew."
        )


def _has_any(keeper: Keeper) -> bool:
    """Tell whether flow was computed: where none was, it may be that of other settings."""
    return (keeper.folder.root / ROWS).is_file() or bool(keeper.sizes)


def standing(
    keeper: Keeper,
    clips: Iterable[ManifestRow],
    place: "ClipPlace",
    settings: FlowSettings,
    *,
    retries: bool,
) -> Rows:
    """Return the rows of those clips of which nothing is to be done.

    The flow of clips that are no longer in the release is removed. What a killed run has left
    without a row is looked at, and gets one; so is all where the list is damaged. A clip that was
    missing and is there now is to be done.

    Args:
        keeper: Of flow of `settings`.
        clips: All of the release.
        place: What has them.
        settings: How the flow is computed.
        retries: Whether what failed for a reason that may have passed is to be done again.

    """
    before = _listed(keeper)
    wanted = {clip.file: clip for clip in clips}
    for file in keeper.sizes.keys() - wanted.keys():
        keeper.remove(file)
    found: Rows = {}
    for file, clip in wanted.items():
        row = before.get(file)
        if row is not None and row.reason == Reason.MISSING and place.num_bytes(clip) is not None:
            row = None
        if row is None or row.clip_sha256 != clip.sha256 or not _holds(keeper, row, retries):
            row = _left(keeper, file, clip.sha256, settings)
        if row is not None:
            found[file] = row
    return found


def _listed(keeper: Keeper) -> Rows:
    try:
        return {row.file: row for row in keeper.folder.rows()}
    except FormatError:
        return {}


def _holds(keeper: Keeper, row: FlowRow, retries: bool) -> bool:
    if row.reason:
        return not (retries and row.reason in _RETRYABLE)
    return keeper.sizes.get(row.file) == row.bytes


def _left(keeper: Keeper, file: str, clip_sha256: str, settings: FlowSettings) -> FlowRow | None:
    """Return the row of a file that has none, if it is of this clip and these settings."""
    if file not in keeper.sizes:
        return None
    try:
        with keeper.opened(file) as path, StoredFlow.open(path) as stored:
            if stored.told != {"clip": clip_sha256, "settings": settings.hash}:
                return None
            size, sha256 = path.stat().st_size, file_sha256(path)
            return FlowRow(file, clip_sha256, stored.num_fields, size, sha256)
    except (FileNotFoundError, UnreadableFlow, ItemFailed):
        return None
