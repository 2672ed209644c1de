"""Scenes to be played: people meet, talk, sit down, hand things over, pass by."""

from collections.abc import Callable, Sequence

import numpy as np

from pipelines.demo.ava.moves import REACH
from pipelines.demo.ava.script import Actor, Facing, Scene, Thing, together
from pipelines.demo.drawing.figure import CLOTHES
from pipelines.demo.drawing.painter import ENLARGED, HEIGHT, WIDTH

SCREEN_WIDTH, SCREEN_HEIGHT = WIDTH * ENLARGED, HEIGHT * ENLARGED
"""Pixels of a film's picture."""

Directions = Callable[[np.random.Generator, Sequence[Actor]], list[Thing]]


def random_scene(rng: np.random.Generator, cast: Sequence[int], name: str) -> Scene:
    """Return a scene of that name, played by two to four of a cast."""
    seed = int(rng.integers(2**31))
    directions, least, most = SCENES[name]
    num_actors = min(len(cast), int(rng.integers(least, most + 1)))
    chosen = rng.permutation(list(cast))[:num_actors].tolist()
    floor = float(rng.uniform(0.86, 0.92)) * SCREEN_HEIGHT
    actors = [_actor(rng, person, floor, place) for place, person in enumerate(chosen)]
    tint = CLOTHES[int(rng.integers(len(CLOTHES)))]
    things = tuple(directions(rng, actors))
    parts = tuple(actor.part() for actor in actors)
    return Scene(seed, tint, parts, things, num_frames=max(actor.now for actor in actors))


def _actor(rng: np.random.Generator, person: int, floor: float, place: int) -> Actor:
    """Return somebody outside the picture; the first two stand on one line."""
    back = 0.0 if place < 2 else float(rng.uniform(10, 18))
    size = _STATURES[person % len(_STATURES)] * (1 - back / 150)
    return Actor(person, floor - back, 0.50 * SCREEN_HEIGHT * size, -100.0)


_STATURES = 1.0, 0.93, 1.06, 0.97, 1.03
"""Of the people of a cast, as shares of the usual."""


def _hand_over(rng: np.random.Generator, actors: Sequence[Actor]) -> list[Thing]:
    """One comes with a parcel and gives it to another, who carries it away."""
    giver, taker, *others = actors
    middle = float(rng.uniform(0.42, 0.58)) * SCREEN_WIDTH
    apart = REACH * (giver.height + taker.height)
    from_left = bool(rng.random() < 0.5)
    sign = -1 if from_left else 1
    at_giver, at_taker = middle + sign * apart / 2, middle - sign * apart / 2
    _stand_by(rng, others, middle)
    _come(taker, not from_left, at_taker)
    giver.wait_outside(float(rng.uniform(0.0, 1.5)))
    _come(giver, from_left, at_giver, "enter with it")
    together(giver, taker)
    taker.do("talk", float(rng.uniform(1.6, 3.0)), toward=at_giver)
    together(giver, taker)
    giver.do("hold out", 1.3, toward=at_taker)
    taker.do("reach out", 1.3, toward=at_giver)
    giver.do("let go", 1.3)
    taker.do("take over", 1.3)
    giver.do("talk", float(rng.uniform(1.6, 2.6)))
    together(giver, taker)
    giver.do("wave", float(rng.uniform(1.6, 2.4)))
    _leave(taker, not from_left, "leave with it")
    _stay([giver, *others], taker.now, middle)
    return []


def _visit(rng: np.random.Generator, actors: Sequence[Actor]) -> list[Thing]:
    """One sits down and is talked to, answers, gets up and leaves."""
    sitter, visitor, *others = actors
    seat = float(rng.uniform(0.30, 0.45)) * SCREEN_WIDTH
    beside = seat + float(rng.uniform(0.75, 1.0)) * sitter.height
    _stand_by(rng, others, (seat + beside) / 2)
    _come(sitter, True, seat)
    sitter.do("sit down", 1.4)
    visitor.wait_outside(float(rng.uniform(0.5, 2.0)))
    _come(visitor, False, beside)
    together(sitter, visitor)
    for _ in range(int(rng.integers(1, 3))):
        visitor.do("talk", float(rng.uniform(1.8, 3.0)), toward=seat)
        sitter.rest_until(visitor.now, "sit and listen", toward=beside)
        sitter.do("sit and talk", float(rng.uniform(1.8, 3.0)), toward=beside)
        visitor.rest_until(sitter.now, "listen")
    together(sitter, visitor)
    sitter.do("get up", 1.4)
    together(sitter, visitor)
    _leave(sitter, True)
    _stay([visitor, *others], sitter.now, seat)
    return [Thing("chair", sitter.person, seat, Facing.RIGHT, 0, sitter.now)]


def _fetch(rng: np.random.Generator, actors: Sequence[Actor]) -> list[Thing]:
    """One picks up a parcel, carries it elsewhere and puts it down, others look on."""
    porter, *others = actors
    here, there = float(rng.uniform(0.22, 0.34)), float(rng.uniform(0.62, 0.76))
    start, goal = here * SCREEN_WIDTH, there * SCREEN_WIDTH
    _stand_by(rng, others, (start + goal) / 2)
    _come(porter, True, start)
    lifted = porter.now
    porter.do("pick up", 1.8, toward=goal)
    porter.go("carry", goal)
    porter.do("put down", 1.8)
    left = porter.now
    porter.do("talk", float(rng.uniform(1.6, 2.4)), toward=start)
    _leave(porter, bool(rng.random() < 0.5))
    _stay(others, porter.now, goal)
    return [
        Thing("parcel", porter.person, start, Facing.RIGHT, 0, lifted),
        Thing("parcel", porter.person, goal, Facing.RIGHT, left, porter.now),
    ]


def _greeting(rng: np.random.Generator, actors: Sequence[Actor]) -> list[Thing]:
    """Two come from both sides, wave, shake hands, talk, and part; others pass behind."""
    first, second, *others = actors
    middle = float(rng.uniform(0.42, 0.58)) * SCREEN_WIDTH
    apart = REACH * (first.height + second.height)
    at_first, at_second = middle - apart / 2, middle + apart / 2
    _come(first, True, at_first - 35)
    _come(second, False, at_second + 35)
    together(first, second)
    first.do("wave", float(rng.uniform(1.6, 2.2)))
    second.do("wave", float(rng.uniform(1.6, 2.2)))
    together(first, second)
    first.go("walk", at_first)
    second.go("walk", at_second)
    together(first, second)
    first.do("shake hands", 2.0, toward=at_second)
    second.do("shake hands", 2.0, toward=at_first)
    for talker, listener in ((first, second), (second, first)):
        talker.do("talk", float(rng.uniform(1.8, 3.2)))
        listener.rest_until(talker.now, "listen")
    _pass_by(rng, others)
    _leave(first, True)
    _leave(second, False)
    return []


def _crossing(rng: np.random.Generator, actors: Sequence[Actor]) -> list[Thing]:
    """Two talk while others walk by before them, and hide them for a moment."""
    first, second, *others = actors
    middle = float(rng.uniform(0.40, 0.60)) * SCREEN_WIDTH
    apart = float(rng.uniform(0.62, 0.9)) * first.height
    first.x, second.x = middle - apart / 2, middle + apart / 2
    for _ in range(2):
        for talker, listener in ((first, second), (second, first)):
            talker.do("talk", float(rng.uniform(1.8, 2.8)), toward=listener.x)
            listener.rest_until(talker.now, "listen", toward=talker.x)
    for other in others:
        other.floor, other.height = first.floor + 16, other.height * 1.12
    _pass_by(rng, others)
    together(first, second)
    return []


def _come(actor: Actor, from_left: bool, x: float, move: str = "enter") -> None:
    """Walk in: the last steps, well inside, are no entering any more."""
    actor.x = actor.outside[0 if from_left else 1]
    inside = 0.32 * actor.height
    door = inside if from_left else SCREEN_WIDTH - inside
    is_far = (x - door if from_left else door - x) > 0.5 * actor.height
    if is_far:
        actor.go(move, door)
        actor.go("carry" if move == "enter with it" else "walk", x)
    else:
        actor.go(move, x)


def _leave(actor: Actor, to_left: bool, move: str = "leave") -> None:
    inside = 0.6 * actor.height
    door = inside if to_left else SCREEN_WIDTH - inside
    if (actor.x - door if to_left else door - actor.x) > 0.5 * actor.height:
        actor.go("carry" if move == "leave with it" else "walk", door)
    actor.go(move, actor.outside[0 if to_left else 1])


def _pass_by(rng: np.random.Generator, others: Sequence[Actor]) -> None:
    for other in others:
        to_left = bool(rng.random() < 0.5)
        other.wait_outside(float(rng.uniform(0.3, 3.0)))
        _come(other, not to_left, SCREEN_WIDTH / 2)
        _leave(other, to_left)


def _stand_by(rng: np.random.Generator, others: Sequence[Actor], middle: float) -> None:
    """Put others at the sides, where they look on or just stand."""
    for place, other in enumerate(others):
        share = float(rng.uniform(0.08, 0.14))
        other.x = SCREEN_WIDTH * (share if place % 2 else 1 - share)
        other.do(str(rng.choice(["watch", "stand"])), 0.5, toward=middle)


def _stay(others: Sequence[Actor], frame: int, middle: float) -> None:
    for other in others:
        idle = "stand" if other.beats[-1].move == "stand" else "watch"
        other.rest_until(frame, idle, toward=middle)


SCENES: dict[str, tuple[Directions, int, int]] = {
    "hand over": (_hand_over, 2, 3),
    "visit": (_visit, 2, 4),
    "fetch": (_fetch, 2, 3),
    "greeting": (_greeting, 2, 4),
    "crossing": (_crossing, 3, 4),
}
"""By name: what is played, and the least and the most people in it."""
