"""The commands of AVA, one small file each."""

import click

from pipelines.cli.ava import stages, watching
from pipelines.cli.ava.check import check
from pipelines.cli.ava.collect import collect
from pipelines.cli.ava.detect import detect
from pipelines.cli.ava.release import release
from pipelines.cli.ava.statistics import statistics


@click.group()
def ava() -> None:
    """Who does what, where and when: people, boxes and actions at key frames of films."""


_COMMANDS = (
    *(collect, *stages.before_detect, detect, stages.link),
    *(release, statistics, check, *watching.commands),
)
for _command in _COMMANDS:
    ava.add_command(_command)

commands: list[click.Command] = [ava]
