"""Commands that compare: measure, with one kind below it for each challenge."""

import click

from pipelines.cli.measures import activitynet, agreement, ava, charades, groups, kinetics, mean


@click.group()
def measure() -> None:
    """Measure predictions as a challenge's own server would, or how far people agree.

    Each KIND has its own rules, taken from the official code: `kbuild measure ava --help`.
    """


for _module in (kinetics, ava, activitynet, charades, mean, agreement, groups):
    for _command in _module.commands:
        measure.add_command(_command)

commands: list[click.Command] = [measure]
