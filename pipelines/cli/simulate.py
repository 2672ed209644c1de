"""The command `crowd simulate`."""

from pathlib import Path
from typing import Any

import click

from pipelines.cli.common import emit, json_option
from pipelines.cli.numbers import ANY, SEED, Number


@click.command()
@click.option(
    "--policy",
    type=click.Choice(["posterior", "three_of_five"]),
    default="posterior",
    show_default=True,
    help="Who decides what is asked, and what the answers mean.",
)
@click.option(
    "--clips",
    "num_clips",
    type=click.IntRange(min=0),
    default=2000,
    show_default=True,
    help="How many there are.",
)
@click.option(
    "--workers",
    "num_workers",
    type=click.IntRange(min=0),
    default=60,
    show_default=True,
    help="How many people.",
)
@click.option(
    "--shares",
    type=ANY,
    nargs=3,
    metavar="CAREFUL CARELESS RANDOM",
    default=(0.70, 0.25, 0.05),
    show_default=True,
    help="Of the workers; they sum to 1.",
)
@click.option(
    "--right",
    type=ANY,
    nargs=2,
    metavar="CAREFUL CARELESS",
    default=(0.93, 0.80),
    show_default=True,
    help="Share of right answers about middling clips that they look at.",
)
@click.option(
    "--misleading",
    type=ANY,
    default=0.0,
    show_default=True,
    help="Share of the clips that look like what they are not.",
)
@click.option(
    "--purity", type=ANY, default=0.98, show_default=True, help="Wanted of accepted clips."
)
@click.option("--recall", type=ANY, default=0.95, show_default=True, help="Wanted of right clips.")
@click.option(
    "--price",
    type=Number(min=0),
    default=0.01,
    show_default=True,
    help="Of an answer, in any currency.",
)
@click.option(
    "--audit",
    "num_audited",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Let the owner say of N accepted clips what they are, and go on.",
)
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Draw how answers are spent, as a PNG.",
)
@click.option("--seed", type=SEED, default=0, show_default=True)
@json_option
@click.pass_obj
def simulate(_folder: Path, /, *, policy: str, as_json: bool, **told: Any) -> None:
    """Play a policy against a crowd that is made up: purity, recall, answers a clip, cost.

    Careful workers look at every clip; careless ones at seven of ten, and say yes to seven of ten
    others; random ones at none. Everybody is there all the time: who may be asked what is up to
    the policy. Nothing of a workspace is read or written.
    """
    from kinetics_builder.crowd.policies.targets import Targets
    from pipelines.verifying.simulate import Beside, plan_of, simulate_lines
    from pipelines.verifying.simulate import simulate as play

    targets = Targets(purity=told.pop("purity"), recall=told.pop("recall"))
    beside = Beside(**{name: told.pop(name) for name in ("price", "num_audited", "picture")})
    plan = plan_of(**told)
    report = play(policy, plan, targets, beside)
    emit(report, as_json=as_json, lines=simulate_lines(report, plan, targets))
