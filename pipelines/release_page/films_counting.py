"""What the tables of a release of films say of its labels, for a page."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from kinetics_builder.formats.released_labels import ReleasedLabel
from pipelines.inspecting.contact_sheets import Corners
from pipelines.release_page.bars import bin_of


@dataclass(frozen=True, slots=True, order=True)
class ShownPerson:
    """A person that may be shown for an action, the surest first."""

    unsureness: float
    smallness: float
    """The less of the picture's height a box has, the worse it shows anything."""
    file: str
    seconds: float
    """From the start of the file."""
    corners: Corners


@dataclass
class Seen:
    """What is counted of labels as they go by; grows with actions, not with labels."""

    most_shown: int
    """Of an action."""
    agreements: Counter[int] = field(default_factory=Counter)
    """Labels that people voted on, by bins of the share that said yes."""
    heights: Counter[int] = field(default_factory=Counter)
    """Labels by bins of the height of their box, as a share of the picture's."""
    _shown: dict[int, dict[tuple[str, int | None], ShownPerson]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    """By action, then film and person: a person is shown once for an action."""

    def add(self, label: ReleasedLabel) -> None:
        """Count one."""
        if label.action_id is None or label.y1 is None or label.y2 is None:
            return
        num_yes, num_no = label.num_yes or 0, label.num_no or 0
        if num_yes + num_no:
            self.agreements[bin_of(num_yes / (num_yes + num_no))] += 1
        height = label.y2 - label.y1
        self.heights[bin_of(height)] += 1
        corners = label.x1 or 0.0, label.y1, label.x2 or 0.0, label.y2
        sureness = float(num_yes - num_no)
        one = ShownPerson(-sureness, -height, label.file, label.file_seconds, corners)
        of_action = self._shown[label.action_id]
        person = label.video_id, label.person_id
        of_action[person] = min(one, of_action.get(person, one))
        if len(of_action) > self.most_shown:
            del of_action[max(of_action, key=lambda key: of_action[key])]

    def shown(self, action: int) -> list[ShownPerson]:
        """Return who is shown for an action, the surest first."""
        return heapq.nsmallest(self.most_shown, self._shown[action].values())


def seen_in(labels: Iterable[ReleasedLabel], most_shown: int) -> Seen:
    """Return what labels come to."""
    seen = Seen(most_shown)
    for label in labels:
        seen.add(label)
    return seen
