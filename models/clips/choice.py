"""Which clips of a release are learnt from, and how often those of each folder. No torch."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from kinetics_builder.formats.manifest import ManifestRow
from models.clips.plan import Shares


@dataclass(frozen=True)
class Choice:
    """Which clips of a release's training split are learnt from, and how often."""

    files: frozenset[str] | None = None
    """Those alone; None for all."""
    ratios: tuple[tuple[str, float], ...] = ()
    """(folder, weight): as many samples come from the clips of a folder of the release as its
    weight says beside the others'; one that is not named weighs 1. Empty: every clip alike."""

    @property
    def sha256(self) -> str:
        """Return a hash that changes with the choice; empty where all is learnt from."""
        if self.files is None and not self.ratios:
            return ""
        told = [None if self.files is None else sorted(self.files), list(self.ratios)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def of(self, rows: Sequence[ManifestRow]) -> list[ManifestRow]:
        """Return the rows that are learnt from."""
        return [row for row in rows if self.files is None or row.file in self.files]

    def shares(self, rows: Sequence[ManifestRow]) -> Shares | None:
        """Return how often each of the chosen rows comes; None where all come alike."""
        if not self.ratios:
            return None
        folders = [PurePosixPath(row.file).parts[0] for row in rows]
        counts, weights = Counter(folders), dict(self.ratios)
        wanted = np.array([weights.get(one, 1.0) / counts[one] for one in folders])
        return Shares(wanted * (len(rows) / wanted.sum()))


ALL = Choice()
"""All clips, once a pass."""
