"""The form ExternalQuestion: the platform shows the page in a frame, and takes a form at the end.

As Mechanical Turk's reference has it: the platform adds `assignmentId`, `hitId`, `workerId` and
`turkSubmitTo` to an https address and shows it in a frame; who only looks comes with
`ASSIGNMENT_ID_NOT_AVAILABLE` and without `workerId`; the finished form is posted to
`turkSubmitTo` + `/mturk/externalSubmit` with `assignmentId` and at least one field more; ids have
up to 255 bytes. Recalled: a batch's results are reviewed by a CSV whose columns `Approve` and
`Reject` hold an x and a reason. Mechanical Turk itself has closed; others speak the form.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from kinetics_builder.crowd.panels.arrival import (
    Arrival,
    BadArrival,
    Parameters,
    Refusal,
    value_of,
)
from kinetics_builder.crowd.panels.paying import Payment, rows_of
from kinetics_builder.crowd.panels.platform import Platform, WayBack
from kinetics_builder.crowd.panels.settings import EXTERNAL, PanelConfig, is_safe
from kinetics_builder.database.tables.values import Decided, Outcome

NOT_TAKEN = "ASSIGNMENT_ID_NOT_AVAILABLE"
SUBMIT_PATH = "/mturk/externalSubmit"


class External(Platform):
    """A platform that speaks the form ExternalQuestion."""

    name = EXTERNAL
    title = "the platform"
    participant, study, session = "workerId", "hitId", "assignmentId"
    id_shape = re.compile(r"[0-9A-Za-z_.:-]{1,255}")
    what_to_return = "task"

    def read(self, parameters: Parameters, panel: PanelConfig) -> Arrival:
        """Return what the parameters say; a preview has no participant, and need not say more."""
        if value_of(parameters, self.session) == NOT_TAKEN:
            return Arrival("", "", NOT_TAKEN, is_preview=True)
        submit_to = submit_address(value_of(parameters, "turkSubmitTo"), panel)
        return replace(super().read(parameters, panel), submit_to=submit_to)

    def address(self, page: str, panel: PanelConfig) -> str:
        """Return what ExternalURL is: the platform adds the parameters itself."""
        return f"{page}/panel/{panel.name}"

    def way_back(self, panel: PanelConfig, outcome: Outcome, arrival: Arrival) -> WayBack:
        """Return the form that the platform waits for; none where the task is to be returned."""
        back = super().way_back(panel, outcome, arrival)
        if outcome is not Outcome.COMPLETE and not back.code:
            return back
        fields = {"assignmentId": arrival.session, "outcome": outcome.value}
        return WayBack(back.code, arrival.submit_to, fields)

    def forms(self, payments: Sequence[Payment]) -> dict[str, str]:
        """Return the review as a table, and the bonuses."""
        review = [
            [
                one.session,
                one.participant,
                "x" if one.decided is Decided.APPROVE else "",
                one.reason if one.decided is Decided.REJECT else "",
            ]
            for one in payments
            if one.decided is not Decided.SCREENED_OUT
        ]
        bonuses = [
            [one.participant, one.session, str(one.bonus), one.reason or "Thank you."]
            for one in payments
            if one.bonus
        ]
        return {
            "review.csv": rows_of(["AssignmentId", "WorkerId", "Approve", "Reject"], review),
            "bonus.csv": rows_of(["WorkerId", "AssignmentId", "BonusAmount", "Reason"], bonuses),
        }


def submit_address(told: str, panel: PanelConfig) -> str:
    """Return where the finished form goes, of a host that the panel's settings name.

    Raises:
        BadArrival: `told` is no address of such a host.

    """
    if not is_safe(told) or urlsplit(told).netloc not in panel.submit_hosts:
        raise BadArrival(Refusal.SUBMIT_TO, "turkSubmitTo")
    parts = urlsplit(told)
    return f"{parts.scheme}://{parts.netloc}{SUBMIT_PATH}"
