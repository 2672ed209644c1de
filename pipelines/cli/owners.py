"""Commands: crowd log, crowd reviewer, crowd reviewers."""

from pathlib import Path

import click

from pipelines.cli.common import emit, json_option, open_workspace


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=50,
    show_default=True,
    help="List so many, the newest first.",
)
@json_option
@click.pass_obj
def log(folder: Path, limit: int, as_json: bool) -> None:
    """List what the owner and reviewers did: who, when, what, about whom, and why."""
    from kinetics_builder.crowd.acts import list_acts
    from kinetics_builder.database.engine import reading

    with reading(open_workspace(folder).engine) as session:
        facts = [
            {
                "at": act.acted_at.isoformat(),
                "by": act.acted_by,
                "act": act.act.value,
                "about": act.about,
                "why": act.why,
                "worker_id": act.worker_id,
                "clip": act.clip_id,
            }
            for act in list_acts(session, limit)
        ]
    lines = [
        f"{one['at']}  {one['by']} {one['act']}: {one['about']}"
        + (f" ({one['why']})" if one["why"] else "")
        for one in facts
    ]
    emit(facts, as_json=as_json, lines=lines or ["Nothing was done yet."])


@click.command()
@click.argument("name")
@click.option("--revoke", is_flag=True, help="Let the reviewer in no more.")
@json_option
@click.pass_obj
def reviewer(folder: Path, name: str, revoke: bool, as_json: bool) -> None:
    """Print a code for a reviewer, who may look at disputed clips and decide them.

    An older code of the same NAME ends. Reviewers see no money, and do nothing about people.
    """
    from kinetics_builder.crowd.reviewers import make_reviewer, revoke_reviewer
    from kinetics_builder.database.engine import writing

    with writing(open_workspace(folder).engine) as session:
        code = None if revoke else make_reviewer(session, name)
        if revoke:
            revoke_reviewer(session, name)
    line = code or f"{name} comes in no more. What was decided stays."
    emit({"name": name, "code": code}, as_json=as_json, lines=[line])


@click.command()
@json_option
@click.pass_obj
def reviewers(folder: Path, as_json: bool) -> None:
    """List the reviewers, and whether they can come in."""
    from kinetics_builder.crowd.reviewers import list_reviewers
    from kinetics_builder.database.engine import reading

    with reading(open_workspace(folder).engine) as session:
        facts = [
            {"name": one.name, "is_revoked": one.revoked_at is not None}
            for one in list_reviewers(session)
        ]
    lines = [f"{one['name']}{' (revoked)' if one['is_revoked'] else ''}" for one in facts]
    none = ["There is no reviewer: `kbuild crowd reviewer NAME` makes one."]
    emit(facts, as_json=as_json, lines=lines or none)
