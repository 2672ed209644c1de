"""What another code, or this one, would use of a folder of AVA's files, before anybody trains."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kinetics_builder.ava.checking.folder import AvaFolder
from kinetics_builder.ava.checking.kbuild.reading import Shows, check_kbuild
from kinetics_builder.ava.checking.mmaction2.reading import check_mmaction2
from kinetics_builder.ava.checking.pyslowfast.reading import check_pyslowfast
from kinetics_builder.ava.checking.report import Counts, Finding, Part, Report
from kinetics_builder.ava.checking.settings import Settings
from kinetics_builder.errors import FormatError, ModelError

_OTHERS = {"pyslowfast": check_pyslowfast, "mmaction2": check_mmaction2}
_MOST_LINES = 5


def check(reader: str, root: Path, media: Path | None, settings: Settings) -> Report:
    """Read a folder by a reader's own rules.

    Raises:
        FormatError: It is no folder, or holds nothing that the reader's rules are about.

    """
    if not root.is_dir():
        raise FormatError(f"{root}: expected a folder of AVA's files, found none.")
    folder = AvaFolder(root=root, media=media)
    if reader == "kbuild":
        return check_kbuild(folder, _films(media or root), settings.min_score)
    return _OTHERS[reader](folder, settings)


def _films(root: Path) -> Shows | None:
    """Return what tells whether a film that is there shows a moment; None without any film."""
    from models.detection.films import film_at, find_films

    try:
        films = find_films(root)
    except ModelError:
        return None
    listed = {film.file for parts in films.values() for film in parts}
    there = {file for file in listed if (root / file).exists()}

    def shows(video_id: str, seconds: float) -> bool:
        film = film_at(films, video_id, seconds)
        return film is not None and film.file in there

    return shows


def lines(report: Report, root: Path) -> Iterator[str]:
    """Yield the report in words: what is used, then why the rest is not."""
    yield f"{root} as {report.reader} ({report.version}) reads it:"
    width = max(len(part.name) for part in report.parts)
    for part in report.parts:
        yield f"  {part.name:<{width}}  {_use(part)}"
    for finding in report.findings:
        yield ""
        yield f"{_place(finding)}: {finding.fate.value} ({', '.join(finding.parts) or 'all'})"
        yield f"  {finding.what}"
        if finding.remedy != "none needed":
            yield f"  To mend: {finding.remedy}."
    yield ""
    yield _verdict(report)


def _use(part: Part) -> str:
    used = _of(part.used, part.stated)
    return f"{part.does}: {used}{'; stops with an error' if part.stops else ''}"


def _of(used: Counts, stated: Counts) -> str:
    return (
        f"{used.key_frames:,} of {stated.key_frames:,} key frames, "
        f"{used.boxes:,} of {stated.boxes:,} boxes, {used.labels:,} of {stated.labels:,} labels"
    )


def _place(finding: Finding) -> str:
    numbers = ", ".join(map(str, finding.lines[:_MOST_LINES]))
    more = finding.count - min(len(finding.lines), _MOST_LINES)
    if not numbers:
        return finding.file if finding.count == 1 else f"{finding.file} ({finding.count:,} times)"
    return f"{finding.file}:{numbers}{f' and {more:,} more' if more > 0 else ''}"


def _verdict(report: Report) -> str:
    if report.passes:
        return f"{report.reader} uses all that the folder states."
    stopped = [part.name for part in report.parts if part.stops]
    if stopped:
        return f"{report.reader} stops with an error: {', '.join(stopped)}."
    return f"{report.reader} does not use all that the folder states as it is meant."


def as_document(report: Report, root: Path) -> dict[str, Any]:
    """Return the report as a document, with what its fields imply."""
    found = asdict(report)
    for finding in found["findings"]:
        finding["part"] = ", ".join(finding["parts"])
    return {"folder": str(root), "passes": report.passes, **found}
