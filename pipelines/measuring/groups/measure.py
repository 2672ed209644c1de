"""Verb `measure groups`: predictions and people's groups -> balance and errors by group."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kinetics_builder.errors import FormatError
from kinetics_builder.metrics.groups import GroupRow, dominated, group_rows
from pipelines.measuring.groups.reading import group_of, read_groups
from pipelines.measuring.kinetics.judging import judge_predictions
from pipelines.measuring.kinetics.truth import TrueClip, read_truth
from pipelines.measuring.result import Inputs

LEVEL = 0.05
"""Of chance, over all tests together, below which a difference is shown as one."""


@dataclass(frozen=True, slots=True)
class ByGroup:
    """What a study of groups says."""

    labels: tuple[str, ...]
    groups: tuple[str, ...]
    rows: tuple[GroupRow, ...]
    """With the numbers of labels and groups."""
    num_clips: int
    num_unknown: int
    """Clips whose group could not be told, or was not asked for."""
    share: float
    """From which on one group dominates a class."""

    @property
    def dominated(self) -> list[GroupRow]:
        """Return the groups that dominate their class."""
        return dominated(self.rows, self.share)

    @property
    def different(self) -> list[GroupRow]:
        """Return the groups whose accuracy differs by more than chance, the surest first."""
        found = [row for row in self.rows if row.p_of_all < LEVEL]
        return sorted(found, key=lambda row: (row.p, row.label, row.group))

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object."""
        return {
            "clips": self.num_clips,
            "clips_of_unknown_group": self.num_unknown,
            "classes": len({row.label for row in self.rows}),
            "classes_dominated_by_one_group": len({row.label for row in self.dominated}),
            "dominance": self.share,
            "groups": {name: self._sums(number) for number, name in enumerate(self.groups)},
            "rows": [self._named(row) for row in self.rows],
        }

    def _sums(self, group: int) -> dict[str, float]:
        mine = [row for row in self.rows if row.group == group]
        num = sum(row.num_clips for row in mine)
        mean = float(np.mean([row.accuracy for row in mine]))
        return {"clips": num, "mean_class_accuracy": mean}

    def _named(self, row: GroupRow) -> dict[str, Any]:
        values = {k: None if v != v else v for k, v in asdict(row).items()}  # NaN is not itself
        return values | {"label": self.labels[row.label], "group": self.groups[row.group]}

    def lines(self) -> list[str]:
        """Return a table for people."""
        num_classes = len({row.label for row in self.rows})
        num_dominated = len({row.label for row in self.dominated})
        told = [
            f"{self.num_clips:,} clips, of {self.num_unknown:,} the group is not known",
            f"{num_classes - num_dominated:,} of {num_classes:,} classes are not dominated by one "
            f"group ({100 * self.share:g} % or more of their clips)",
            "",
        ]
        for number, name in enumerate(self.groups):
            sums = self._sums(number)
            accuracy = sums["mean_class_accuracy"]
            told.append(f"{name}: {sums['clips']:,} clips, mean class accuracy {accuracy:.4f}")
        if not self.different:
            return [
                *told,
                "",
                "No class is judged better or worse for a group by more than chance.",
            ]
        told += ["", "Judged otherwise than the others of the class, by more than chance:"]
        return [*told, *(self._line(row) for row in self.different)]

    def _line(self, row: GroupRow) -> str:
        return (
            f"  {self.labels[row.label]}, {self.groups[row.group]}: {row.accuracy:.3f} of "
            f"{row.num_clips:,}, others {row.accuracy_of_others:.3f} (p {row.p_of_all:.2g})"
        )


def measure_groups(
    inputs: Inputs, groups_file: Path, *, split: str | None, share: float, least: int
) -> ByGroup:
    """Compare classes by group: how many clips each has, and how many of them are judged right.

    A clip is right if its best prediction is its label.

    Args:
        inputs: The files, as `measure kinetics` takes them.
        groups_file: A CSV file: `clip`, `group`.
        split: To compare, where the ground truth holds several.
        share: From which on one group dominates a class, in (0.5, 1].
        least: Clips that a group and the others of its class must have each for a test.

    Raises:
        ConfigError: Several splits, or a matrix without a label map.
        FormatError: A file that is empty or wrong; or no clip has a group.

    """
    named = read_groups(groups_file, inputs.encoding)
    rows = read_truth(inputs, split)
    judged = judge_predictions(inputs, rows)
    of_unit = _of_units(rows, named, judged.num_units)
    names = sorted({group for group in of_unit if group})
    if not names:
        raise FormatError(
            f"{groups_file}: none of its {len(named):,} clips is among the {len(of_unit):,} of "
            f"{inputs.ground_truth}. Name them as there: id_start_end, a file, or a video's id."
        )
    groups_T = np.array([names.index(g) if g else -1 for g in of_unit], np.int64)[judged.units_T]
    found = group_rows(judged.labels_T, groups_T, judged.ranks_T == 0, least)
    return ByGroup(
        labels=tuple(judged.labels),
        groups=tuple(names),
        rows=tuple(found),
        num_clips=judged.num_units,
        num_unknown=sum(not group for group in of_unit),
        share=share,
    )


def _of_units(rows: Sequence[TrueClip], named: dict[str, str], num_units: int) -> list[str]:
    """Return the group of each clip, in the order in which they are numbered.

    Predictions in the manner of 2017 are of videos.
    """
    clips, videos = ({getattr(row, name): row for row in rows[::-1]} for name in _NAMES)
    keys = dict.fromkeys(row.key for row in rows)
    if num_units == len(clips):
        return [group_of(clips[key], named) for key in keys]
    return [group_of(videos[name], named) for name in dict.fromkeys(row.video_id for row in rows)]


_NAMES = ("key", "video_id")
