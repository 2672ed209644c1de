"""Commands of the crowd: assign, gold, aggregate."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinetics_builder.text.counting import counted
from pipelines.cli.ava.boxes import boxes_file, reading_options
from pipelines.cli.common import emit, json_option, open_workspace

if TYPE_CHECKING:
    from kinetics_builder.config import VerifyConfig
    from kinetics_builder.workspace import Workspace
    from pipelines.ava.boxes_file import BoxesFile
    from pipelines.verifying.aggregate import AggregateReport
    from pipelines.verifying.assign_links import LinksReport
    from pipelines.verifying.kinds import KindDealt

_KINDS = ("clip", "boxes", "links", "actions", "verification", "questionnaire", "segments")


@click.command()
@click.option(
    "--kind",
    type=click.Choice(_KINDS),
    help="Ask for one kind alone, whatever people were asked before.",
)
@json_option
@click.pass_obj
def assign(folder: Path, *, kind: str | None, as_json: bool) -> None:
    """Put what waits for annotators into tasks of 20 questions, every kind that can be asked.

    Of clips, whether they show their class, or where the tree of questions leads that their class
    lies in. At key frames of films in turn: boxes of persons
    (verify.box_answers = 0 lets those stand that are there), links (who is who from key frame to
    key frame; verify.link_answers = 0 lets the machine's stand), actions (what the persons do), and
    verification (whether they do what was proposed). Of whole videos, when their classes happen,
    where verify.segment_answers says how many people mark each. What waits for another kind is
    said; run it
    again when that is answered.

    Key frames of which people are asked already what the persons do are asked about boxes or links
    with --kind alone.
    """
    from dataclasses import asdict

    from kinetics_builder.crowd.undecidable import what_is_undecidable
    from kinetics_builder.database.engine import writing
    from pipelines.verifying.kinds import deal_all, deal_one

    workspace = open_workspace(folder)
    with writing(workspace.engine) as session:
        if kind is not None:
            one = deal_one(session, workspace.config, kind)
            emit(one.report, as_json=as_json, lines=_lines_of(one))
            return
        told = deal_all(session, workspace.config)
        warnings = what_is_undecidable(session, workspace.config)
    found = {
        one.kind: {**(asdict(one.report) if one.report else {}), "waits": one.waits} for one in told
    }
    lines = [*(line for one in told for line in _lines_of(one)), *warnings]
    emit(found, as_json=as_json, lines=lines)


def _lines_of(one: "KindDealt") -> list[str]:
    """Return what was dealt of a kind and what waits in one line, then what is odd about it."""
    if one.report is None:
        return [f"{one.kind}: nothing is asked, {one.waits}."]
    report = one.report
    line = (
        f"{one.kind}: {counted(report.num_tasks, 'new task')}: "
        f"{counted(report.num_questions, one.thing, one.things)} and "
        f"{counted(report.num_gold_slots, 'gold question')}"
    )
    if (before := getattr(report, "num_asked_before", None)) is not None:
        was = "was" if before == 1 else "were"
        line += f"; {before} {one.thing if before == 1 else one.things} {was} in tasks"
    waits = f"; {one.waits}" if one.waits else ""
    lines = [f"{line}{waits}."]
    if report.num_gold_mixed_in:
        lines.append(
            f"{report.num_gold_mixed_in} gold questions went into tasks that are not finished."
        )
    lines += _NOTES[one.kind](report) if one.kind in _NOTES else []
    if report.num_gold_missing:
        lines.append(f"{report.num_gold_missing} gold questions are missing{_WITHOUT[one.kind]}")
    return lines


def _links_notes(report: "LinksReport") -> list[str]:
    lines = []
    if report.num_open:
        lines.append(
            f"{counted(report.num_open, 'key frame waits', 'key frames wait')}: people are still "
            "asked who is to be seen there."
        )
    if report.num_unlinked:
        lines.append(
            f"{counted(report.num_unlinked, 'key frame waits', 'key frames wait')}: people drew "
            "boxes there that are not linked. "
            "Run `kbuild ava link`, then `kbuild assign` again."
        )
    if report.num_unfollowed:
        lines.append(
            f"{counted(report.num_unfollowed, 'box', 'boxes')} came after people had said who is "
            "who "
            "there: that is asked again."
        )
    if report.num_again:
        lines.append(
            f"{report.num_again} of the new stretches are of key frames that were asked about "
            "before: they show boxes, or people who may have come back, that no stretch showed."
        )
    return lines


_NOTES: "Mapping[str, Callable[[Any], list[str]]]" = {"links": _links_notes}
_WITHOUT = {
    "clip": ". Add some with `kbuild gold FILE.csv` or `kbuild gold --from-votes`.",
    "boxes": ": whose boxes are careless is not seen. `kbuild gold --kind boxes FILE` adds some.",
    "links": ": who mixes people up is not seen. `kbuild gold --kind links FILE` adds some.",
    "actions": ". `kbuild gold --kind actions FILE` adds some.",
    "verification": ". `kbuild gold --kind verification FILE` adds some.",
    "questionnaire": ". `kbuild gold --kind questionnaire FILE.csv` adds some.",
    "segments": ". `kbuild gold --kind segments FILE` adds some.",
}
"""By kind: what the want of gold means, and what adds some."""


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--from-votes", is_flag=True, help="Make gold of clips that all annotators agreed on."
)
@click.option(
    "--kind",
    type=click.Choice(_KINDS),
    default="clip",
    show_default=True,
    help="What is known: whether clips show actions; the boxes of key frames; whose the boxes are; "
    "what persons do, to be named or to be confirmed.",
)
@click.option(
    "--format", "name", default="ava", show_default=True, help="Of a FILE of boxes: its format."
)
@reading_options
@json_option
@click.pass_obj
def gold(
    folder: Path,
    /,
    file: Path | None,
    *,
    from_votes: bool,
    kind: str,
    name: str,
    as_json: bool,
    **values: Any,
) -> None:
    """Add questions whose answer is known, to tell careful annotators from careless ones.

    FILE is a CSV file with the columns youtube_id,time_start,label,answer; the answer is
    yes, no, unsure or bad. The questions are hidden among the others: in tasks that are not
    finished at once, in new tasks by the next `kbuild assign`.

    With --kind boxes, FILE holds the true boxes of key frames, in any format of boxes that
    `kbuild formats` lists; a key frame that it lists without a box is one where nobody is. A film
    is known by its id, or for a folder of films by its file's name.

    With --kind links, FILE holds true boxes with numbers of persons; half of them are shown with
    an error that is to be mended.

    With --kind actions or verification, FILE holds true boxes with what the persons do.

    With --kind questionnaire, FILE is a CSV file with the columns youtube_id,time_start,label; the
    label is the class that the clip's tree of questions leads to, or none of these.

    With --kind segments, FILE is a CSV with the columns video, label, start and end: when each
    class happens, in seconds; a row without times says that it never does.
    """
    if kind == "questionnaire":
        _gold_of_paths(folder, file, from_votes=from_votes, as_json=as_json)
        return
    if kind == "segments":
        _gold_of_segments(folder, file, as_json=as_json)
        return
    add, source = _GOLD[kind]
    if source is None:
        _gold_of_clips(folder, file, from_votes=from_votes, as_json=as_json)
        return
    if file is None or from_votes:
        raise click.UsageError(f"Gold of {kind} comes from a FILE of {source}.")
    add(open_workspace(folder), boxes_file(file, name, values), as_json=as_json)


def _gold_of_paths(folder: Path, file: Path | None, *, from_votes: bool, as_json: bool) -> None:
    from dataclasses import asdict

    from kinetics_builder.database.engine import writing
    from pipelines.verifying.assign_paths import mix_paths_gold_in
    from pipelines.verifying.gold_paths import add_gold_paths

    if file is None or from_votes:
        raise click.UsageError("Gold of questionnaire comes from a FILE of clips with classes.")
    workspace = open_workspace(folder)
    with writing(workspace.engine) as session:
        report = add_gold_paths(session, file)
        num_mixed_in = mix_paths_gold_in(session, workspace.config)
    lines = [
        f"{counted(report.num_new, 'new gold question')}; {report.num_known_before} were known "
        f"before. Of all, {report.num_none} lead to none of the classes.",
        _placed(num_mixed_in),
    ]
    emit({**asdict(report), "num_mixed_in": num_mixed_in}, as_json=as_json, lines=lines)


def _gold_of_people(
    workspace: "Workspace", boxes: "BoxesFile", *, as_json: bool, kind: str
) -> None:
    from dataclasses import asdict

    from kinetics_builder.ava.vocabulary import chosen_vocabulary
    from kinetics_builder.database.engine import writing
    from pipelines.verifying.gold_people import add_gold_people
    from pipelines.verifying.people import mix_people_gold_in

    config = workspace.config
    actions = chosen_vocabulary(workspace.root, config.actions.vocabulary)
    with writing(workspace.engine) as session:
        report = add_gold_people(session, boxes, kind, actions, config.verify)
        num_mixed_in = mix_people_gold_in(session, config.assign, kind)
    others = "boxes that show nobody" if kind == "actions" else "actions that are not done"
    lines = [
        f"{counted(report.num_new, 'new gold question')}, {report.num_other} of them {others}; "
        f"{report.num_known_before} were known before.",
    ]
    lines.append(_placed(num_mixed_in))
    if report.num_unmet:
        persons = counted(report.num_unmet, "person of the file has", "persons of the file have")
        lines.append(f"{persons} no box here.")
    emit({**asdict(report), "num_mixed_in": num_mixed_in}, as_json=as_json, lines=lines)


def _placed(num: int) -> str:
    return f"{num} of their places are new, in tasks that are not finished."


def _gold_of_boxes(workspace: "Workspace", boxes: "BoxesFile", *, as_json: bool) -> None:
    from dataclasses import asdict

    from kinetics_builder.database.engine import writing
    from pipelines.verifying.assign_frames import mix_frames_gold_in
    from pipelines.verifying.gold_frames import add_gold_frames

    with writing(workspace.engine) as session:
        report = add_gold_frames(session, boxes)
        num_mixed_in = mix_frames_gold_in(session, workspace.config.assign)
    lines = [
        f"{counted(report.num_new, 'new gold key frame')} with "
        f"{counted(report.num_boxes, 'box', 'boxes')}; "
        f"{report.num_known_before} were known before.",
        _placed(num_mixed_in),
    ]
    if report.num_asked:
        lines.append(
            f"{counted(report.num_asked, 'key frame')} of the file left out: asked about already."
        )
    emit({**asdict(report), "num_mixed_in": num_mixed_in}, as_json=as_json, lines=lines)


def _gold_of_links(workspace: "Workspace", boxes: "BoxesFile", *, as_json: bool) -> None:
    from dataclasses import asdict

    from kinetics_builder.database.engine import writing
    from pipelines.verifying.assign_links import mix_links_gold_in
    from pipelines.verifying.gold_links import add_gold_links

    with writing(workspace.engine) as session:
        report = add_gold_links(session, boxes, workspace.config)
        num_mixed_in = mix_links_gold_in(session, workspace.config.assign)
    lines = [
        f"{counted(report.num_new, 'new gold stretch', 'new gold stretches')} with "
        f"{counted(report.num_boxes, 'box', 'boxes')}, {report.num_wrong} of them shown with an "
        f"error; {report.num_known_before} were known before.",
        _placed(num_mixed_in),
    ]
    if report.num_unmet:
        boxes_told = counted(report.num_unmet, "box of the file meets", "boxes of the file meet")
        lines.append(f"{boxes_told} no box here.")
    if report.num_asked:
        lines.append(
            f"{counted(report.num_asked, 'key frame')} of the file left out: asked about already."
        )
    emit({**asdict(report), "num_mixed_in": num_mixed_in}, as_json=as_json, lines=lines)


def _gold_of_segments(folder: Path, file: Path | None, *, as_json: bool) -> None:
    from dataclasses import asdict

    from kinetics_builder.database.engine import writing
    from pipelines.verifying.assign_segments import mix_segments_gold_in
    from pipelines.verifying.gold_segments import add_gold_segments

    if file is None or file.is_dir():
        raise click.UsageError("Gold of segments comes from a CSV FILE of stretches.")
    workspace = open_workspace(folder)
    with writing(workspace.engine) as session:
        report = add_gold_segments(session, file)
        num_mixed_in = mix_segments_gold_in(session, workspace.config.assign)
    lines = [
        f"{counted(report.num_new, 'new gold video')} with "
        f"{counted(report.num_stretches, 'stretch', 'stretches')}; "
        f"{report.num_known_before} were known before.",
        _placed(num_mixed_in),
    ]
    if report.num_asked:
        lines.append(
            f"{counted(report.num_asked, 'video')} of the file left out: asked about already."
        )
    emit({**asdict(report), "num_mixed_in": num_mixed_in}, as_json=as_json, lines=lines)


def _gold_of_clips(folder: Path, file: Path | None, *, from_votes: bool, as_json: bool) -> None:
    from dataclasses import asdict

    from kinetics_builder.crowd.gold_cover import read_gold_cover
    from kinetics_builder.database.engine import writing
    from pipelines.verifying.gold import add_gold
    from pipelines.verifying.gold_slots import mix_gold_in
    from pipelines.verifying.gold_votes import add_gold_from_votes

    if (file is None) is not from_votes:
        raise click.UsageError("Give a FILE or --from-votes, one of the two.")
    if file is not None and file.is_dir():
        raise click.UsageError(f"{file} is a folder: gold of clips comes from a CSV file.")
    workspace = open_workspace(folder)
    with writing(workspace.engine) as session:
        if file is None:
            report = add_gold_from_votes(session, workspace.config.verify)
        else:
            report = add_gold(session, file)
        num_mixed_in = mix_gold_in(session, workspace.config)
        cover = read_gold_cover(session, workspace.config.assign)
    line = (
        f"{report.num_new} new gold questions; {report.num_yes + report.num_other} in all, "
        f"{report.num_yes} of them with the answer yes."
    )
    lines = [line, _placed(num_mixed_in)]
    found = {**asdict(report), "num_mixed_in": num_mixed_in, "warning": cover.warning}
    emit(found, as_json=as_json, lines=[*lines, *([cover.warning] if cover.warning else [])])


@click.command()
@json_option
@click.pass_obj
def aggregate(folder: Path, *, as_json: bool) -> None:
    """Decide every clip from its votes: accepted by 3 yes of at most 5.

    With verify.policy = "posterior", by all votes, gold and scores together, so that
    verify.purity holds.
    """
    from dataclasses import asdict

    from kinetics_builder.crowd.undecidable import crowd_warnings
    from kinetics_builder.database.engine import writing
    from pipelines.inspecting.marked import count_marked
    from pipelines.inspecting.steps import next_after_cutting, read_steps
    from pipelines.verifying.aggregate import aggregate as run

    workspace = open_workspace(folder)
    with writing(workspace.engine) as session:
        report = run(session, workspace.config.verify)
        warnings = crowd_warnings(session, workspace.config)
        steps = read_steps(session, workspace)
        marked = count_marked(session, workspace)
        after_all = marked.next if marked is not None else None
        following = next_after_cutting(session, steps, workspace.config, after_all=after_all)
    lines = [
        f"{counted(report.num_votes, 'vote')}: {counted(report.num_accepted, 'clip')} accepted, "
        f"{report.num_rejected} rejected, {report.num_open} open.",
        f"{counted(report.num_gold_votes, 'gold answer')}: {report.num_warned} of "
        f"{counted(report.num_workers, 'worker')} are set aside, and {report.num_set_aside} of "
        "the votes with them.",
        *_claims(report, workspace.config.verify),
        *([f"By the audit {report.audited}"] if report.audited else []),
        *_of_people(report),
        *_of_paths(report),
        *warnings,
        f"Next: {following}",
    ]
    emit({**asdict(report), "next": following}, as_json=as_json, lines=lines)


def _claims(report: "AggregateReport", config: "VerifyConfig") -> list[str]:
    """Return what the posterior policy expects of its clips."""
    if config.policy != "posterior" or report.out_of_reach:
        return []  # which is a warning
    if report.claimed_purity is None or report.claimed_recall is None:
        return [f"No set of clips is sure enough yet for a purity of {config.purity:.1%}."]
    return [
        f"Of the accepted clips {report.claimed_purity:.1%}{_doubt(report.purity_doubt)} are "
        "expected to be right, of all right "
        f"ones {report.claimed_recall:.1%} to be among them "
        f"(wanted: {config.purity:.1%}, {config.recall:.1%})."
    ]


def _doubt(doubt: float) -> str:
    """Return what isn't known of a purity, as clips may mislead; nothing if it would not show."""
    return f" (give or take {100 * doubt:.1f} points)" if doubt >= 0.0005 else ""


def _of_paths(report: "AggregateReport") -> list[str]:
    if not report.num_walked:
        return []
    num_none = report.num_walked - report.num_at_class - report.num_at_group
    return [
        f"Of {counted(report.num_walked, 'clip')} by trees of questions {report.num_at_class} "
        f"came to a class, {num_none} to none; {report.num_at_group} stand at a question that "
        "people do not agree about.",
    ]


def _of_people(report: "AggregateReport") -> list[str]:
    lines = []
    if report.num_stretches:
        lines.append(
            f"Whose the boxes are is decided of "
            f"{counted(report.num_stretches, 'stretch', 'stretches')} of films; "
            "`kbuild ava link` makes it hold."
        )
    if not report.num_boxes_proposed and not report.num_boxes_rejected:
        return lines
    return [
        *lines,
        f"{counted(report.num_boxes_proposed, 'person has', 'persons have')} "
        f"{counted(report.num_candidates, 'proposed action')}, "
        f"{counted(report.num_boxes_rejected, 'box shows', 'boxes show')} nobody who can be "
        "judged; "
        f"{counted(report.num_actions_accepted, 'action')} accepted, "
        f"{report.num_actions_rejected} rejected.",
    ]


_GOLD: "Mapping[str, tuple[Callable[..., None], str | None]]" = {
    "clip": (_gold_of_clips, None),
    "boxes": (_gold_of_boxes, "boxes"),
    "links": (_gold_of_links, "boxes with persons"),
    "actions": (partial(_gold_of_people, kind="actions"), "boxes with actions"),
    "verification": (partial(_gold_of_people, kind="verification"), "boxes with actions"),
}
"""By kind: how its gold is added, and what a file of it holds."""
commands: list[click.Command] = [assign, gold, aggregate]
