"""`kbuild classes`: looking at classes, what became of them, a release under its new ones."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.common import emit, json_option, open_workspace
from pipelines.cli.numbers import COUNT, Number

if TYPE_CHECKING:
    from kinetics_builder.text.class_list.entries import ClassList

_FILE = click.Path(exists=True, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)


@click.group()
def classes() -> None:
    """List, search and draw classes; say what became of them, and carry releases forward."""


_CLASSES = click.option(
    "--classes",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A list of classes; the workspace's own without it.",
)
_GROUP = click.option("--group", "group", metavar="NAME", help="Only what is in this group.")


_EDITED = click.option(
    "--edited", "is_edited", is_flag=True, help="As the recorded edits leave the workspace's list."
)


def _found(folder: Path, file: Path | None, group: str | None, is_edited: bool) -> "ClassList":
    from pipelines.classes.listing import find_class_list, within

    if file is not None and is_edited:
        raise click.UsageError("--edited is of the workspace's own list: leave --classes away.")
    workspace = None if file is not None else open_workspace(folder)
    found = find_class_list(workspace, file, is_edited=is_edited)
    return found if group is None else within(found, group)


@classes.command("list")
@_CLASSES
@_GROUP
@_EDITED
@json_option
@click.pass_obj
def list_(
    folder: Path, file: Path | None, group: str | None, *, is_edited: bool, as_json: bool
) -> None:
    """List the classes, with their ids and groups."""
    from dataclasses import asdict

    from pipelines.classes.listing import class_lines

    found = _found(folder, file, group, is_edited).classes
    emit(list(map(asdict, found)), as_json=as_json, lines=list(class_lines(found, len(found))))


@classes.command()
@click.argument("words", nargs=-1, required=True)
@_CLASSES
@_GROUP
@_EDITED
@json_option
@click.pass_obj
def search(
    folder: Path,
    words: tuple[str, ...],
    file: Path | None,
    group: str | None,
    *,
    is_edited: bool,
    as_json: bool,
) -> None:
    """List the classes that have all WORDS in name, id, synonyms, queries, groups, description.

    The beginning of a word is enough; one that is misspelt is found where nothing else has it.
    """
    from dataclasses import asdict

    from pipelines.classes.listing import class_lines
    from pipelines.classes.listing import search as run

    there = _found(folder, file, group, is_edited)
    found = run(there, " ".join(words))
    lines = list(class_lines(found, len(there.classes)))
    emit(list(map(asdict, found)), as_json=as_json, lines=lines)


@classes.command()
@_CLASSES
@_GROUP
@_EDITED
@json_option
@click.pass_obj
def tree(
    folder: Path, file: Path | None, group: str | None, *, is_edited: bool, as_json: bool
) -> None:
    """Draw the groups, groups in groups, their questions and their classes as a tree."""
    from dataclasses import asdict

    from pipelines.classes.listing import tree_lines, tree_summary

    found = _found(folder, file, group, is_edited)
    emit(asdict(found), as_json=as_json, lines=[*tree_lines(found), "", tree_summary(found)])


@classes.command()
@click.argument("name")
@click.option(
    "--compare",
    type=COUNT,
    nargs=2,
    metavar="OLD NEW",
    help="Say what differs between two versions.",
)
@json_option
@click.pass_obj
def text(folder: Path, name: str, compare: tuple[int, int] | None, *, as_json: bool) -> None:
    """Tell what workers are told of class NAME, how it is asked about, and all its versions."""
    from kinetics_builder.crowd.class_texts.versions import read_versions
    from kinetics_builder.database.engine import reading
    from pipelines.classes.texts import compare_lines, find_label, text_facts, text_lines

    with reading(open_workspace(folder).engine) as session:
        label = find_label(session, name)
        versions = read_versions(session, label)
        lines = text_lines(label, versions)
        if compare is not None:
            lines = compare_lines(versions, *compare)
        emit(text_facts(label, versions), as_json=as_json, lines=lines)


@classes.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@click.option(
    "--earlier",
    type=_FILE,
    multiple=True,
    help="A version before OLD, for classes that return; may be given several times.",
)
@click.option(
    "--sure",
    type=Number(min=0, max=1, min_open=True),
    default=0.7,
    show_default=True,
    help="From which belief on a change is said to be so; the others are guesses.",
)
@click.option("--edits", type=_OUT, help="Write the changes as edits to be read through.")
@click.option("--all", "shows_all", is_flag=True, help="Also name the classes kept, and the new.")
@json_option
def diff(
    old: Path, new: Path, earlier: tuple[Path, ...], *, sure: float, as_json: bool, **shown: Any
) -> None:
    """Say which classes of OLD were kept, renamed, split, merged or dropped in NEW.

    Each may be a list of classes, a label map in any dialect, a file of clips such as train.csv,
    or the folder of a release. Names tell much; where both have rows, the videos that both
    name tell more.
    """
    from dataclasses import asdict

    from kinetics_builder.text.counting import counted
    from pipelines.classes.diff import diff_classes, diff_lines, write_edits

    report = diff_classes(old, new, earlier, sure=sure)
    lines = diff_lines(report, shows_all=shown["shows_all"])
    if (edits := shown["edits"]) is not None:
        lines += ["", f"{edits}: {counted(write_edits(report, edits), 'edit')}, to be read through"]
    emit({**asdict(report), "counts": report.counts}, as_json=as_json, lines=lines)


@classes.command()
@click.argument("file", type=_FILE)
@click.option("--edits", type=_FILE, required=True, help="As `classes diff --edits` writes them.")
@click.option("--out", type=_OUT, required=True, help="Where the rows go, in FILE's own format.")
@click.option("--newer", type=_FILE, help="A newer version: tells rows of split classes apart.")
@click.option("--undecided", type=_OUT, help="Where rows go that nothing tells apart.")
@json_option
def carry(
    file: Path, edits: Path, out: Path, newer: Path | None, undecided: Path | None, *, as_json: bool
) -> None:
    """Write the rows of FILE, or of a release (its folder), under the classes that edits make.

    Rows of a class that is split go where --newer has their video; those that nothing tells
    apart are left out, and written to --undecided for people to look at.
    """
    from pipelines.classes.carry import carry_classes, carry_lines

    report = carry_classes(file, edits, out, newer=newer, undecided=undecided)
    emit(report, as_json=as_json, lines=carry_lines(report, out, undecided))


@classes.command()
@click.option(
    "--predictions",
    metavar="FILE",
    type=_FILE,
    multiple=True,
    help="A scores.npz or predictions.csv of `kbuild evaluate`: which classes a network confuses.",
)
@click.option(
    "--features",
    metavar="FILE",
    type=_FILE,
    help="Numbers of each clip (file,0,1,...) in place of how its fingerprint moves.",
)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Pairs shown.")
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a page a pair, with contact sheets and edits to paste, and an index.",
)
@json_option
@click.pass_obj
def evidence(
    folder: Path,
    predictions: tuple[Path, ...],
    features: Path | None,
    limit: int,
    out: Path | None,
    *,
    as_json: bool,
) -> None:
    """Rank pairs of classes that may be one, and classes that may be two, with what says so.

    What people accepted and called clips, titles, confusions of networks, and which clips are
    alike: each kind is told apart, and all count together.
    """
    from dataclasses import asdict, replace

    from kinetics_builder.database.engine import reading
    from pipelines.cli.common import say
    from pipelines.evidence.gathering import Sources, evidence_lines, gather_evidence
    from pipelines.evidence.pages import write_evidence

    workspace = open_workspace(folder)
    with reading(workspace.engine) as session:
        sources = Sources(predictions, features)
        found, shown = gather_evidence(session, workspace.config, sources)
    found = replace(found, pairs=found.pairs[:limit], parts=found.parts[:limit])
    if out is not None:
        for text in write_evidence(out, found, shown.clips, workspace):
            say(text)
        say(f"The pages are in {out}; begin with index.html")
    emit(asdict(found), as_json=as_json, lines=list(evidence_lines(found)))


commands: list[click.Command] = [classes]
