"""What the things to come cost: hours at the sites, disk, people's hours and money."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from kinetics_builder.config import Config
from pipelines.inspecting.planning.assumed import SECONDS_A_VIDEO
from pipelines.inspecting.planning.draws import Draws, between, fixed, shown
from pipelines.inspecting.planning.figure import Figure
from pipelines.inspecting.planning.forecast import Steps
from pipelines.inspecting.planning.history import ClassHistory
from pipelines.inspecting.planning.questions import Questions
from pipelines.inspecting.planning.rates import Drawn, Rates
from pipelines.inspecting.planning.seen import Seen
from pipelines.running.pace.rates import Rates as Paces


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """What a person says of people's work."""

    per_hour: float | None = None
    """In any currency; None: no money is told."""
    seconds_an_answer: float | None = None
    """None: as long as answers took here, else as assumed."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Everything that costs are reckoned from."""

    asked: Questions
    steps: Steps
    rates: Rates
    seen: Seen
    classes: ClassHistory
    """The sum of the workspace's classes."""
    config: Config

    @property
    def num_workers(self) -> int:
        """Return how many processes work here."""
        return self.config.run.workers or os.cpu_count() or 1


def spending(costs: Costs, pay: Pay) -> list[Figure]:
    """Return the figures of time, disk, people and money."""
    return [*_time(costs), *_disk(costs), *_people(costs, pay)]


def _time(costs: Costs) -> Iterator[Figure]:
    hours = {site: _hours_at(costs, site, share) for site, share in _sites(costs).items()}
    if hours:
        longest_N = np.max([drawn.draws_N for drawn in hours.values()], axis=0)
        slowest = max(hours, key=lambda site: float(np.median(hours[site].draws_N)))
        yield Figure(
            part="time",
            name="download",
            unit="hours",
            to_come=shown(longest_N),
            assumption=_said_of(costs, slowest),
            origin=hours[slowest].origin,
        )
    worked = [name for name in ("score", "cut") if name in costs.seen.seconds]
    if worked:
        numbers = {"score": costs.steps["fetched"].draws_N, "cut": costs.steps["clips"].draws_N}
        each = [numbers[name] * costs.seen.seconds[name] for name in worked]
        seconds_N: Draws = np.sum(each, axis=0)
        yield Figure(
            part="time",
            name="score and cut",
            unit="hours",
            to_come=shown(seconds_N / 3600 / costs.num_workers),
            assumption=", ".join(f"{name} {costs.seen.seconds[name]:.2g} s each" for name in worked)
            + f", {costs.num_workers} at a time",
            origin="this workspace",
        )


def _sites(costs: Costs) -> Mapping[str, float]:
    """Return the sites that are asked, with their shares of the videos to come."""
    asked = costs.asked.sites
    if asked:
        return {site: number / asked.total() for site, number in asked.items()}
    return {site: share for site, share in costs.seen.sites.items() if site}


def _hours_at(costs: Costs, site: str, share: float) -> Drawn:
    videos_N = costs.steps["videos"].draws_N * share
    num_queries = costs.asked.sites[site]
    apart = Paces.of(costs.config.download).seconds_apart(site)
    if apart:
        return Drawn((videos_N + num_queries) * apart / 3600, "download.videos_per_hour")
    if "download" in costs.seen.seconds:
        one = Drawn(fixed(costs.seen.seconds["download"]), "this workspace")
    else:
        known = SECONDS_A_VIDEO
        one = Drawn(between(known.low, known.likely, known.high, "download"), known.source)
    return Drawn(videos_N * one.draws_N / 3600 / costs.num_workers, one.origin)


def _said_of(costs: Costs, site: str) -> str:
    often = Paces.of(costs.config.download).an_hour(site)
    if often:
        return f"{site}: {often:g} videos and queries an hour"
    return f"{site}: no bound, {costs.num_workers} at a time"


def _disk(costs: Costs) -> Iterator[Figure]:
    seconds, rate = costs.rates.draw("media_seconds"), costs.rates.draw("media_bytes")
    videos_N = costs.steps["fetched"].draws_N
    bytes_N = videos_N * seconds.draws_N * rate.draws_N
    yield _bytes(
        "media/",
        costs.classes.media_bytes,
        bytes_N,
        Drawn(seconds.draws_N * rate.draws_N / 1e6, _both(seconds.origin, rate.origin)),
        f"{_number(seconds.draws_N)} s a video, {_number(rate.draws_N / 1e3)} kB each second",
    )
    one = costs.rates.draw("clip_bytes")
    yield _bytes(
        "clips/",
        costs.classes.clip_bytes,
        costs.steps["clips"].draws_N * one.draws_N,
        one,
        f"{_number(one.draws_N / 1e6)} MB a clip; copies are kept, too",
    )
    yield Figure(
        part="disk",
        name="stills/",
        unit="bytes",
        so_far=None,
        to_come=shown(fixed(0)),
        assumption="clips need none",
        origin="only `kbuild ava` makes them",
    )


def _bytes(name: str, so_far: float, bytes_N: Draws, one: Drawn, said: str) -> Figure:
    return Figure(
        part="disk",
        name=name,
        unit="bytes",
        so_far=so_far,
        to_come=shown(bytes_N),
        assumption=said,
        origin=one.origin,
    )


def _people(costs: Costs, pay: Pay) -> Iterator[Figure]:
    if pay.seconds_an_answer is not None:
        one = Drawn(fixed(pay.seconds_an_answer), "as told")
    else:
        one = costs.rates.draw("answer_seconds")
    answers_N = costs.steps["answers"].draws_N + costs.steps["gold"].draws_N
    hours_N = answers_N * one.draws_N / 3600
    yield Figure(
        part="people",
        name="hours of work",
        unit="hours",
        so_far=costs.classes.answer_seconds / 3600,
        to_come=shown(hours_N),
        assumption=f"{_number(one.draws_N)} s an answer, gold included",
        origin=one.origin,
    )
    if pay.per_hour is not None:
        yield Figure(
            part="people",
            name="pay",
            unit="money",
            so_far=costs.classes.answer_seconds / 3600 * pay.per_hour,
            to_come=shown(hours_N * pay.per_hour),
            assumption=f"{pay.per_hour:g} an hour of work, no fees",
            origin="as told",
        )


def _number(draws_N: Draws) -> str:
    return f"{float(np.median(draws_N)):.3g}"


def _both(one: str, other: str) -> str:
    return one if one == other else f"{one}; {other}"
