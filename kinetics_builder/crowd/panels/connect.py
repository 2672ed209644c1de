"""CloudResearch Connect: participants come by a link, and go back by a redirect or with a code.

As Connect documents it: a project ends by a redirect URL that its wizard gives, or by a code
that the last page shows; people who are sent away early go by a redirect of their own (partial
completes); approvals, rejections and bonuses can be uploaded as CSV. Recalled, not documented
where we looked: Connect adds `participantId`, `assignmentId` and `projectId` to the address by
itself; the columns of the uploads are `ParticipantId` with `Message` or `Amount`.
"""

import re
from collections.abc import Sequence

from kinetics_builder.crowd.panels.paying import Payment, rows_of
from kinetics_builder.crowd.panels.platform import Platform
from kinetics_builder.crowd.panels.settings import CONNECT, PanelConfig
from kinetics_builder.database.tables.values import Decided


class Connect(Platform):
    """CloudResearch Connect."""

    name = CONNECT
    title = "Connect"
    participant, study, session = "participantId", "projectId", "assignmentId"
    id_shape = re.compile(r"[0-9A-Za-z-]{6,64}")
    what_to_return = "assignment"

    def address(self, page: str, panel: PanelConfig) -> str:
        """Return the project's address: Connect adds the parameters itself."""
        return f"{page}/panel/{panel.name}"

    def forms(self, payments: Sequence[Payment]) -> dict[str, str]:
        """Return approvals, rejections and bonuses, a table each."""

        def told(decided: Decided) -> list[list[str]]:
            found = (one for one in payments if one.decided is decided)
            return [[one.participant, one.reason] for one in found]

        bonuses = [[one.participant, str(one.bonus)] for one in payments if one.bonus]
        return {
            "approve.csv": rows_of(["ParticipantId", "Message"], told(Decided.APPROVE)),
            "reject.csv": rows_of(["ParticipantId", "Message"], told(Decided.REJECT)),
            "bonus.csv": rows_of(["ParticipantId", "Amount"], bonuses),
        }
