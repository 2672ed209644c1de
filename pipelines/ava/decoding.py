"""A film is decoded once: its stills, the loops around them, its shots, and what it looks like."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from kinetics_builder.ava.key_frames import still_name
from kinetics_builder.ava.settings import KeyFramesConfig
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.files import FileMark
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.loops import Loop, LoopWriter
from kinetics_builder.video.cutting.stills import Still, read_stills
from kinetics_builder.video.finding.colours import Look, is_colourless, is_drawn, look_of
from kinetics_builder.video.finding.shots import ShotFinder
from pipelines.ava.annotated import AnnotatedFilm
from pipelines.ava.made import LOOP, MadeStill, ReadFilm
from pipelines.files import sync

QUALITY = 92
"""Of the stills, as JPEG."""

_SYNCED_AT_ONCE = 16


def read_film(
    film: AnnotatedFilm, path: Path, times: list[float], made: Path, config: KeyFramesConfig
) -> ReadFilm:
    """Decode a film once: write its stills and loops to where they stay; return what they are.

    Raises ItemFailed as `keyframes.keyframes` does. Files come into `made` first, which lies two
    folders below that of all stills.
    """
    finder = ShotFinder(threshold=config.shot_threshold, min_shot_seconds=config.min_shot_seconds)
    stills: list[tuple[Still, Path]] = []
    looks: list[Look] = []
    short = config.short_side
    with LoopWriter(_loops(times, made, config)) as loops:
        for still in read_stills(path, film.stretch, times, finder, short_side=short, loops=loops):
            file = made / still_name(still.time_seconds)
            Image.fromarray(still.rgb_HWC).save(file, "JPEG", quality=QUALITY)
            if config.refuse_colourless or config.refuse_cartoons:
                looks.append(look_of(still.rgb_HWC))
            stills.append((still, file))
    _refuse(looks, config)
    with ThreadPoolExecutor(_SYNCED_AT_ONCE) as disk:  # each waits for the disk, not for us
        list(disk.map(sync, made.iterdir()))
    folder = made.parent.parent
    place = folder / film.video_id
    place.mkdir(exist_ok=True)
    published = tuple(_published(*one, place, folder.parent) for one in stills)
    sync(place)
    return ReadFilm(published, tuple(finder.shots(film.stretch)))


def _loops(times: list[float], made: Path, config: KeyFramesConfig) -> Iterator[Loop]:
    half = config.context_seconds / 2
    for moment in times:
        file = made / still_name(moment)
        yield Loop(Interval(moment - half, moment + half), file.with_suffix(LOOP))


def _refuse(looks: list[Look], config: KeyFramesConfig) -> None:
    if config.refuse_colourless and is_colourless(looks):
        raise ItemFailed(
            Reason.NO_COLOUR, "is grey throughout, and keyframes.refuse_colourless is set"
        )
    if config.refuse_cartoons and is_drawn(looks):
        raise ItemFailed(Reason.CARTOON, "looks drawn, and keyframes.refuse_cartoons is set")


def _published(still: Still, file: Path, place: Path, root: Path) -> MadeStill:
    target, loop = place / file.name, place / file.with_suffix(LOOP).name
    file.replace(target)
    file.with_suffix(LOOP).replace(loop)
    height, width = still.rgb_HWC.shape[:2]
    return MadeStill(
        time_seconds=still.time_seconds,
        shown_seconds=round(still.shown_seconds, 6),
        size=(width, height),
        file=str(target.relative_to(root)),
        mark=FileMark.of(target),
        loop_file=str(loop.relative_to(root)),
        loop_mark=FileMark.of(loop),
    )
