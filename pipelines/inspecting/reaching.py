"""Files that are shown, brought from where they are kept; why some could not be is told once."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from kinetics_builder.errors import ConfigError, ItemFailed, WorkspaceError
from kinetics_builder.storage.storage import Storage


@dataclass
class Reaching:
    """Files of a workspace, as far as they can be had."""

    storage: Storage
    _faults: Counter[str] = field(default_factory=Counter)
    """How many files could not be had, by why."""
    _closed: dict[str, str] = field(default_factory=dict)
    """Folders whose store gives nothing, and why: it is asked once."""

    def path(self, file: str) -> Path | None:
        """Return where a file lies on this machine, copied if need be; None where it cannot be had.

        Whether a file of the workspace is there is for its reader to see.
        """
        folder = file.partition("/")[0]
        if why := self._closed.get(folder):
            self._faults[why] += 1
            return None
        try:
            return self.storage.here(file)
        except (ConfigError, WorkspaceError) as error:
            self._closed[folder] = str(error)
            self._faults[str(error)] += 1
        except ItemFailed as failure:
            self._faults[failure.message] += 1
        return None

    def told(self, most: int = 5) -> list[str]:
        """Return a line for each of the commonest reasons why files could not be had."""
        lines = [
            f"{number:,} {'files' if number > 1 else 'file'} could not be shown: {why}"
            for why, number in self._faults.most_common(most)
        ]
        more = sum(self._faults.values()) - sum(n for _, n in self._faults.most_common(most))
        return [*lines, *([f"{more:,} others likewise"] if more else [])]
