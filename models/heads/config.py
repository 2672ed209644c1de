"""What a head is, as a frozen value."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from kinetics_builder.errors import ModelError
from models.layers.conv import Size3

HeadKind = Literal[
    "time_logits",
    "pooled",
    "projected",
    "last_moment",
    "streams",
    "regions",
    "related",
    "remembering",
    "proposing",
    "attending",
]
Recall = Literal["nonlocal", "average", "greatest"]
"""How what is remembered of a film becomes one answer for a person."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadConfig:
    """How features become logits."""

    kind: HeadKind
    """`time_logits`: I3D's, a logit at each moment, averaged. `pooled`: SlowFast's.
    `projected`: X3D's, which is `pooled` with a hidden layer. `last_moment`: a recurrent
    network's, after its last frame. `streams`: a `time_logits` for each stream, averaged.
    `regions`: a detector's, for each box. `related`: the same, beside all that is around it.
    `remembering`: the same, beside what was seen of the film before and after. `proposing`: of a
    detector that finds the people too. `attending`: such a one, whose people look at the whole
    clip."""
    dropout: float = 0.5
    window: Size3 = (2, 7, 7)
    """Average-pool window of `time_logits`; cut to the feature map where that is smaller."""
    hidden_width: int = 2048
    """Channels of the hidden layer of `projected`."""
    resolution: int = 7
    """Positions along each side of a box, of detectors."""
    map_stride: int = 16
    """Pixels of a clip from one position of the trunk's map to the next, of detectors."""
    aligned: bool = True
    """Whether boxes are moved by half a position, so that pixels lie at their middles; of
    detectors. The older networks were trained without."""
    anchor_sides: tuple[int, ...] = (64, 128, 256, 512)
    """Sides of the squares that a search for people starts from, pixels; of `proposing`. Each is
    also tried half as high and half as wide."""
    search_width: int = 512
    """Channels of the layer that searches, of `proposing`."""
    num_proposals: int = 300
    """Regions of a clip that are looked at, of `proposing`."""
    num_learnt: int = 64
    """Those of them that are learnt from, a quarter of them people at most; of `proposing`."""
    boxes_by_class: bool = False
    """Whether each class moves the edges of its boxes by itself, of `proposing`."""
    max_overlap: float = 0.6
    """Of two detections of one class that both stand, of `proposing`. AVA counts the best 50 of a
    key frame: who is told twice takes the place of another."""
    attention_width: int = 128
    """Channels of each of the heads by which a person looks around, of `attending`; of what
    remembers, of `remembering`."""
    num_attention_heads: int = 2
    num_attention_layers: int = 3
    attention_dropout: float = 0.3
    recall: Recall = "nonlocal"
    """Of `remembering`: attention, the mean, or the greatest of each channel."""
    memory_width: int = 2048
    """Channels of what is remembered of a person, of `remembering`."""
    memory_seconds: int = 60
    """Of the film that are remembered, half of them before the key frame."""
    memory_people: int = 5
    """That are remembered of a second, at most."""

    def __post_init__(self) -> None:
        if not 0 < self.max_overlap <= 1:
            raise ModelError(
                f"head.max_overlap = {self.max_overlap}: expected a share above 0, 1 at most."
            )
        if self.recall not in get_args(Recall):
            raise ModelError(
                f"head.recall = {self.recall!r} is unknown; one of {', '.join(get_args(Recall))} "
                "would fit."
            )

    def to_json(self) -> dict[str, Any]:
        """Return plain values; those that heads were given later only where they are others.

        So a network is the same that was trained before there were any.
        """
        values = asdict(self)
        if self.max_overlap == HeadConfig.__dataclass_fields__["max_overlap"].default:
            del values["max_overlap"]
        return values

    @property
    def num_remembered(self) -> int:
        """Return the places for people that a memory has; those of nobody are 0."""
        return self.memory_seconds * self.memory_people
