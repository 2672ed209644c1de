"""Sessions of a paid panel that have ended -> what the panel is told, as files, once."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from kinetics_builder.config import Config
from kinetics_builder.crowd.panels.paying import (
    Payment,
    last_run,
    num_open,
    read_payments,
    settle,
    table_of,
)
from kinetics_builder.crowd.panels.registry import platform_of
from kinetics_builder.crowd.panels.settings import PanelConfig
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Decided
from kinetics_builder.errors import CrowdError
from kinetics_builder.formats.output import writing_text
from kinetics_builder.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PayReport:
    """What was written."""

    run: int
    """The last run that named anybody; 0 before the first."""
    num_new: int
    num_approved: int
    num_rejected: int
    num_screened_out: int
    num_open: int
    """Sessions that have not ended."""
    bonus: str
    """The sum, in the study's currency."""
    files: tuple[str, ...]
    """None where there was nobody to name."""


def pay(
    workspace: Workspace, name: str, out: Path, *, run: int | None = None, is_all: bool = False
) -> PayReport:
    """Name the sessions that have ended since the last run in `out` and the platform's forms.

    What is named is remembered first and written then: a run that is stopped between names
    nobody twice, and `run` writes it again. Equal rows give equal bytes.

    Args:
        workspace: Its settings hold the panel.
        name: The panel's, or its platform's where it has but one panel.
        out: A CSV of all that is known; forms stand beside it, their names begin like its own.
        run: Name what this run named, and nobody new.
        is_all: Name everybody again, and those who are new.

    Raises:
        CrowdError: There is no such panel or run, or a file is in the way.

    """
    panel = find_panel(workspace.config, name)
    with writing(workspace.engine) as session:
        num_new = 0 if run is not None else settle(session, panel, workspace.config.verify)
        last = last_run(session, panel)
        if run is not None and run > last:
            raise CrowdError(f"Panel {panel.name!r} has had {last} runs, so there is no run {run}.")
        payments: list[Payment] = []
        if num_new or is_all or run is not None:
            payments = read_payments(session, panel, None if is_all else run or last)
        files = _files(panel, payments, out)
        if run is None and not is_all:
            _refuse_to_overwrite(files)
        open_ones = num_open(session, panel)
    for path, text in files.items():
        with writing_text(path) as file:
            file.write(text)
        path.chmod(0o600)
    return _report(payments, last, num_new, open_ones, files)


def find_panel(config: Config, name: str) -> PanelConfig:
    """Return the panel of this name, or the only one of this platform.

    Raises:
        CrowdError: There is none, or several; the text lists those there are.

    """
    named = [panel for panel in config.panels if panel.name == name]
    found = named or [panel for panel in config.panels if panel.platform == name]
    if len(found) == 1:
        return found[0]
    known = ", ".join(panel.name for panel in config.panels) or "none"
    raise CrowdError(
        f"{'There is no panel' if not found else 'Several panels are of'} {name!r}. Known: "
        f"{known}. They stand in kbuild.toml, as [[panels]]."
    )


def _files(panel: PanelConfig, payments: list[Payment], out: Path) -> dict[Path, str]:
    if not payments:
        return {}
    forms = platform_of(panel).forms(payments)
    beside = {out.with_name(f"{out.stem}.{end}"): text for end, text in forms.items()}
    return {out: table_of(payments), **beside}


def _refuse_to_overwrite(files: Iterable[Path]) -> None:
    for path in files:
        if path.exists():
            raise CrowdError(
                f"{path} is there already, and may hold what an earlier run named. Name another "
                "--out FILE; nothing was written or remembered."
            )


def _report(
    payments: list[Payment], run: int, num_new: int, open_ones: int, files: Iterable[Path]
) -> PayReport:
    def count(decided: Decided) -> int:
        return sum(one.decided is decided for one in payments)

    return PayReport(
        run=run,
        num_new=num_new,
        num_approved=count(Decided.APPROVE),
        num_rejected=count(Decided.REJECT),
        num_screened_out=count(Decided.SCREENED_OUT),
        num_open=open_ones,
        bonus=str(sum((one.bonus for one in payments), Decimal("0.00"))),
        files=tuple(map(str, files)),
    )
