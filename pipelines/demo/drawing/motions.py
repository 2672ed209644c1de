"""How each class moves: from seconds to a body and the things it handles.

Every motion is a function of (seconds_T, manner) alone. A class that is another one played
backwards has no motion of its own: `pipelines.demo.drawing.acting` runs the other's clock
backwards.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipelines.demo.drawing import props
from pipelines.demo.drawing.shapes import Colour, Floats, Shape, along, offset
from pipelines.demo.drawing.skeleton import STANDING, Body, shoulders_of

CARDBOARD: Colour = (196, 150, 92)
CHAIR = -0.22
"""Where a chair stands that somebody at 0 sits down on."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How one person does it: speed, size of the movement, and the colour of the thing."""

    pace: float = 1.0
    """Times the usual speed, about 0.85 to 1.2."""
    size: float = 1.0
    """Times the usual size of the movement, about 0.85 to 1.1."""
    delay: float = 0.0
    """Where in the cycle the stretch begins, in [0, 1)."""
    colour: Colour = (170, 90, 60)


@dataclass(frozen=True, slots=True)
class Performance:
    """A body and the things around it."""

    body: Body
    behind: tuple[Shape, ...] = ()
    before: tuple[Shape, ...] = ()


Motion = Callable[[Floats, Manner], Performance]


def ease(progress: Floats) -> Floats:
    """Return a smooth step from 0 to 1, flat outside."""
    clipped = progress.clip(0.0, 1.0)
    eased: Floats = clipped * clipped * (3 - 2 * clipped)
    return eased


def once_again(seconds_T: Floats, manner: Manner) -> Floats:
    """Return progress in [0, 1] of an act done over and over, with a jump cut in between.

    A cycle is: a moment's rest, the act, a moment's rest, and a cut back to the start; so
    the way back is never seen, and played backwards it is the opposite act.
    """
    cycle_T = (seconds_T * manner.pace / 2.0 + manner.delay) % 1.0
    return ease((cycle_T - 0.12) / 0.76)


def swing(seconds_T: Floats, period: float, manner: Manner) -> Floats:
    """Return a wave in [0, 1] that starts at 0, `period` seconds long at the usual pace."""
    turns = seconds_T * manner.pace / period + manner.delay
    wave: Floats = 0.5 - 0.5 * np.cos(2 * np.pi * turns)
    return wave


def sides(left_T2: Floats, right_T2: Floats) -> Floats:
    """Return left and right as one array of shape (T, 2, 2)."""
    return np.stack(np.broadcast_arrays(left_T2, right_T2), axis=1)


def planted(seconds_T: Floats, half: float = 0.06) -> Floats:
    """Return feet that stay where they are, `half` to each side."""
    feet = np.array([[-half, 0.0], [half, 0.0]])
    return np.broadcast_to(feet, (len(seconds_T), 2, 2))


def hanging(hip_T2: Floats, lean_T: Floats, front: bool) -> Floats:
    """Return hands that hang at the sides."""
    outward = 0.05 if front else 0.02
    drop = np.array([[-outward, -0.30], [outward, -0.30]])
    hands_TS2: Floats = shoulders_of(hip_T2, lean_T, front) + drop
    return hands_TS2


def sit(seconds_T: Floats, manner: Manner) -> Performance:
    """Sit down on a chair that stands behind."""
    body = seated(once_again(seconds_T, manner), manner.size)
    return Performance(body, behind=tuple(props.chair(CHAIR, manner.colour)))


def seated(done_T: Floats, size: float = 1.0) -> Body:
    """Return somebody between standing (0) and sitting (1) on a chair at `CHAIR`."""
    hip_T2 = along(0.02 - 0.22 * done_T, STANDING - (STANDING - props.SEAT - 0.03) * done_T)
    lean_T = 0.75 * size * np.sin(np.pi * done_T) * (1 - 0.3 * done_T) + 0.04
    knees_TS2 = np.array([[0.04, 0.33], [0.06, 0.33]])
    lap_T = done_T[:, None, None]
    hands_TS2 = hanging(hip_T2, lean_T, False) * (1 - lap_T) + knees_TS2 * lap_T
    feet_TS2 = planted(done_T, 0.025) + offset(0.03, 0.0)
    return Body(hip_T2, lean_T, hands_TS2, feet_TS2, False)


def open_door(seconds_T: Floats, manner: Manner) -> Performance:
    """Pull a door open by its handle."""
    done_T = once_again(seconds_T, manner)
    angle_T = 1.25 * manner.size * done_T
    handle_T2 = props.door_handle(0.20, angle_T)
    hip_T2 = along(-0.02 + 0.05 * done_T, STANDING)
    lean_T = 0.10 - 0.12 * np.sin(np.pi * done_T)
    rest_TS2 = hanging(hip_T2, lean_T, False)
    hands_TS2 = sides(rest_TS2[:, 0], handle_T2)
    feet_TS2 = planted(seconds_T)
    body = Body(hip_T2, lean_T, hands_TS2, feet_TS2, False)
    return Performance(body, behind=tuple(props.door(0.20, angle_T, manner.colour)))


def pick_up(seconds_T: Floats, manner: Manner) -> Performance:
    """Bend down to a box on the floor and lift it to the chest."""
    return lifting(once_again(seconds_T, manner), manner)


def lifting(done_T: Floats, manner: Manner, tint: Colour = CARDBOARD) -> Performance:
    """Return somebody with a box between the floor (0) and the chest (1)."""
    bend_T = np.where(done_T < 0.45, ease(done_T / 0.45), 1 - ease((done_T - 0.45) / 0.55))
    lift_T = ease((done_T - 0.45) / 0.55)
    hip_T2 = along(-0.10 * bend_T, STANDING - 0.17 * bend_T * manner.size)
    lean_T = 1.15 * bend_T + 0.02
    box_T2 = along(0.27 - 0.06 * lift_T, 0.085 + 0.47 * lift_T)
    held_T = ease(done_T / 0.45)[:, None, None]
    grip_TS2 = grip_of(box_T2)
    hands_TS2 = hanging(hip_T2, lean_T * 0.3, False) * (1 - held_T) + grip_TS2 * held_T
    body = Body(hip_T2, lean_T, hands_TS2, planted(done_T, 0.05), False)
    return Performance(body, before=tuple(props.box(box_T2, tint)))


def grip_of(box_T2: Floats) -> Floats:
    """Return where hands hold a box, shape (T, 2, 2)."""
    return sides(box_T2 + offset(-0.02, -0.05), box_T2 + offset(0.04, -0.06))


def play_guitar(seconds_T: Floats, manner: Manner) -> Performance:
    """Strum a guitar, facing the camera."""
    strum_T = swing(seconds_T, 0.55, manner)
    hip_T2 = along(0.012 * np.sin(seconds_T * 2.4 * manner.pace), STANDING)
    lean_T = 0.04 * np.sin(seconds_T * 2.4 * manner.pace)
    body_T2 = hip_T2 + offset(-0.05, 0.09)
    fret_T2 = body_T2 + along(0.27 + 0.03 * np.sin(seconds_T * 1.7), 0.115)
    hands_TS2 = sides(body_T2 + along(0.03, 0.06 - 0.13 * manner.size * strum_T), fret_T2)
    body = Body(hip_T2, lean_T, hands_TS2, planted(seconds_T), True)
    return Performance(body, before=tuple(props.guitar(body_T2, 0.4, manner.colour)))


def juggle(seconds_T: Floats, manner: Manner) -> Performance:
    """Juggle three balls, facing the camera."""
    turns_T = seconds_T * manner.pace / 1.5 + manner.delay
    hip_T2 = along(np.zeros_like(seconds_T), STANDING)
    lean_T = np.zeros_like(seconds_T)
    lift_T = 0.035 * np.sin(4 * np.pi * turns_T)
    hands_TS2 = sides(along(-0.15, 0.56 + lift_T), along(0.15, 0.56 - lift_T))
    flights = [_flight((turns_T + n / 3) % 1.0, manner.size) for n in range(3)]
    body = Body(hip_T2, lean_T, hands_TS2, planted(seconds_T, 0.075), True)
    return Performance(body, before=tuple(props.balls(np.stack(flights, axis=1), manner.colour)))


def _flight(turn_T: Floats, size: float) -> Floats:
    across_T = np.abs(2 * turn_T - 1)
    rise_T = 1 - (4 * (turn_T % 0.5) - 1) ** 2
    return along(0.30 * across_T - 0.15, 0.60 + 0.42 * size * rise_T)


def lift_weights(seconds_T: Floats, manner: Manner) -> Performance:
    """Press a barbell from the shoulders over the head, again and again."""
    up_T = ease(swing(seconds_T, 2.2, manner))
    hip_T2 = along(np.zeros_like(seconds_T), STANDING - 0.025 * (1 - up_T))
    high_T = 0.75 + 0.36 * manner.size * up_T
    hands_TS2 = sides(along(-0.15, high_T), along(0.15, high_T))
    feet_TS2, elbows = planted(seconds_T, 0.11), np.array([1.0, -1.0])
    body = Body(hip_T2, np.zeros_like(seconds_T), hands_TS2, feet_TS2, True, elbows)
    return Performance(body, before=tuple(props.barbell(hands_TS2, manner.colour)))


def jump_jacks(seconds_T: Floats, manner: Manner) -> Performance:
    """Jump with legs apart and arms overhead, and back."""
    apart_T = swing(seconds_T, 1.15, manner)
    hop_T = 0.045 * np.abs(np.sin(2 * np.pi * (seconds_T * manner.pace / 1.15 + manner.delay)))
    hip_T2 = along(np.zeros_like(seconds_T), STANDING - 0.03 * apart_T + hop_T)
    angle_T = 2.75 * manner.size * apart_T
    reach_T2 = 0.31 * np.stack([np.sin(angle_T) + 0.1, -np.cos(angle_T)], axis=-1)
    shoulders_TS2 = shoulders_of(hip_T2, np.zeros_like(seconds_T), True)
    hands_TS2 = sides(shoulders_TS2[:, 0] + reach_T2 * (-1.0, 1.0), shoulders_TS2[:, 1] + reach_T2)
    spread_T = 0.035 + 0.15 * apart_T
    feet_TS2 = sides(along(-spread_T, hop_T), along(spread_T, hop_T))
    return Performance(Body(hip_T2, np.zeros_like(seconds_T), hands_TS2, feet_TS2, True))


def wave_hand(seconds_T: Floats, manner: Manner) -> Performance:
    """Wave one raised hand at the camera."""
    side_T = 2 * swing(seconds_T, 0.85, manner) - 1
    hip_T2 = along(np.zeros_like(seconds_T), STANDING)
    lean_T = np.zeros_like(seconds_T)
    hands_TS2 = hanging(hip_T2, lean_T, True).copy()
    hands_TS2[:, 1] = along(0.22 + 0.10 * manner.size * side_T, 0.98 - 0.03 * side_T**2)
    elbows = np.array([-1.0, -1.0])
    return Performance(Body(hip_T2, lean_T, hands_TS2, planted(seconds_T), True, elbows))


def squat(seconds_T: Floats, manner: Manner) -> Performance:
    """Bend the knees deep with arms stretched out, again and again."""
    down_T = ease(swing(seconds_T, 1.9, manner))
    hip_T2 = along(-0.13 * down_T, STANDING - 0.24 * manner.size * down_T)
    lean_T = 0.05 + 0.55 * down_T
    shoulders_TS2 = shoulders_of(hip_T2, lean_T, False)
    hands_TS2 = shoulders_TS2 + along(0.10 + 0.2 * down_T, -0.26 * (1 - down_T))[:, None, :]
    return Performance(Body(hip_T2, lean_T, hands_TS2, planted(seconds_T, 0.04), False))
