"""How classes and queries look on a terminal of 80 columns."""

from collections.abc import Iterator, Sequence

from kinetics_builder.text.counting import counted
from pipelines.inspecting.faring.classes import ClassFaring
from pipelines.inspecting.faring.outlook import Outlook
from pipelines.inspecting.faring.queries import QueryFaring
from pipelines.inspecting.status_lines import wrapped

_NAME = 26
_HEADS = ("listed", "matched", "fetched", "proposed", "kept", "accepted")


def class_lines(pairs: Sequence[tuple[ClassFaring, Outlook]]) -> Iterator[str]:
    """Yield the classes, and below each that will miss its quota why."""
    yield f"{'class':<{_NAME}}" + "".join(f"{head:>9}" for head in _HEADS)
    for one, outlook in pairs:
        counts = (one.num_listed, one.num_matched, one.num_fetched)
        clips = (one.num_proposed, one.num_kept, one.num_accepted)
        yield from _row(one.label, (*counts, *clips))
        if one.lost:
            reasons = ", ".join(f"{number} {reason}" for reason, number in one.lost.items())
            yield from wrapped("  lost: ", reasons)
        if one.refused:
            reasons = ", ".join(f"{number} {reason}" for reason, number in one.refused.items())
            yield from wrapped("  no clip: ", reasons)
        if one.num_noted:
            yield from wrapped("  ", f"{counted(one.num_noted, 'clip')} noted by filters")
        if outlook.will_miss:
            about = f"about {outlook.num_expected} of {outlook.quota}: {outlook.why}"
            yield from wrapped("  ", about)
    num_short = sum(outlook.will_miss for _, outlook in pairs)
    if pairs:
        yield ""
        quota = pairs[0][1].quota
        of_all = f"{num_short} of {counted(len(pairs), 'class', 'classes')}"
        short = f"{of_all} will have fewer than {counted(quota, 'accepted clip')}"
        yield from wrapped("", f"{short}, as far as can be told now.")


def query_lines(queries: Sequence[QueryFaring]) -> Iterator[str]:
    """Yield the queries, and below each that has brought nothing why."""
    if not queries:
        yield from wrapped("", "No class was asked for: a folder or a list is read as a whole.")
        return
    yield f"{'query':<{_NAME + 18}}" + "".join(f"{head:>9}" for head in _SHOWN)
    for one in queries:
        counts = (one.num_listed, one.num_matched, one.num_fetched, one.num_accepted)
        yield from _row(one.query, counts, wide=18)
        told = "; ".join(filter(None, [_of_class(one), one.why]))
        if told:
            yield from wrapped("  ", told)
    num_vain = sum(bool(one.why) for one in queries)
    yield ""
    of_all = f"{num_vain} of {counted(len(queries), 'query', 'queries')}"
    yield from wrapped("", f"{of_all} {'has' if num_vain == 1 else 'have'} brought no video.")


_SHOWN = ("listed", "matched", "fetched", "accepted")


def _of_class(one: QueryFaring) -> str:
    return "" if one.query == one.label else f"for {one.label}"


def _row(name: str, counts: Sequence[int], wide: int = 0) -> Iterator[str]:
    """Yield a name and its numbers; a long name has a line of its own."""
    room = _NAME + wide
    if len(name) >= room:
        yield name
        name = ""
    yield f"{name:<{room}}" + "".join(f"{count:>9}" for count in counts)
