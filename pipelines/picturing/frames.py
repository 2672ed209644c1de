"""Frames of judged clips -> pictures in a folder, with the list that a scorer learns from."""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from kinetics_builder.errors import ItemFailed, ModelError, Reason
from kinetics_builder.files import as_marked
from kinetics_builder.storage.storage import Storage
from kinetics_builder.text.counting import counted
from kinetics_builder.video.cutting.reel import Reel
from kinetics_builder.video.reading.frames import Scaler
from pipelines.files import plain_name, remove_parts
from pipelines.picturing.judged import JudgedClip, JudgedVideo
from pipelines.running.engines.pool import Pool

if TYPE_CHECKING:
    from models.clips.release import BrokenClip
    from models.image_scoring.listed import Listed

SHORT_SIDE = 256
"""Pixels of a picture."""
FOR_EACH_CLIP = 5
_QUALITY = 90
Progress = Callable[[str], None]


def gather(
    videos: Sequence[JudgedVideo],
    storage: Storage,
    folder: Path,
    pool: Pool,
    *,
    kept: set[str],
    progress: Progress,
) -> tuple[list["Listed"], list["BrokenClip"]]:
    """Take pictures of all clips into `folder`, and return them with what could not be read.

    Pictures that are there already are kept, so that a call that was killed goes on.

    Raises:
        ModelError: Not one picture could be taken.

    """
    from models.clips.release import BrokenClip
    from models.image_scoring.listed import HELD_OUT, TRAIN

    folder.mkdir(parents=True, exist_ok=True)
    remove_parts(folder)
    found: list[Listed] = []
    broken: list[BrokenClip] = []
    by_id = {video.video_id: video for video in videos}
    waiting = list(reversed(videos))
    work = partial(take, storage=storage, folder=folder)
    num_done = 0
    while waiting or pool.num_open():
        while waiting and pool.num_open() < pool.capacity:
            video = waiting.pop()
            pool.submit(video.video_id, work, video)
        for outcome in pool.finished():
            num_done += 1
            if outcome.failure:
                broken.append(BrokenClip(by_id[outcome.key].file, str(outcome.failure)))
            else:
                split = HELD_OUT if outcome.key in kept else TRAIN
                found += _listed(by_id[outcome.key], outcome.result, split)
            if num_done % 50 == 0 or num_done == len(videos):
                progress(f"frames of {num_done}/{len(videos)} videos")
    if not found:
        raise ModelError(
            f"of {counted(len(videos), 'video')} with judged clips none can be read: "
            f"{broken[0].reason}"
        )
    return sorted(found), sorted(broken, key=lambda one: one.file)


def take(video: JudgedVideo, *, storage: Storage, folder: Path) -> list[list[str]]:
    """Write pictures of a video's clips into `folder`; return their names, clip by clip.

    Raises ItemFailed as `Reel` and `Storage.here` do, and for a file that is not the one
    downloaded.
    """
    names = [[name_of(video, moment) for moment in moments_of(clip)] for clip in video.clips]
    if all((folder / name).is_file() for some in names for name in some):
        return names
    path = storage.here(video.file, video.mark)
    with as_marked(path, video.mark), Reel(path) as reel:
        return [list(_taken(reel, video, clip, folder)) for clip in video.clips]


def moments_of(clip: JudgedClip) -> list[float]:
    """Return the seconds of which a picture is taken: the middles of equal parts.

    >>> moments_of(JudgedClip("waving", (10.0, 20.0), True))
    [11.0, 13.0, 15.0, 17.0, 19.0]
    """
    start, end = clip.window
    step = (end - start) / FOR_EACH_CLIP
    return [round(start + (i + 0.5) * step, 3) for i in range(FOR_EACH_CLIP)]


def name_of(video: JudgedVideo, moment: float) -> str:
    """Return the file name of a picture; it changes with the file that it is of."""
    return plain_name(f"{video.video_id}_{video.mark.sha256[:8]}_{round(moment * 1000):09d}.jpg")


def _taken(reel: Reel, video: JudgedVideo, clip: JudgedClip, folder: Path) -> Iterator[str]:
    moments = moments_of(clip)
    scaler = Scaler(None, SHORT_SIDE)
    latest = None
    for shown in reel.pictures(moments[0]):
        while moments and latest is not None and shown.time_seconds > moments[0]:
            yield _write(folder / name_of(video, moments.pop(0)), scaler, latest)
        latest = shown.frame
        if not moments:
            return
    if latest is None:
        raise ItemFailed(Reason.BROKEN, "no frame can be decoded")
    for moment in moments:
        yield _write(folder / name_of(video, moment), scaler, latest)


def _write(path: Path, scaler: Scaler, frame: Any) -> str:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    Image.fromarray(scaler.upright(frame)).save(part, "JPEG", quality=_QUALITY)
    part.replace(path)
    return path.name


def _listed(video: JudgedVideo, names: Sequence[Sequence[str]], split: str) -> Iterator["Listed"]:
    from models.image_scoring.listed import DOES_NOT, SHOWS, Listed

    for clip, some in zip(video.clips, names, strict=True):
        shows = SHOWS if clip.is_accepted else DOES_NOT
        for name in some:
            yield Listed(clip.label, name, shows, split, video.video_id, video.uploader)
