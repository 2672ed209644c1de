"""How `kbuild status` looks on a terminal of 80 columns."""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from pipelines.inspecting.stages import StageStatus
from pipelines.inspecting.status import Status

WIDTH = 80
_INDENT = " " * 13
_COMMAND = re.compile(r"`[^`]*`")
_TIED = "\N{NO-BREAK SPACE}"


def status_lines(found: Status) -> list[str]:
    """Return the lines; none is wider than `WIDTH` unless a single word is."""
    of_clips = [] if found.is_of_films else [*_stages(found.stages), *_steps(found)]
    of_films = list(_stages(found.films)) if found.films else []
    counts = [] if found.is_of_films else list(_counts(found))
    return [
        *_warnings(found),
        *of_clips,
        *([""] if of_clips and of_films else []),
        *of_films,
        *(line for text in found.sites for line in wrapped(_INDENT, text)),
        *_restored(found),
        "",
        *counts,
        *_way(found),
        *_releases(found),
        "",
        *wrapped("Next: ", found.next),
    ]


def _warnings(found: Status) -> Iterator[str]:
    for text in found.warnings:
        yield from wrapped("WARNING: ", text)
        yield ""
    for news in found.crowd:
        yield from wrapped("! ", news)
    if found.crowd:
        yield ""


def _restored(found: Status) -> Iterator[str]:
    """Yield how stretches of released files stand, and what came of each file's rows."""
    if not (found.restoring or found.restored):
        return
    yield ""
    if found.restoring:
        yield from _stages(found.restoring)
    for file in found.restored:
        yield from wrapped("", f"{file.line}.")
        for text in file.parts:
            yield from wrapped(_INDENT, f"{text}.")


def _stages(stages: Sequence[StageStatus]) -> Iterator[str]:
    yield f"{'stage':<13}{'items':>9}{'done':>9}{'failed':>9}{'running':>9}{'pending':>9}"
    for stage in stages:
        counts = (stage.num_items, stage.num_done, stage.num_failed, stage.num_running)
        numbers = "".join(f"{count:>9}" for count in (*counts, stage.num_pending))
        yield f"{stage.stage:<13}{numbers}"
        if stage.failures:
            yield from wrapped(f"{_INDENT}failed: ", _listed(stage.failures))
    if about := ", ".join(stage.stage for stage in stages if stage.is_estimate):
        yield from wrapped(_INDENT, f"about: {about}, until the next run has looked at each item")


def _steps(found: Status) -> Iterator[str]:
    for step in found.steps:
        numbers = f"{step.num_items:>9}{step.num_done:>9}{'':>18}{step.num_pending:>9}"
        yield f"{step.verb:<13}{numbers}  {step.what}"


def _counts(found: Status) -> Iterator[str]:
    for name, count in found.counts.items():
        yield f"{name:<21}{count:>9}"
    for title, counts in (
        ("clips by place", found.standings),
        ("clips by verdict", found.verdicts),
        ("curated by split", found.splits),
    ):
        if counts:
            yield from wrapped(f"{title:<21}", _listed(counts))


def _way(found: Status) -> Iterator[str]:
    """Yield the steps of films, each with what was lost on the way to it."""
    for step in found.film_way:
        line = f"{step.name:<22}{step.count:>8}"
        yield from wrapped(f"{line}  ", step.told) if step.told else [line]


def _releases(found: Status) -> Iterator[str]:
    if found.marked is not None:
        yield from wrapped(f"{'marked videos':<21}", found.marked.line)
    if found.releases:
        kinds = {name: kind for kind, names in found.releases_by_kind.items() for name in names}
        is_plain = {*kinds.values()} <= {"clips"}
        told = (
            name if is_plain else f"{name} ({kinds.get(name, 'gone')})" for name in found.releases
        )
        yield from wrapped(f"{'releases':<21}", ", ".join(told))


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def wrapped(begin: str, text: str) -> list[str]:
    """Wrap a text; a command between backticks stays on one line, to be copied."""
    return [line.replace(_TIED, " ") for line in _wrap(begin, _COMMAND.sub(_tie, text))]


def _tie(command: re.Match[str]) -> str:
    return command[0].replace(" ", _TIED)


def _wrap(begin: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=begin,
        subsequent_indent=" " * len(begin),
        break_long_words=False,
        break_on_hyphens=False,
    )
