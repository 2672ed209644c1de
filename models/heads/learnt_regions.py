"""Which regions of a clip are learnt from, and what is right of each.

Shapes, as name suffixes: P proposals, N people, K classes, S regions that are learnt from; 4 is x1,
y1, x2, y2, and 5 has the clip's place in the batch before them.
"""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor
from torchvision.ops import box_iou

MIN_OVERLAP = 0.5
"""With a person's box, of a region that is that person."""
_MOST_PEOPLE = 0.25
"""Share of the regions that are people."""


class Lesson(NamedTuple):
    """Regions, and what is right of them."""

    boxes_S5: Tensor
    """(place in the batch, x1, y1, x2, y2)."""
    people_S4: Tensor
    """The box of the person that a region overlaps most."""
    is_person_S: Tensor
    """Whether it is that person."""
    actions_SK: Tensor
    """What they do; all 0 where it is nobody."""


def lesson_of(proposed_P4: Tensor, people_N4: Tensor, actions_NK: Tensor, count: int) -> Lesson:
    """Return up to `count` regions of one clip, by lot; people's own boxes are among them.

    The clip's place stands as 0; `joined` puts it right.
    """
    boxes_4 = torch.cat([people_N4, proposed_P4])
    best, which = box_iou(boxes_4, people_N4).max(dim=1)
    is_person = best >= MIN_OVERLAP
    people, others = (_by_lot(torch.nonzero(one)[:, 0]) for one in (is_person, ~is_person))
    people = people[: max(1, int(count * _MOST_PEOPLE))]
    chosen = torch.cat([people, others[: count - len(people)]])
    which = which[chosen]
    boxes_S5 = torch.cat([torch.zeros_like(boxes_4[chosen, :1]), boxes_4[chosen]], dim=1)
    actions_SK = actions_NK[which] * is_person[chosen, None]
    return Lesson(boxes_S5, people_N4[which], is_person[chosen], actions_SK)


def joined(lessons: Iterable[Lesson]) -> Lesson:
    """Return the regions of all clips of a batch, in its order."""
    placed = list(lessons)
    for place, lesson in enumerate(placed):
        lesson.boxes_S5[:, 0] = place
    return Lesson(*(torch.cat(parts) for parts in zip(*placed, strict=True)))


def _by_lot(places: Tensor) -> Tensor:
    return places[torch.randperm(len(places), device=places.device)]
