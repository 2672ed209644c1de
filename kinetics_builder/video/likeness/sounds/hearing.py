"""Files of clips -> their landmarks."""

from pathlib import Path

import numpy as np

from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.sound import read_sound
from kinetics_builder.video.likeness.sounds.landmarks import Landmarks, landmarks_of
from kinetics_builder.video.reading.timeline import read_timeline

MOST_SECONDS = 300.0
"""What comes later is not listened to."""


def hear(path: Path) -> Landmarks:
    """Return the landmarks of a clip's file; none where it has no sound, or is silent.

    Raises ItemFailed as `read_timeline` does.
    """
    line = read_timeline(path)
    seconds = min(MOST_SECONDS, line.end_seconds())
    sound = read_sound(path, line, Interval(0.0, seconds)) if seconds > 0 else None
    if sound is None:
        return Landmarks(np.zeros(0, np.uint32), np.zeros(0, np.uint16))
    return landmarks_of(sound.samples_KS.mean(0, dtype=np.float32), sound.rate)
