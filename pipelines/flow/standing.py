"""What of a release's flow is there: of which settings, of which clips."""

from collections.abc import Iterable
from pathlib import Path

from kinetics_builder.errors import RETRYABLE, ModelError
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.manifest import ManifestRow
from kinetics_builder.video.flow.folder import ROWS, SETTINGS, SUFFIX, FlowFolder, FlowRow
from kinetics_builder.video.flow.settings import FlowSettings
from kinetics_builder.video.flow.stored import StoredFlow, UnreadableFlow

Rows = dict[str, FlowRow]
"""What became of each clip, by its file."""
_RETRYABLE = frozenset(reason.value for reason in RETRYABLE)


def claim(folder: FlowFolder, settings: FlowSettings, *, is_fresh: bool) -> None:
    """Note of which settings the folder's flow is.

    Args:
        folder: Held by this process.
        settings: Those that are wanted.
        is_fresh: Throw away what is there.

    Raises:
        ModelError: Flow of other settings is there.

    """
    for part in folder.root.rglob(f".*{SUFFIX}.*"):
        part.unlink(missing_ok=True)  # of a run that was killed
    if is_fresh or not _has_any(folder):
        _throw_away(folder)
    if (known := folder.settings()) is None:
        folder.note_settings(settings)
    elif differences := known.differences(settings):
        raise ModelError(
            f"{folder.root} holds flow of other settings: {'; '.join(differences)}. "
            "Ask for those, or --fresh to throw away what is there and compute it anew."
        )


def _has_any(folder: FlowFolder) -> bool:
    """Tell whether flow was computed: where none was, it may be that of other settings."""
    return (folder.root / ROWS).is_file() or any(folder.root.rglob(f"*{SUFFIX}"))


def _throw_away(folder: FlowFolder) -> None:
    """Remove all flow; how it was computed goes last, so that nothing is taken for other flow."""
    (folder.root / ROWS).unlink(missing_ok=True)
    for path in folder.root.rglob(f"*{SUFFIX}"):
        path.unlink(missing_ok=True)
    (folder.root / SETTINGS).unlink(missing_ok=True)


def standing(
    folder: FlowFolder, clips: Iterable[ManifestRow], settings: FlowSettings, *, retries: bool
) -> Rows:
    """Return the rows of those clips of which nothing is to be done.

    The flow of clips that are no longer in the release is removed. What a killed run has left
    without a row is looked at, and gets one.

    Args:
        folder: Of `settings`.
        clips: All of the release.
        settings: How the flow is computed.
        retries: Whether what failed for a reason that may have passed is to be done again.

    """
    before = {row.file: row for row in folder.rows()}
    wanted = {clip.file: clip.sha256 for clip in clips}
    for file in before.keys() - wanted.keys():
        folder.path(file).unlink(missing_ok=True)
    found: Rows = {}
    for file, sha256 in wanted.items():
        row = before.get(file)
        if row is None or row.clip_sha256 != sha256 or not _holds(folder, row, retries=retries):
            row = _left(folder.path(file), file, sha256, settings)
        if row is not None:
            found[file] = row
    return found


def _holds(folder: FlowFolder, row: FlowRow, *, retries: bool) -> bool:
    if row.reason:
        return not (retries and row.reason in _RETRYABLE)
    path = folder.path(row.file)
    return path.is_file() and path.stat().st_size == row.bytes


def _left(path: Path, file: str, clip_sha256: str, settings: FlowSettings) -> FlowRow | None:
    """Return the row of a file that has none, if it is of this clip and these settings."""
    try:
        with StoredFlow.open(path) as stored:
            if stored.told != {"clip": clip_sha256, "settings": settings.hash}:
                return None
            num_fields = stored.num_fields
    except (FileNotFoundError, UnreadableFlow):
        return None
    return FlowRow(file, clip_sha256, num_fields, path.stat().st_size, file_sha256(path))
