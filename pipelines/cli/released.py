"""Commands about our own releases: releases list, check, copy, sign, questions, diff, errata."""

from pathlib import Path
from typing import Any

import click

from pipelines.cli.common import emit, json_option, open_workspace
from pipelines.cli.releases import releases


@releases.command()
@click.argument("release", required=False)
@click.option(
    "--against",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Another dataset that must share no video: a release's folder, a released file, or a "
    "list of ids (.txt). May be repeated.",
)
@click.option(
    "--alike",
    "compares_looks",
    is_flag=True,
    help="Also compare the clips of different splits, and those of other releases that --against "
    "names, by the fingerprints of their tables, whatever was noted of them. The time grows with "
    "the square of their number.",
)
@click.option(
    "--public-key",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The public part of the key that must have signed it, as PEM.",
)
@click.option(
    "--publish",
    "is_to_publish",
    is_flag=True,
    help="Also find what its datasheet leaves open: it is not ready to be published.",
)
@json_option
@click.pass_obj
def check(
    folder: Path,
    /,
    release: str | None,
    against: tuple[Path, ...],
    *,
    is_to_publish: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Prove that a release, the newest or RELEASE, is as it was made and that no split leaks.

    \b
    Held against the files, the lists against each other, and
    against each other's splits: videos, uploaders, groups, copies;
    against earlier releases here, and what --against names.

    Exits 1 if anything is found, a row for each.
    """  # noqa: D301 (click wants the control character)
    from kinetics_builder.text.counting import counted
    from pipelines.publishing.checking import check_release, open_answers
    from pipelines.publishing.folders.kind import HeldAgainst
    from pipelines.publishing.kinds import find_folder

    workspace = open_workspace(folder)
    found = find_folder(workspace, release)
    held = HeldAgainst(against, options["compares_looks"])
    report = check_release(workspace, found, held, options["public_key"])
    if is_to_publish:
        report.findings.extend(open_answers(found))
    findings = counted(len(report.findings), "finding")
    lines = [
        *(f"{one.sort}: {one.place}: {one.problem}" for one in report.findings),
        f"{report.name}: {', '.join(counted(num, what) for what, num in report.counts.items())} "
        f"and {counted(report.num_files, 'file')} looked at, "
        f"{report.num_compared} of other releases and datasets held against them: {findings}.",
    ]
    emit(report, as_json=as_json, lines=lines)
    if report.findings:
        raise click.exceptions.Exit(1)


@releases.command()
@json_option
@click.pass_obj
def questions(folder: Path, *, as_json: bool) -> None:
    """List what the datasheet asks and nobody has answered, in datasheet.toml of the workspace.

    Where there is no such file, one is written with all questions and no answers.
    """
    from kinetics_builder.formats.datasheet.answers import (
        ANSWERS,
        blank_answers,
        open_questions,
        read_answers,
    )
    from kinetics_builder.formats.output import writing_text
    from kinetics_builder.text.counting import counted

    path = open_workspace(folder).root / ANSWERS
    is_new = not path.exists()
    if is_new:
        with writing_text(path) as file:
            file.write(blank_answers())
    left = open_questions(read_answers(path))
    lines = [*([f"{path}: written"] if is_new else []), *left]
    lines.append(f"{counted(len(left), 'question is', 'questions are')} open.")
    emit({"file": path, "is_new": is_new, "open": left}, as_json=as_json, lines=lines)


@releases.command()
@click.argument("one")
@click.argument("other")
@json_option
@click.pass_obj
def diff(folder: Path, one: str, other: str, *, as_json: bool) -> None:
    """Say what of release ONE is otherwise in release OTHER, and why: clips, or boxes of films."""
    from collections import Counter

    from kinetics_builder.errors import WorkspaceError
    from pipelines.publishing.kinds import find_folder, known_kind

    workspace = open_workspace(folder)
    before, after = find_folder(workspace, one), find_folder(workspace, other)
    kind = known_kind(before)
    if known_kind(after) is not kind:
        raise WorkspaceError(
            f"{one} is a release of {kind.noun}, {other} one of {known_kind(after).noun}: expected "
            "two of one kind. `kbuild releases list` says what each is."
        )
    found = kind.diff(workspace, before, after)
    counts = Counter(row.sort for row in found)
    lines = [
        *(
            f"{row.sort}: {row.place}: {row.before or 'nowhere'} -> {row.after or 'nowhere'}"
            f"{f' ({row.why})' if row.why else ''}"
            for row in found
        ),
        ", ".join(f"{counts[sort]} {sort}" for sort in kind.sorts) + ".",
    ]
    emit([*found], as_json=as_json, lines=lines)


@releases.command("list")
@json_option
@click.pass_obj
def list_releases(folder: Path, *, as_json: bool) -> None:
    """List the releases of the workspace, the newest first, with what is to be known of each."""
    from kinetics_builder.text.counting import counted
    from pipelines.publishing.listing import list_releases as run

    found = run(open_workspace(folder))
    width = max((len(one.name) for one in found), default=0)
    lines = [f"{one.name:<{width}}  {one.noun:<5}  {', '.join(one.notes())}" for one in found]
    lines.append(f"{counted(len(found), 'release')}.")
    emit(found, as_json=as_json, lines=lines)


@releases.command()
@click.argument("release", required=False)
@json_option
@click.pass_obj
def errata(folder: Path, release: str | None, *, as_json: bool) -> None:
    """Print what must be used no more of a release, the newest or RELEASE, and why."""
    from kinetics_builder.text.counting import counted
    from pipelines.publishing.folders.errata import told_errata
    from pipelines.publishing.kinds import find_folder

    found = find_folder(open_workspace(folder), release)
    told = [*told_errata(found)]
    lines = [", ".join(f"{name} {cell}" for name, cell in row.items() if cell) for row in told]
    lines.append(f"{found.name}: {counted(len(told), 'row')} beside what was given away.")
    emit(told, as_json=as_json, lines=lines)


@releases.command()
@click.argument("release")
@click.option("--what", required=True, metavar="TEXT", help="What is wrong.")
@click.option("--reason", required=True, metavar="TEXT", help="How that is known.")
@click.option("--author", required=True, metavar="NAME", help="Who says so.")
@click.option(
    "--clip",
    "clips",
    metavar="NAME",
    multiple=True,
    help="What it is about: a clip's file, or all of a video or film by its id, as the release's "
    "lists have them. May be repeated; it is about all of the release without it.",
)
@click.option(
    "--rewrite",
    "rewrites",
    is_flag=True,
    help="Also tell it in README.md and croissant.json; the checksums are made anew.",
)
@click.option(
    "--key",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A private Ed25519 key as PEM: signs errata.csv, and with --rewrite the checksums.",
)
@json_option
@click.pass_obj
def erratum(
    folder: Path,
    /,
    release: str,
    clips: tuple[str, ...],
    key: Path | None,
    *,
    rewrites: bool,
    as_json: bool,
    **said: str,
) -> None:
    """Add to the errata of RELEASE what is wrong with it, by whom and why; the time is noted.

    It stands in errata.csv beside what was given away, which stays as it is; `releases page` shows
    it.
    """
    from datetime import UTC, datetime

    from kinetics_builder.text.counting import counted
    from pipelines.publishing.folders.errata import Erratum, add_erratum, sign_errata
    from pipelines.publishing.folders.handing_over import Wanted
    from pipelines.publishing.folders.telling import tell_errata
    from pipelines.publishing.kinds import find_folder, known_kind

    workspace = open_workspace(folder)
    found = find_folder(workspace, release)
    Wanted(key=key).check()
    now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "seconds")
    told = Erratum(date=now, **said)
    number = add_erratum(found, known_kind(found).places(found), clips, told)
    if key is not None:
        sign_errata(found, key)
    if rewrites:
        tell_errata(workspace, found, key)
    lines = [f"{found / 'errata.csv'}: {counted(number, 'row')} more."]
    emit({"release": found, "num_added": number}, as_json=as_json, lines=lines)


@releases.command()
@click.argument("release")
@click.argument("target", metavar="TARGET")
@click.option(
    "--prove", "proves_again", is_flag=True, help="Read back also what is there already, whole."
)
@json_option
@click.pass_obj
def copy(folder: Path, release: str, target: str, *, proves_again: bool, as_json: bool) -> None:
    """Copy RELEASE below TARGET: a folder, or an address such as s3://bucket/folder.

    Every file is read back there and held against the checksums, which come last, so that what has
    them is whole; the same command goes on with what was broken off, and brings a signature or
    errata that came later. Credentials and options are those of [storage] in kbuild.toml.
    """
    from pipelines.publishing.copying import copied_line, copy_release
    from pipelines.publishing.kinds import find_folder

    workspace = open_workspace(folder)
    found = find_folder(workspace, release)
    report = copy_release(workspace, found, target, proves_again=proves_again)
    emit(report, as_json=as_json, lines=[copied_line(report)])


@releases.command()
@click.argument("release")
@click.option(
    "--key",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A private Ed25519 key as PEM.",
)
@json_option
@click.pass_obj
def sign(folder: Path, release: str, key: Path, *, as_json: bool) -> None:
    """Sign RELEASE, and its errata, if it is as it was made: later than `release --key`, or anew.

    A signature that was there is replaced; one that `takedown --rewrite` took away comes back.
    """
    from pipelines.publishing.kinds import find_folder
    from pipelines.publishing.signing import sign_release

    workspace = open_workspace(folder)
    found = find_folder(workspace, release)
    sign_release(workspace, found, key)
    emit({"release": found}, as_json=as_json, lines=[f"{found}: signed by {key}."])


commands: list[click.Command] = []
"""Those of `releases` stand in its group."""
