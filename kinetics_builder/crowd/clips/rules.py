"""By what clips are judged one by one until everything is looked at again: a row of `setting`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.policies.kept import Kept
from kinetics_builder.crowd.policies.posterior import Posterior
from kinetics_builder.crowd.policies.targets import Targets
from kinetics_builder.database.tables import Setting, Vote

_KEPT = "kept"
"""Of which setting the row is."""


class Bar(NamedTuple):
    """What clips must reach that are to meet the same targets together."""

    cut: float
    """Likelier clips, and those as likely, are accepted."""
    is_met: bool
    """Whether the targets are met: then nothing is asked any more."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a look at everything leaves."""

    kept: Kept
    bars: Mapping[str, Bar]
    """By the number of a label that has targets of its own; "" for all others."""
    through: int
    """The newest vote that was seen."""
    num_next: int
    """After so many votes more it is time to look again."""

    def bar_of(self, label_id: int) -> Bar:
        """Return what clips of a label must reach."""
        return self.bars.get(str(label_id), self.bars[""])


def policy_of(config: VerifyConfig) -> Posterior:
    """Return the policy that the settings ask for."""
    targets = Targets(purity=config.purity, recall=config.recall)
    misleading = config.misleading or None
    return Posterior(targets=targets, most_answers=config.max_votes, misleading=misleading)


def read_rules(session: Session) -> Rules | None:
    """Return what is kept; None before anything was looked at, or under another policy."""
    value = session.scalar(select(Setting.value).where(Setting.key == _KEPT))
    if value is None:
        return None
    found = json.loads(value)
    bars = {label: Bar(*bar) for label, bar in found["bars"].items()}
    return Rules(**{**found, "kept": Kept(**found["kept"]), "bars": bars})


def write_rules(session: Session, rules: Rules | None) -> None:
    """Keep these rules alone; none where nothing is to be kept."""
    if rules is not None:
        session.merge(Setting(key=_KEPT, value=json.dumps(asdict(rules))))
    elif (old := session.get(Setting, _KEPT)) is not None:
        session.delete(old)
    session.flush()


def is_look_due(session: Session) -> bool:
    """Tell whether so many votes came since everything was looked at that it is time again."""
    rules = read_rules(session)
    if rules is None:
        return True
    is_new = Vote.id > rules.through, Vote.occasion == 1
    num_new = session.scalar(select(func.count(Vote.id)).where(*is_new)) or 0
    return num_new >= rules.num_next
