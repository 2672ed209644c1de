"""Pages on which films are looked at with what files say of them: one page and one MP4 a film."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kinetics_builder.ava.sightings import Sheet, followings
from kinetics_builder.config import CutConfig
from kinetics_builder.errors import ItemFailed
from kinetics_builder.video.cutting.cut import cut_clip
from kinetics_builder.video.reading.timeline import read_timeline
from kinetics_builder.video.sandbox import run_limited
from pipelines.ava.watching.films import Film, Found
from pipelines.ava.watching.sheets import Side
from pipelines.ava.watching.stretch import Asked, Part, find_part
from pipelines.ava.watching.targets import check_targets, limits_of, targets
from pipelines.ava.watching.telling import OUTSIDE, Telling
from pipelines.html_page import write_page

SUFFIX, VIDEO_SUFFIX = ".html", ".film.mp4"

INDEX = "index.html"
"""The list of the pages, where there are several."""

_PACKAGE = "pipelines.ava.watching"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a page begins, and what of a film it holds."""

    threshold: float = 0.5
    step_seconds: float = 1.0
    hold_seconds: float = 0.2
    """As `sightings.Overlay` has them."""
    asked: Asked = field(default_factory=Asked)
    short_side: int = 0
    """Pixels of the video's shorter side; 0 keeps the film's own."""


@dataclass(frozen=True, slots=True)
class Viewed:
    """What became of one film."""

    film: str
    page: str
    """What was written; "" where it failed."""
    part: Part | None = None
    failure: str = ""

    @property
    def line(self) -> str:
        """Return one line for people."""
        if self.part is None:
            return f"{self.film}: {self.failure}"
        told = self.part.told
        frames = f"{len(self.part.inside):,} key frames"
        return f"{self.page}: {frames}, {told.start:g} to {told.end:g} s of {self.film}"


def view(
    found: Found, place: Path, look: Look, say: Callable[[str], None], *, may_replace: bool
) -> list[Viewed]:
    """Write a page and a video for each film; `say` is told what is left out.

    `place` is the name of a single film's page, or a folder, which gets a list of its pages.

    Raises:
        FormatError: Something would be lost: see `check_targets`.

    """
    pages = targets(found.films, place, SUFFIX)
    videos = [page.with_name(page.stem + VIDEO_SUFFIX) for page in pages]
    index = [] if place.suffix.lower() == SUFFIX else [place / INDEX]
    check_targets(found.films, place, SUFFIX, [*pages, *videos, *index], may_replace=may_replace)
    for note in found.notes:
        say(f"Warning: {note}")
    viewed = []
    with Telling(say) as telling:
        for film, page, video in zip(found.films, pages, videos, strict=True):
            viewed.append(_view(film, (page, video), look, found.captions))
            if (part := viewed[-1].part) and part.warning:
                telling.note(OUTSIDE, f"{film.path}: {part.warning}")
    for list_of_pages in index:
        _write_index(list_of_pages, found.films, pages, viewed)
    return viewed


def _view(film: Film, files: tuple[Path, Path], look: Look, captions: Mapping[str, str]) -> Viewed:
    page, video = files
    page.parent.mkdir(parents=True, exist_ok=True)
    try:
        part = run_limited(
            cut_part,
            film.path.absolute(),
            video.absolute(),
            film.moments,
            film.start_seconds,
            look,
            limits=limits_of(film),
        )
    except ItemFailed as error:
        return Viewed(str(film.path), "", failure=error.message)
    told = {
        "data": page_data(film, part, look, captions),
        "video": video.name,
        "name": film.video_id,
    }
    write_page(page, _PACKAGE, "view.html", told)
    return Viewed(str(film.path), str(page), part)


def cut_part(
    path: Path, target: Path, moments: list[float], begin_seconds: float, look: Look
) -> Part:
    """Write the part of a film that is looked at, as every browser plays it: from its second 0."""
    part = find_part(read_timeline(path), moments, begin_seconds, look.asked)
    timeout = 600 + 60 * part.stretch.end
    settings = CutConfig(short_side=look.short_side, timeout_seconds=timeout)
    cut_clip(path, target, part.stretch, settings=settings)
    return part


def page_data(film: Film, part: Part, look: Look, captions: Mapping[str, str]) -> dict[str, Any]:
    """Return what a page's script draws: times are the rows'."""
    names: dict[str, int] = {}
    start = part.told.start
    shown: Mapping[Side, Sheet] = {
        side: sheet.within(part.inside[0], part.inside[-1] + 1e-6).moved(film.start_seconds)
        for side, sheet in film.sheets.items()
    }
    sides = {
        side.value: [
            {
                "time": one.time_seconds,
                "box": [round(share, 5) for share in one.corners],
                "person": one.person,
                "score": one.score,
                "said": [
                    [names.setdefault(said.name, len(names)), said.score] for said in one.actions
                ],
                "next": following,
            }
            for one, following in zip(
                sheet.sightings, followings(sheet, look.step_seconds), strict=True
            )
        ]
        for side, sheet in shown.items()
    }
    return {
        "start": start,
        "moments": [moment + film.start_seconds for moment in part.inside],
        "step": look.step_seconds,
        "hold": look.hold_seconds,
        "threshold": look.threshold,
        "names": list(names),
        "captions": [captions.get(name, name) for name in names],
        "sides": sides,
    }


def _write_index(
    path: Path, films: tuple[Film, ...], pages: list[Path], viewed: list[Viewed]
) -> None:
    rows = [
        {
            "name": str(film.place),
            "page": page.relative_to(path.parent).as_posix(),
            "one": one,
            "num_boxes": sum(len(sheet.sightings) for sheet in film.sheets.values()),
        }
        for film, page, one in zip(films, pages, viewed, strict=True)
    ]
    write_page(path, _PACKAGE, "films.html", {"rows": rows})
