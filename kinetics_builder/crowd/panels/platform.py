"""What a platform is: the parameters it sends, the address it is given, how people go back."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kinetics_builder.crowd.panels.arrival import (
    Arrival,
    BadArrival,
    Parameters,
    Refusal,
    value_of,
)
from kinetics_builder.crowd.panels.settings import PanelConfig
from kinetics_builder.database.tables.values import Outcome

if TYPE_CHECKING:
    from kinetics_builder.crowd.panels.paying import Payment


@dataclass(frozen=True, slots=True)
class WayBack:
    """How somebody goes back to the platform."""

    code: str = ""
    """What is typed there; empty where there is none."""
    url: str = ""
    """Where a link leads, or the form is posted."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """What the form holds; a link where it is empty."""


class Platform(ABC):
    """One platform. There is one object of each."""

    name: str
    title: str
    """What people call it."""
    participant: str
    """The parameter that holds the participant's id; likewise the next two."""
    study: str
    session: str
    id_shape: re.Pattern[str]
    what_to_return: str
    """What a person gives back there who does not want to go on."""

    def read(self, parameters: Parameters, panel: PanelConfig) -> Arrival:
        """Return what the parameters of an address say.

        Raises:
            BadArrival: One is missing or malformed, or names a study that is not the panel's.

        """
        arrival = Arrival(
            participant=self.id_in(parameters, self.participant),
            study=self.id_in(parameters, self.study),
            session=self.id_in(parameters, self.session),
        )
        check_study(arrival, panel)
        return arrival

    def id_in(self, parameters: Parameters, name: str) -> str:
        """Return the id that a parameter holds; BadArrival if it holds none."""
        value = value_of(parameters, name)
        if not self.id_shape.fullmatch(value):
            raise BadArrival(Refusal.MALFORMED, name)
        return value

    @abstractmethod
    def address(self, page: str, panel: PanelConfig) -> str:
        """Return what is pasted into the platform; `page` is the page's own address."""

    def way_back(self, panel: PanelConfig, outcome: Outcome, arrival: Arrival) -> WayBack:
        """Return how somebody goes back whose session has ended so; no code where it has none."""
        code, url = {
            Outcome.COMPLETE: (panel.completion_code, panel.completion_url),
            Outcome.SCREENED_OUT: (panel.screen_out_code, panel.screen_out_url),
            Outcome.NO_WORK: (panel.no_work_code, ""),
        }.get(outcome, ("", ""))
        return WayBack(code, url or (self.url_for_code(code) if code else ""))

    def url_for_code(self, code: str) -> str:
        """Return where the platform takes a code by a link; empty where it does not."""
        return ""

    @abstractmethod
    def forms(self, payments: Sequence["Payment"]) -> dict[str, str]:
        """Return the files that the platform takes: what follows the name -> text."""


def check_study(arrival: Arrival, panel: PanelConfig) -> None:
    """Raise BadArrival if the panel's settings name its studies, and not this one."""
    if panel.studies and arrival.study not in panel.studies:
        raise BadArrival(Refusal.UNKNOWN_STUDY)
