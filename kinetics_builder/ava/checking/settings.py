"""What both tools let one set, with their own values."""

from dataclasses import dataclass

FRAMES_PER_SECOND = 30
FIRST_SECONDS = 900
"""Both take the first image for this second of the whole film."""
MOST_ACTION = 80
TOOLS_MIN_SCORE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a reader that decide what it uses."""

    min_score: float | None = None
    """Least score of a proposal: PySlowFast's AVA.DETECTION_SCORE_THRESH, MMAction2's
    person_det_score_thr. None: what the reader itself has."""
    num_frames: int = 32
    """Images of a clip; PySlowFast's DATA.NUM_FRAMES, MMAction2's clip_len."""
    stride: int = 2
    """From one image of a clip to the next; DATA.SAMPLING_RATE, frame_interval."""

    @property
    def tools_min_score(self) -> float:
        """`min_score`, or what both tools have themselves."""
        return TOOLS_MIN_SCORE if self.min_score is None else self.min_score
