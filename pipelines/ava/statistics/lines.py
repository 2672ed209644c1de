"""The statistics of a file as lines for people."""

from collections.abc import Iterator

from pipelines.ava.statistics.summary import Association, Distribution, Spread, Summary

MOST_PAIRS = 10
"""Pairs of actions that are printed of each sort."""

_BAR = 30
"""Letters of the longest bar."""


def lines_of(summary: Summary) -> list[str]:
    """Return the lines: counts, classes, boxes, what goes together."""
    return [*_counts(summary), "", *_classes(summary), "", *_boxes(summary), *_pairs(summary)]


def _counts(summary: Summary) -> Iterator[str]:
    yield (
        f"{summary.rows:,} rows, {summary.videos:,} videos, {summary.key_frames:,} key frames "
        f"({summary.key_frames_without_box:,} without a box), {summary.boxes:,} boxes, "
        f"{summary.persons:,} persons"
    )
    if summary.rows_without_person:
        yield f"{summary.rows_without_person:,} rows have no person_id"


def _classes(summary: Summary) -> Iterator[str]:
    seen = [row for row in summary.classes if row.rows]
    width = max((len(row.name) for row in seen), default=0)
    for row in seen:
        bar = "#" * round(_BAR * row.rows / seen[0].rows)
        told = f"{row.id:>4}  {row.name:<{width}}  {row.type:<7}  {row.rows:>9,}"
        yield f"{told}  {100 * row.share:5.2f} %  {bar}".rstrip()
    if unseen := [row for row in summary.classes if not row.rows]:
        named = ", ".join(row.name for row in unseen)
        yield f"{len(unseen)} of the vocabulary ({summary.vocabulary}) never: {named}"


def _boxes(summary: Summary) -> Iterator[str]:
    yield f"labels a box       {_distributed(summary.labels_a_box)}"
    for word, found in summary.labels_a_box_by_type.items():
        yield f"  {word:<15}  {_distributed(found)}"
    yield f"boxes a key frame  {_distributed(summary.boxes_a_key_frame)}"
    if summary.persons:
        yield f"key frames a person  {_spread(summary.key_frames_a_person, '.0f')}"
    for name, sizes in summary.box_sizes.items():
        yield f"box {name:<6}  {_spread(sizes, '.3f')}"


def _distributed(found: Distribution) -> str:
    if found.mean is None:
        return "none"
    total = sum(found.counts.values())
    parts = [f"{number} in {100 * count / total:.1f} %" for number, count in found.counts.items()]
    more = f", more in {len(parts) - 8} sorts" if len(parts) > 8 else ""
    return f"{found.mean:.2f} on average: {', '.join(parts[:8])}{more}"


def _spread(found: Spread, form: str) -> str:
    if found.mean is None:
        return "none"
    parts = [
        f"{name} at most {value:{form}}"
        for name, value in found.quantiles.items()
        if value is not None
    ]
    return f"{found.mean:.3f} on average; {', '.join(parts)}"


def _pairs(summary: Summary) -> Iterator[str]:
    step = f"{summary.step_seconds:g} s"
    for title, unit, then, found in (
        (f"What a person does {step} later", "such moments", "->", summary.transitions),
        ("What two persons do at once", "ordered pairs of boxes", "&", summary.among_persons),
        ("What one person does at once", "boxes", "+", summary.of_one_person),
    ):
        yield ""
        yield (
            f"{title}, by NPMI (of {found.units:,} {unit}; actions that {summary.least_count} "
            "of them have, or would by chance)"
        )
        yield from _strongest(found, then)


def _strongest(found: Association, then: str) -> Iterator[str]:
    """Yield the strongest pairs of two different actions."""
    pairs = [pair for pair in found.pairs if pair.first != pair.second]
    for pair in pairs[:MOST_PAIRS]:
        names = f"{pair.first_name} {then} {pair.second_name}"
        yield f"{pair.npmi:6.3f}  {names}  ({pair.count:,}; by chance {pair.expected:,.1f})"
    if not pairs:
        yield "  none"
