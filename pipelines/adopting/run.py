"""Making the folder: rows are read, their files looked at, the manifest written."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.manifest import ManifestRow, write_manifest
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.locks import HeldElsewhere, held
from pipelines.adopting.asking import Asked, records
from pipelines.adopting.known import FACTS, Known
from pipelines.adopting.looking import MEMORY_BYTES, SECONDS, Facts, failed, look_at
from pipelines.adopting.wanted import MEDIA, Trouble, Wanted, Wanting, rows_of
from pipelines.converting.convert import Listeners
from pipelines.running.engines.children import ChildPool
from pipelines.running.engines.pool import Pool, outcomes
from pipelines.running.reports import Reporter, StageReport

CLASSES = "classes.txt"
TROUBLES = "troubles.csv"
LOCK = ".lock"
OURS = frozenset({MANIFEST, CLASSES, TROUBLES, FACTS, LOCK, MEDIA})


@dataclass(frozen=True)
class Report:
    """What can be learnt from now."""

    folder: Path
    num_classes: int
    num_clips: Mapping[str, int]
    """By split; those that are missing or broken included."""
    num_left_out: int
    """Rows that the manifest does not list."""
    reasons: Mapping[str, int]
    """What is wrong with rows, listed or not."""


def adopt(
    asked: Asked, out: Path, listeners: Listeners, reporter: Reporter, pool: Pool | None = None
) -> Report:
    """Make `out` a folder that networks learn from as from a release; files stay where they are.

    `out/clips.csv` lists a clip for each row and `out/media` leads to the folder of the files. It
    can be killed at any time, and goes on where it was: files that have not changed are not looked
    at again. Equal annotations and files give an equal manifest.

    Raises:
        FormatError: Annotations that cannot be read; `out` holds something else; no row is of a
            clip that can be learnt from.

    """
    begun = time.monotonic()
    _check_target(out)
    wanting = Wanting(asked.media, _classes_asked(asked))
    wanted = list(wanting.take(records(asked, listeners)))
    with _alone(out):
        known, num_new = _looked_at(asked, out, wanted, reporter, pool)
        troubles = list(wanting.troubles)
        rows = sorted(rows_of(wanted, known, troubles))
        if not any(row.num_frames for row in rows):
            raise FormatError(_nothing(asked, troubles))
        report = _write(asked, out, rows, troubles)
    reporter.end(
        StageReport(
            stage="adopt",
            num_items=len(wanted),
            num_done=sum(1 for facts in known.values() if not facts.reason),
            num_new=num_new,
            failures=dict(report.reasons),
            seconds=time.monotonic() - begun,
        )
    )
    return report


def _check_target(out: Path) -> None:
    if out.is_file():
        raise FormatError(f"{out} is a file. Choose the name of a new folder.")
    others = {path.name for path in out.iterdir()} - OURS if out.is_dir() else set()
    others = {name for name in others if name != "flow" and not name.startswith(".")}
    if others:
        raise FormatError(
            f"{out} holds {min(others)}, which no adoption wrote. Choose another folder."
        )


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    out.mkdir(parents=True, exist_ok=True)
    try:
        with held(out / LOCK):
            yield
    except HeldElsewhere as error:
        raise FormatError(f"{out} is being written by {error}. Wait for it.") from error


def _classes_asked(asked: Asked) -> tuple[str, ...] | None:
    labels = asked.options.labels
    return None if labels is None else tuple(label.name for label in labels.labels)


def _looked_at(
    asked: Asked, out: Path, wanted: Sequence[Wanted], reporter: Reporter, pool: Pool | None
) -> tuple[Mapping[str, Facts], int]:
    """Return what the files hold, and how many were looked at now."""
    known = Known(out / FACTS)
    there = [one.file for one in wanted if one.is_there]
    missing = [
        file
        for file in there
        if known.of(file, asked.media / file, retries=asked.retry_failed) is None
    ]
    if missing:
        reporter.begin("adopt", len(there), len(there) - len(missing))
        _look(asked, missing, known, reporter, pool or _children(asked))
    return known.keep(there), len(missing)


def _children(asked: Asked) -> Pool:
    return ChildPool(asked.num_workers, SECONDS, MEMORY_BYTES)


def _look(asked: Asked, files: Sequence[str], known: Known, reporter: Reporter, pool: Pool) -> None:
    try:
        with known.noting():
            for outcome in outcomes(pool, look_at, ((file, asked.media / file) for file in files)):
                if outcome.failure is None:
                    facts: Facts = outcome.result
                else:
                    found = (asked.media / outcome.key).stat()
                    marked = Facts(found.st_size, found.st_mtime_ns, "")
                    facts = failed(marked, outcome.failure)
                known.note(outcome.key, facts)
                reporter.advance([outcome.failure])
    finally:
        pool.stop()
        reporter.close()


def _nothing(asked: Asked, troubles: Sequence[Trouble]) -> str:
    names = ", ".join(path.name for path in asked.annotations)
    if not troubles:
        return f"{names}: no row; there is nothing to learn from."
    first = troubles[0]
    return (
        f"{names}: no row has a clip in {asked.media} that can be learnt from. The first, "
        f"{first.place}: {first.reason}: {first.message}."
    )


def _write(
    asked: Asked, out: Path, rows: Sequence[ManifestRow], troubles: Sequence[Trouble]
) -> Report:
    """Write all files; the manifest last, for who finds it takes the rest for whole."""
    classes = _classes_asked(asked) or sorted({row.label for row in rows})
    link = out / MEDIA
    if not link.is_symlink() or link.resolve() != asked.media.resolve():
        link.unlink(missing_ok=True)
        link.symlink_to(asked.media.resolve(), target_is_directory=True)
    with writing_text(out / CLASSES) as file:
        file.writelines(f"{name}\n" for name in classes)
    with writing_text(out / TROUBLES) as file:
        file.write(csv_line(Trouble.__dataclass_fields__))
        file.writelines(csv_line(asdict(one).values()) for one in sorted(troubles))
    write_manifest(out / MANIFEST, rows, are_sorted=True)
    counts = Counter(row.split for row in rows)
    return Report(
        folder=out,
        num_classes=len(classes),
        num_clips={split: counts[split] for split in SPLITS},
        num_left_out=sum(1 for one in troubles if not one.is_listed),
        reasons=dict(Counter(one.reason for one in troubles).most_common()),
    )
