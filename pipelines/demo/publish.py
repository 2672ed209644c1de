"""Making the files of the demo world, each from its upload alone; resumable."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pipelines.demo.cartoon import pictures
from pipelines.demo.encode import encode, hum
from pipelines.demo.uploads import UNAVAILABLE, Kind, Upload
from pipelines.demo.workers import workers
from pipelines.demo.world import World

Progress = Callable[[int, int], None]

_PAGE = b"<!DOCTYPE html><html><body><h1>Sign up to continue watching</h1></body></html>\n"
_TEXT = b"this is not a video, it is a shopping list: milk, eggs, bread\n" * 40


def publish_videos(world: World, folder: Path, progress: Progress | None = None) -> int:
    """Write the file of each upload that has one into `folder`; return how many were made.

    Files that are there already are kept. One process a core does the drawing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [u for u in world.uploads if not file_of(folder, u).exists()]
    missing = [u for u in missing if u.kind not in UNAVAILABLE - {Kind.TOO_LONG}]
    if not missing:
        return 0
    with workers() as pool:
        for done, _ in enumerate(pool.map(partial(make_file, folder), missing, chunksize=4), 1):
            if progress:
                progress(done, len(missing))
    return len(missing)


def file_of(folder: Path, upload: Upload) -> Path:
    """Return where the file of an upload lies."""
    return folder / f"{upload.video_id}.mp4"


def make_file(folder: Path, upload: Upload) -> None:
    """Write the file of one upload under a temporary name, then rename it."""
    target = file_of(folder, upload)
    temporary = target.with_suffix(".part")
    if upload.kind == Kind.MISLABELLED:
        temporary.write_bytes(_PAGE if upload.seed % 2 else _TEXT)
    else:
        encode(temporary, pictures(upload), hum(upload.seed, upload.duration_seconds))
    if upload.kind == Kind.TRUNCATED:
        whole = temporary.read_bytes()
        temporary.write_bytes(whole[: len(whole) * 9 // 20])
    temporary.replace(target)
