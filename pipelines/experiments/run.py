"""Running an experiment: cells to a table, directions and a page."""

from dataclasses import replace

from pipelines.experiments.checking import check_cells
from pipelines.experiments.directions import directions_of
from pipelines.experiments.experiment import Experiment, Found
from pipelines.experiments.page import write_files
from pipelines.experiments.place import Place
from pipelines.experiments.results import read_table
from pipelines.experiments.rows import Standing
from pipelines.experiments.running import Manner, run_cells


def run_experiment(experiment: Experiment, place: Place, manner: Manner) -> Found:
    """Run what is missing of an experiment, and write its table and its page.

    Raises:
        ModelError: The same experiment is running elsewhere; a release has no clips to learn from
            or to be measured on, or not the labels of a pair.
        FormatError: The file of its cells is damaged.
        WorkspaceError: There can be no such page.

    """
    check_cells(experiment.cells)
    points = experiment.num_curve_points
    ended = run_cells(experiment.cells, place, replace(manner, num_curve_points=points))
    table = read_table(experiment.cells, experiment.sums, ended, place)
    found = Found(
        experiment=experiment,
        place=place,
        table=table,
        directions=tuple(directions_of(experiment.claims, table)),
        failed=tuple(sorted(row for row in ended.values() if row.standing is Standing.FAILED)),
        seconds=sum(row.seconds for row in ended.values()),
    )
    write_files(found)
    return found
