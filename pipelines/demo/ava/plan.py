"""What a demo of AVA is told, where its files lie, and how much it draws and trains."""

from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines.demo.ava.people.gold import Golds, NumGolds
from pipelines.demo.plan import claim_folder


@dataclass(frozen=True, slots=True)
class AvaPlan:
    """One world of films and its workspace."""

    folder: Path
    """The workspace; the world lies in `world/` inside it."""
    small: bool = False
    seed: int = 0

    @property
    def world(self) -> Path:
        """Return the folder of what the world is made of."""
        return self.folder / "world"

    @property
    def films(self) -> Path:
        """Return the folder of the films that the dataset is made of."""
        return self.world / "films"

    @property
    def lessons(self) -> Path:
        """Return the folder of the other films: those that the detector learns from."""
        return self.world / "lessons"

    @property
    def drawn(self) -> Path:
        """Return the file of the boxes that were drawn on the lessons."""
        return self.world / "drawn.csv"

    @property
    def truth(self) -> Path:
        """Return the file of the truth about the films."""
        return self.world / "truth.json"

    @property
    def rows(self) -> Path:
        """Return the same as AVA's rows."""
        return self.world / "truth.csv"

    @property
    def detector(self) -> Path:
        """Return the file of the detector of persons."""
        return self.folder / "detector.pt"

    @property
    def learnt(self) -> Path:
        """Return the file of what the detector was worth on the lessons kept back."""
        return self.world / "learnt.json"

    @property
    def machine(self) -> Path:
        """Return the file of how good the machine's boxes and links were before people looked."""
        return self.world / "machine.json"

    @property
    def golds(self) -> Golds:
        """Return the files of questions whose answer is known."""
        kinds = ("boxes", "links", "people")
        return Golds(*(self.folder / f"gold_{kind}.csv" for kind in kinds))

    @property
    def num_golds(self) -> NumGolds:
        """Return how much is known.

        No multiples of the crew's number: taking turns, each would see the same gold again.
        """
        return NumGolds(10, 3, 7) if self.small else NumGolds(26, 7, 19)

    @property
    def num_films(self) -> int:
        """Return how many films the dataset is made of."""
        return 4 if self.small else 20

    @property
    def num_lessons(self) -> int:
        """Return how many films the detector learns from."""
        return 5 if self.small else 12

    @property
    def num_steps(self) -> int:
        """Return how long the detector learns."""
        return 350 if self.small else 800

    @property
    def num_actor_steps(self) -> int:
        """Return how long the detector of actions learns; the small demo shows that it does."""
        return 30 if self.small else 700

    def claim(self) -> None:
        """Write the plan into its folder, or check that the folder holds this very plan.

        Raises:
            KbuildError: Another demo lives there.

        """
        mine = {key: value for key, value in asdict(self).items() if key != "folder"}
        claim_folder(self.folder, self.world, {"demo": "ava", **mine})
