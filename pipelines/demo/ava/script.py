"""What is said to happen in a scene: who does what, from where to where, how long."""

from dataclasses import dataclass
from enum import StrEnum

from pipelines.demo.ava.moves import MOVES
from pipelines.demo.drawing.acting import FRAMES_PER_SECOND
from pipelines.demo.drawing.painter import ENLARGED, WIDTH
from pipelines.demo.drawing.shapes import Colour

WALKING = 0.62
"""How fast people walk, in their heights a second."""


class Facing(StrEnum):
    """Where somebody looks."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Beat:
    """A stretch in which somebody does one thing."""

    move: str
    """One of `MOVES`."""
    first: int
    """Number of its first frame in the scene."""
    num_frames: int
    x_from: float
    """Pixels from the picture's left to the person's middle."""
    x_to: float
    facing: Facing


@dataclass(frozen=True, slots=True)
class Part:
    """What one person does in a scene; where they have no beat they are not there."""

    person: int
    """Place in the film's cast."""
    floor: float
    """Row of the picture on which they stand: who stands lower is nearer, and before others."""
    height: float
    """Pixels, upright."""
    beats: tuple[Beat, ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """A chair or a parcel that stands about for a while."""

    what: str
    """"chair" or "parcel"."""
    user: int
    """The person, by place in the cast, at whose size and floor it stands."""
    x: float
    """Where the user stands when using it."""
    facing: Facing
    first: int
    """Numbers of the first frame, and of the frame after the last."""
    end: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A stretch of a film between two cuts."""

    seed: int
    """Of what is behind."""
    tint: Colour
    """Of its chair and its parcel."""
    parts: tuple[Part, ...]
    things: tuple[Thing, ...]
    num_frames: int


class Actor:
    """Somebody whose part is being written, beat by beat."""

    def __init__(self, person: int, floor: float, height: float, x: float) -> None:
        self.person, self.floor, self.height = person, floor, height
        self.x, self.now = x, 0
        self.facing = Facing.RIGHT
        self.beats: list[Beat] = []
        self._rest = "watch"

    @property
    def outside(self) -> tuple[float, float]:
        """Where nobody sees them, on the left and on the right."""
        away = 0.45 * self.height
        return -away, WIDTH * ENLARGED + away

    def wait_outside(self, seconds: float) -> None:
        """Begin later."""
        self.now += _frames(seconds)

    def do(self, move: str, seconds: float, toward: float | None = None) -> None:
        """Do something on the spot, turned to `toward` (pixels from the left)."""
        self._turn(toward)
        self._add(move, _frames(seconds), self.x)
        self._rest = _rest_after(move)

    def go(self, move: str, x: float) -> None:
        """Walk to a place."""
        self._turn(x)
        distance = abs(x - self.x) / self.height
        self._add(move, _frames(max(0.4, distance / WALKING)), x)
        self._rest = _rest_after(move)

    def rest_until(self, frame: int, move: str | None = None, toward: float | None = None) -> None:
        """Fill the time up to a frame with what somebody does who waits."""
        if frame > self.now:
            self._turn(toward)
            self._add(move or self._rest, frame - self.now, self.x)

    def part(self) -> Part:
        """Return the part as written."""
        return Part(self.person, self.floor, self.height, tuple(self.beats))

    def _turn(self, toward: float | None) -> None:
        if toward is not None and toward != self.x:
            self.facing = Facing.RIGHT if toward > self.x else Facing.LEFT

    def _add(self, move: str, num_frames: int, x_to: float) -> None:
        assert move in MOVES, move
        self.beats.append(Beat(move, self.now, num_frames, self.x, x_to, self.facing))
        self.x, self.now = x_to, self.now + num_frames


def together(*actors: Actor) -> int:
    """Let those who are early wait for the last; return the frame at which all are ready."""
    ready = max(actor.now for actor in actors)
    for actor in actors:
        others = [other.x for other in actors if other is not actor]
        actor.rest_until(ready, toward=others[0] if others else None)
    return ready


def _rest_after(move: str) -> str:
    if MOVES[move].holds:
        return "hold"
    return "sit" if MOVES[move].actions[0] == "sit" else "watch"


def _frames(seconds: float) -> int:
    return max(1, round(seconds * FRAMES_PER_SECOND))
