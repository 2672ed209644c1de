"""Prolific: participants come by a link, and go back with a completion code.

As Prolific documents it: the address holds `{{%PROLIFIC_PID%}}`, `{{%STUDY_ID%}}` and
`{{%SESSION_ID%}}`, filled in for each participant, and the last is the submission's id;
`https://app.prolific.com/submissions/complete?cc=CODE` takes the code; submissions are approved
in bulk by a list of their ids; bonuses are lines `participant_id,amount` of one study, decimal,
in its currency, without a header. Recalled, not documented where we looked: ids are 24
hexadecimal digits (all examples are), and a rejection wants a category and a message of 100
characters.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from kinetics_builder.crowd.panels.paying import Payment, lines_of, rows_of
from kinetics_builder.crowd.panels.platform import Platform
from kinetics_builder.crowd.panels.settings import PROLIFIC, PanelConfig
from kinetics_builder.database.tables.values import Decided

_PARAMETERS = ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID")


class Prolific(Platform):
    """Prolific."""

    name = PROLIFIC
    title = "Prolific"
    participant, study, session = _PARAMETERS
    id_shape = re.compile(r"[0-9a-f]{24}")
    what_to_return = "submission"

    def address(self, page: str, panel: PanelConfig) -> str:
        """Return the study's address, with Prolific's placeholders."""
        filled = "&".join(f"{name}={{{{%{name}%}}}}" for name in _PARAMETERS)
        return f"{page}/panel/{panel.name}?{filled}"

    def url_for_code(self, code: str) -> str:
        """Return where Prolific takes a completion code."""
        return f"https://app.prolific.com/submissions/complete?cc={code}"

    def forms(self, payments: Sequence[Payment]) -> dict[str, str]:
        """Return approvals as submission ids, rejections as a table, bonuses a file a study.

        Of a participant with several submissions of a study the bonuses are one sum.
        """
        approved = [one.session for one in payments if one.decided is Decided.APPROVE]
        rejected = [
            [one.session, one.participant, one.reason]
            for one in payments
            if one.decided is Decided.REJECT
        ]
        files = {
            "approve.txt": lines_of(approved),
            "reject.csv": rows_of(["submission_id", "participant_id", "message"], rejected),
        }
        sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for one in payments:
            if one.bonus:
                sums[one.study][one.participant] += one.bonus
        for study, amounts in sorted(sums.items()):
            lines = [f"{participant},{amount}" for participant, amount in sorted(amounts.items())]
            files[f"bonus-{study}.csv"] = lines_of(lines)
        return files
