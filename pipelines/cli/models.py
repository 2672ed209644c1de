"""Commands that describe networks: models."""

from typing import TYPE_CHECKING

import click

from pipelines.cli.common import emit, json_option

if TYPE_CHECKING:
    from models.counting import Count
    from models.layer_table import Layer


@click.command()
@click.argument("name", required=False)
@json_option
def models(name: str | None, as_json: bool) -> None:
    """Print the networks with their sizes, or the layers of the network NAME.

    NAME is one of the list, or a TOML file that describes a network. Parameters are counted
    at 400 classes (of detectors, `..._det`, at AVA's 80), multiply-adds on one view of the
    stated input (channels x frames x height x width); the paper's numbers stand beside ours.
    """
    if name is None:
        _print_networks(as_json)
    else:
        _print_layers(name, as_json)


def _print_networks(as_json: bool) -> None:
    from models.counting import count
    from models.zoo import SPECS

    counts = [count(spec) for spec in SPECS.values()]
    rows = [
        {
            "name": found.name,
            "parameters": found.parameters,
            "multiply_adds": found.multiply_adds,
            "input_shape": found.input_shape,
            "paper_parameters": found.published.parameters,
            "paper_multiply_adds": found.published.multiply_adds,
            "source": found.published.source or SPECS[found.name].source,
        }
        for found in counts
    ]
    emit(rows, as_json=as_json, lines=_network_lines(counts))


def _print_layers(name: str, as_json: bool) -> None:
    from dataclasses import asdict

    from models.description import find_spec
    from models.layer_table import layers

    spec = find_spec(name)
    rows = layers(spec)
    report = {"name": spec.name, "layers": [asdict(row) for row in rows]}
    emit(report, as_json=as_json, lines=[f"{spec.name}: {spec.source}", "", *_layer_lines(rows)])


def _network_lines(counts: list["Count"]) -> list[str]:
    """Return the table, and below it why some numbers differ from the paper's."""
    width = max(len(found.name) for found in counts)
    lines = [
        f"{'network':<{width}}{'parameters':>13}{'paper':>12}{'differs':>9}"
        f"{'G mult-adds':>13}{'paper':>9}{'differs':>9}  input"
    ]
    for found in counts:
        paper = found.published
        giga = None if paper.multiply_adds is None else f"{paper.multiply_adds / 1e9:.2f}"
        parameters = None if paper.parameters is None else f"{paper.parameters:,}"
        lines.append(
            f"{found.name:<{width}}{found.parameters:>13,}{parameters or '-':>12}"
            f"{_percent(found.parameters_difference):>9}{found.multiply_adds / 1e9:>13.2f}"
            f"{giga or '-':>9}{_percent(found.multiply_adds_difference):>9}"
            f"  {_shape(found.input_shape)}"
        )
    notes: dict[str, list[str]] = {}
    for found in counts:
        notes.setdefault(found.published.note, []).append(found.name)
    explained = [f"{', '.join(names)}: {note}" for note, names in notes.items() if note]
    return [*lines, *([""] if explained else []), *explained]


def _layer_lines(rows: list["Layer"]) -> list[str]:
    name_width = max(len(row.name) for row in rows) + 2
    lines = [f"{'layer':<{name_width}}{'output':<20}{'parameters':>12}{'M mult-adds':>13}  kernels"]
    for row in rows:
        shape, *others = map(_shape, row.output_shapes)
        lines.append(
            f"{row.name:<{name_width}}{shape:<20}{row.parameters:>12,}"
            f"{row.multiply_adds / 1e6:>13,.1f}  {row.kernels}"
        )
        lines += [f"{'':<{name_width}}{other}" for other in others]
    total = sum(row.parameters for row in rows), sum(row.multiply_adds for row in rows) / 1e6
    return [*lines, f"{'in all':<{name_width}}{'':<20}{total[0]:>12,}{total[1]:>13,.1f}"]


def _percent(difference: float | None) -> str:
    if difference is None:
        return "-"
    return "0" if difference == 0 else f"{difference:+.2%}"


def _shape(sizes: tuple[int, ...]) -> str:
    return "x".join(map(str, sizes))


commands = [models]
