"""Edits of classes for the owner's page: what one would do, and recording it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.curation.edits_file import EditLine, taken_in
from kinetics_builder.errors import FormatError
from pipelines.publishing.curating.edits import check_line, record_line
from pipelines.publishing.curating.plan import plan_edits

if TYPE_CHECKING:
    from annotation_ui.edit_effects import Effect, SaidEdit


@dataclass(frozen=True, slots=True)
class ClassEdits:
    """Plans and records edits as the settings of a workspace have it."""

    config: Config

    def plan(self, session: Session, said: "SaidEdit") -> "Effect":
        """Return what an edit would do, as `kbuild curate plan` does; nothing is written."""
        from annotation_ui.edit_effects import ClassThen, Effect

        line = _checked(session, said)
        found = plan_edits(session, self.config, [line])
        changed = [one for one in found.classes if one.has_changed]
        return Effect(
            edit=str(line.edit),
            classes=[
                ClassThen(
                    one.label,
                    sum(one.before.values()),
                    sum(one.after.values()),
                    one.num_to_ask,
                    one.quota,
                )
                for one in changed
            ],
            num_same=len(found.classes) - len(changed),
            num_before=found.num_before,
            num_after=found.num_after,
            num_to_ask=found.num_to_ask,
        )

    def record(self, session: Session, said: "SaidEdit") -> None:
        """Record an edit."""
        record_line(session, _checked(session, said))


def _checked(session: Session, said: "SaidEdit") -> EditLine:
    try:
        line = EditLine(0, taken_in(said.text), said.author, said.reason, said.evidence)
        check_line(session, line)
    except ValueError as error:
        raise FormatError(f"{error}.") from error
    return line
