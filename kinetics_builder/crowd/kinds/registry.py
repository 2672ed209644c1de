"""The kinds of task there are: one line each."""

from kinetics_builder.crowd.kinds.boxes import BOXES
from kinetics_builder.crowd.kinds.clip import CLIP
from kinetics_builder.crowd.kinds.kind import Kind

KINDS: tuple[Kind, ...] = (CLIP, BOXES)
"""The first is meant where none is named."""
