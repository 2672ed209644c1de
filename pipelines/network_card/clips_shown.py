"""The clips on a network's card: contact sheets, small films, and films of evidence."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.errors import ItemFailed, ModelError
from kinetics_builder.formats.manifest import ManifestRow
from pipelines.inspecting.contact_sheets import Moment, sheets_of
from pipelines.network_card.run_files import Said

if TYPE_CHECKING:
    from models.checkpoints.store import TrainedNetwork
    from models.clips.opening import CachePolicy
    from models.clips.release import Release
    from models.clips.sources import FrameSource

MOST_WORST, MOST_OF_PAIR, MOST_EVIDENCE = 8, 4, 3
_RATE = 8.0
"""Pictures a second of a clip that is shown."""
_MOST_SECONDS = 10.0
_SHORT_SIDE = 144


@dataclass(frozen=True, slots=True)
class ShownClip:
    """A clip with what was said of it."""

    row: ManifestRow
    said: Said
    film: str
    """A `data:` address; empty where the file could not be read."""

    @property
    def is_right(self) -> bool:
        """Tell whether it was called by its own name."""
        return self.said.predicted == self.row.label


@dataclass(frozen=True)
class Shown:
    """What a network was asked about, with the clips themselves."""

    release: "Release"
    said: Mapping[str, Said]
    split: str
    policy: "CachePolicy"
    """Where its clips, and their flow, lie."""

    def rows(self) -> Iterator[tuple[ManifestRow, Said]]:
        """Yield the clips of which something was said."""
        for row in self.release.split(self.split):
            if row.file in self.said:
                yield row, self.said[row.file]

    def worst(self) -> list[tuple[ManifestRow, Said]]:
        """Return the clips that were called something else most surely."""
        wrong = [(row, said) for row, said in self.rows() if said.predicted != row.label]
        return sorted(wrong, key=lambda one: (-one[1].probability, one[0].file))[:MOST_WORST]

    def surest(self) -> list[tuple[ManifestRow, Said]]:
        """Return the clips that were called by their name most surely, one a class."""
        best: dict[str, tuple[float, ManifestRow, Said]] = {}
        for row, said in self.rows():
            if said.predicted == row.label:
                one = (-said.probability, row, said)
                best[row.label] = min(one, best.get(row.label, one), key=lambda o: (o[0], o[1]))
        return [(row, said) for _, row, said in sorted(best.values(), key=lambda o: (o[0], o[1]))]

    def sheets(self, pairs: Sequence[tuple[str, str]]) -> list[str]:
        """Return a contact sheet of the clips of each pair of classes, true and predicted."""
        groups = [self._of_pair(*pair) for pair in pairs]
        return sheets_of(
            [[Moment(self._path(row), row.duration_seconds / 2) for row in some] for some in groups]
        )

    def _path(self, row: ManifestRow) -> Path:
        """Return where a clip lies on this machine, or would."""
        try:
            return self.release.path(row)
        except ItemFailed:
            return self.release.folder / row.file

    def _of_pair(self, label: str, predicted: str) -> list[ManifestRow]:
        found = [
            (-said.probability, row)
            for row, said in self.rows()
            if row.label == label and said.predicted == predicted
        ]
        return [row for _, row in sorted(found)][:MOST_OF_PAIR]

    def film(self, row: ManifestRow, said: Said) -> ShownClip:
        """Return a clip as a small film."""
        import numpy as np

        from kinetics_builder.video.cutting.drawn_film import drawn_film
        from models.clips.sources import DecodedFrames

        seconds = min(row.duration_seconds, _MOST_SECONDS)
        times = np.arange(max(1, int(seconds * _RATE))) / _RATE
        try:
            pictures = DecodedFrames(self.release, _SHORT_SIDE).frames(row, times)
        except ItemFailed:
            return ShownClip(row, said, "")
        return ShownClip(row, said, film_address(drawn_film(pictures, _RATE)))

    def evidence(self, trained: "TrainedNetwork") -> list[ShownClip]:
        """Return films of where and when a network sees classes: of surest, and of worst clips.

        Of a clip that was called something else, the evidence for both; none where a network
        does not tell where it looks, or eats flow that is not where it is looked for.
        """
        from models.clips.opening import open_files

        spec = trained.card.spec
        if spec.is_detector:
            return []
        try:
            source = open_files(self.release, spec.sampling, self.policy)
        except ModelError:
            return []
        chosen = self.surest()[:MOST_EVIDENCE] + self.worst()[:MOST_EVIDENCE]
        shown = (self._evidence(trained, source, row, said) for row, said in chosen)
        return [one for one in shown if one is not None]

    def _evidence(
        self, trained: "TrainedNetwork", source: "FrameSource", row: ManifestRow, said: Said
    ) -> ShownClip | None:
        from kinetics_builder.video.cutting.drawn_film import drawn_film
        from models.clips.release import BrokenClip
        from models.evaluation.views import ClipViews
        from models.explaining.evidence import find_evidence
        from models.explaining.evidence_film import draw_evidence

        spec = trained.card.spec
        one_view = replace(spec, views=replace(spec.views, num_clips=1, num_crops=1))
        seen = ClipViews(rows=[row], spec=one_view, source=source)[0]
        if isinstance(seen, BrokenClip):
            return None
        labels = trained.card.labels
        wanted = dict.fromkeys((said.predicted, row.label))
        if not wanted.keys() <= {*labels}:  # predictions of another network
            return None
        numbers = [labels.index(label) for label in wanted]
        found = find_evidence(trained.network, seen[0], spec.normalisation, numbers)
        if not found:
            return None
        rate = 1 / spec.sampling.step_seconds if spec.sampling.step_seconds else 2.0
        film = drawn_film(draw_evidence(seen[0], found), min(max(rate, 2.0), 15.0))
        return ShownClip(row, said, film_address(film))


def film_address(mp4: bytes) -> str:
    """Return a `data:` address of an MP4."""
    return "data:video/mp4;base64," + base64.b64encode(mp4).decode()
