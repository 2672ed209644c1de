"""What people do when they meet: how it looks, and which of AVA's actions it is.

A motion draws somebody who faces right, or the camera, in their own space; where they stand and
whether they are turned round is the script's.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pipelines.demo.drawing import idling, motions, props
from pipelines.demo.drawing.motions import Manner, Performance, ease, hanging, planted
from pipelines.demo.drawing.shapes import Colour, Floats, Shape, along, fixed, line, offset
from pipelines.demo.drawing.skeleton import NECK, STANDING, Body, neck_of

STRIDE_PERIOD, STRIDE_LENGTH = 1.15, 0.52
"""Seconds of two steps of `idling.walk` at the usual pace, and how far they go in heights."""

REACH = 0.29
"""How far in front of somebody a parcel is held out, in heights."""

_CARRIED, _HELD_OUT, _AT_REST = offset(0.21, 0.555), offset(REACH, 0.65), offset(0.03, 0.48)
_MOUTH: Colour = (110, 20, 30)


@dataclass(frozen=True, slots=True)
class Cue:
    """What a motion needs to know of a stretch of T frames."""

    seconds_T: Floats
    progress_T: Floats
    """From 0 at its first frame to 1 at its end."""
    heights: float
    """How far the person goes, in their own heights."""
    manner: Manner
    """The person's own; `colour` is that of the parcel."""


@dataclass(frozen=True, slots=True)
class Move:
    """Something that people do."""

    motion: Callable[[Cue], Performance]
    actions: tuple[str, ...]
    """Names of the vocabulary; the first is the pose."""
    holds: bool = False
    """Whether the person has the parcel in their hands at its end."""


def _walk(cue: Cue) -> Performance:
    turns_T = cue.progress_T * cue.heights / STRIDE_LENGTH
    return idling.walk(turns_T * STRIDE_PERIOD, replace(cue.manner, pace=1.0, size=1.0))


def _stand(cue: Cue) -> Performance:
    return idling.stand(cue.seconds_T, cue.manner)


def _listen(cue: Cue) -> Performance:
    """Stand turned to somebody with folded hands, and nod."""
    nod_T = 0.03 + 0.05 * np.maximum(0.0, np.sin(2.2 * cue.seconds_T * cue.manner.pace))
    hip_T2 = along(np.zeros_like(nod_T), STANDING)
    hands_T2 = hip_T2 + offset(0.10, 0.03)
    return Performance(_turned(hip_T2, nod_T, motions.sides(hands_T2, hands_T2)))


def _watch(cue: Cue) -> Performance:
    """Stand turned to somebody with a hand at the chin."""
    lean_T = 0.02 * np.sin(1.2 * cue.seconds_T * cue.manner.pace + 6 * cue.manner.delay)
    hip_T2 = along(np.zeros_like(lean_T), STANDING)
    chin_T2 = neck_of(hip_T2, lean_T) + offset(0.06, 0.045)
    elbow_T2 = hip_T2 + offset(0.13, 0.12)
    return Performance(_turned(hip_T2, lean_T, motions.sides(elbow_T2, chin_T2)))


def _talk(cue: Cue) -> Performance:
    """Stand turned to somebody, speak, and help it along with the hands."""
    beat_T = 6.0 * cue.seconds_T * cue.manner.pace + 6 * cue.manner.delay
    lean_T = 0.03 + 0.03 * np.sin(0.4 * beat_T)
    hip_T2 = along(np.zeros_like(beat_T), STANDING)
    return _speaking(_turned(hip_T2, lean_T, _gestures(hip_T2, beat_T)), cue)


def _sit_and_talk(cue: Cue) -> Performance:
    beat_T = 6.0 * cue.seconds_T * cue.manner.pace
    seated = motions.seated(np.ones_like(beat_T))
    return _speaking(replace(seated, hands_TS2=_gestures(seated.hip_T2, beat_T)), cue)


def _sit(cue: Cue) -> Performance:
    sway_T = 0.02 * np.sin(1.1 * cue.seconds_T * cue.manner.pace + 6 * cue.manner.delay)
    seated = motions.seated(np.ones_like(sway_T))
    return Performance(replace(seated, lean_T=seated.lean_T + sway_T))


def _sit_and_listen(cue: Cue) -> Performance:
    nod_T = 0.06 * np.maximum(0.0, np.sin(2.0 * cue.seconds_T * cue.manner.pace))
    seated = motions.seated(np.ones_like(nod_T))
    return Performance(replace(seated, lean_T=seated.lean_T + nod_T))


def _sit_down(cue: Cue) -> Performance:
    return Performance(motions.seated(ease(cue.progress_T)))


def _get_up(cue: Cue) -> Performance:
    return Performance(motions.seated(ease(1 - cue.progress_T)))


def _pick_up(cue: Cue) -> Performance:
    return motions.lifting(cue.progress_T, cue.manner, cue.manner.colour)


def _put_down(cue: Cue) -> Performance:
    return motions.lifting(1 - cue.progress_T, cue.manner, cue.manner.colour)


def _wave(cue: Cue) -> Performance:
    return motions.wave_hand(cue.seconds_T, cue.manner)


def _shake_hands(cue: Cue) -> Performance:
    hip_T2 = along(np.zeros_like(cue.seconds_T), STANDING)
    lean_T = np.full_like(cue.seconds_T, 0.08)
    up_T = 0.035 * np.sin(9.0 * cue.seconds_T)
    near_T = np.minimum(1.0, 6 * np.minimum(cue.progress_T, 1 - cue.progress_T))[:, None]
    rest_TS2 = hanging(hip_T2, lean_T, False)
    hand_T2 = rest_TS2[:, 1] * (1 - near_T) + along(REACH, 0.58 + up_T) * near_T
    return Performance(_turned(hip_T2, lean_T, motions.sides(rest_TS2[:, 0], hand_T2)))


def _hand_over(begin: Floats, end: Floats, holds: bool) -> Callable[[Cue], Performance]:
    """Return the motion of hands, or of hands and a parcel, from one place to another."""

    def move(cue: Cue) -> Performance:
        share_T1 = ease(cue.progress_T)[:, None]
        parcel_T2 = begin * (1 - share_T1) + end * share_T1
        hip_T2 = along(np.zeros_like(cue.seconds_T), STANDING)
        lean_T = 0.10 * (parcel_T2[:, 0] - _CARRIED[0]).clip(0.0) / (REACH - _CARRIED[0])
        body = _turned(hip_T2, lean_T, motions.grip_of(parcel_T2))
        return Performance(body, before=_parcel(parcel_T2, cue) if holds else ())

    return move


def _holding(motion: Callable[[Cue], Performance]) -> Callable[[Cue], Performance]:
    """Return a motion with a parcel in both hands."""

    def move(cue: Cue) -> Performance:
        body = motion(cue).body
        parcel_T2 = body.hip_T2 + (_CARRIED - offset(0.0, STANDING))
        held = replace(body, hands_TS2=motions.grip_of(parcel_T2))
        return Performance(held, before=_parcel(parcel_T2, cue))

    return move


def parcel_on_floor(tint: Colour) -> list[Shape]:
    """Return the parcel where `pick up` takes it from and `put down` leaves it."""
    return props.box(fixed((0.27, 0.085))[:, 0], tint)


def _parcel(parcel_T2: Floats, cue: Cue) -> tuple[Shape, ...]:
    return tuple(props.box(parcel_T2, cue.manner.colour))


def _turned(hip_T2: Floats, lean_T: Floats, hands_TS2: Floats) -> Body:
    return Body(hip_T2, lean_T, hands_TS2, planted(lean_T, 0.05), False)


def _gestures(hip_T2: Floats, beat_T: Floats) -> Floats:
    left_T2 = hip_T2 + along(0.17 + 0.03 * np.cos(beat_T), 0.17 + 0.05 * np.sin(beat_T))
    right_T2 = hip_T2 + along(0.21 + 0.05 * np.sin(0.7 * beat_T), 0.24 + 0.08 * np.cos(beat_T))
    return motions.sides(left_T2, right_T2)


def _speaking(body: Body, cue: Cue) -> Performance:
    """Return somebody whose mouth opens and closes."""
    nod_T = 0.8 * body.lean_T
    up_T2 = np.stack([np.sin(nod_T), np.cos(nod_T)], axis=-1)
    lips_T2 = neck_of(body.hip_T2, body.lean_T) + NECK * up_T2 + offset(0.045, -0.022)
    open_T = 0.016 * (1 + np.sin(14.0 * cue.seconds_T * cue.manner.pace))
    mouth_T22 = np.stack([lips_T2, lips_T2 - along(np.zeros_like(open_T), open_T)], axis=1)
    return Performance(body, before=(line(mouth_T22, _MOUTH, 0.022),))


_TALK, _LISTEN = "talk to (e.g., self, a person, a group)", "listen to (a person)"
_HOLD, _GIVE = "carry/hold (an object)", "give/serve (an object) to (a person)"
_TAKE, _BEND = "take (an object) from (a person)", "bend/bow (at the waist)"

MOVES: dict[str, Move] = {
    "walk": Move(_walk, ("walk",)),
    "enter": Move(_walk, ("walk", "enter")),
    "leave": Move(_walk, ("walk", "exit")),
    "carry": Move(_holding(_walk), ("walk", _HOLD), holds=True),
    "enter with it": Move(_holding(_walk), ("walk", _HOLD, "enter"), holds=True),
    "leave with it": Move(_holding(_walk), ("walk", _HOLD, "exit"), holds=True),
    "stand": Move(_stand, ("stand",)),
    "hold": Move(_holding(_listen), ("stand", _HOLD), holds=True),
    "watch": Move(_watch, ("stand", "watch (a person)")),
    "talk": Move(_talk, ("stand", _TALK)),
    "listen": Move(_listen, ("stand", _LISTEN)),
    "sit down": Move(_sit_down, ("sit",)),
    "sit": Move(_sit, ("sit",)),
    "sit and listen": Move(_sit_and_listen, ("sit", _LISTEN)),
    "sit and talk": Move(_sit_and_talk, ("sit", _TALK)),
    "get up": Move(_get_up, ("get up",)),
    "pick up": Move(_pick_up, (_BEND, "lift/pick up"), holds=True),
    "put down": Move(_put_down, (_BEND, "put down")),
    "wave": Move(_wave, ("stand", "hand wave")),
    "shake hands": Move(_shake_hands, ("stand", "hand shake")),
    "hold out": Move(_hand_over(_CARRIED, _HELD_OUT, True), ("stand", _HOLD, _GIVE), holds=True),
    "let go": Move(_hand_over(_HELD_OUT, _AT_REST, False), ("stand", _GIVE)),
    "reach out": Move(_hand_over(_AT_REST, _HELD_OUT, False), ("stand", _TAKE)),
    "take over": Move(_hand_over(_HELD_OUT, _CARRIED, True), ("stand", _HOLD, _TAKE), holds=True),
}
