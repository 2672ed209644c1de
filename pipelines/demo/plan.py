"""What a demo is told, where its files lie, and how much it trains."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from kinetics_builder.errors import KbuildError

NETWORKS = {"i3d_tiny_12x3": 900, "slowfast_tiny_2x16": 900}
"""The networks and how many steps they learn, as their recipes say, which need torch to be read."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One demo world and its workspace."""

    folder: Path
    """The workspace; the world lies in `world/` inside it."""
    small: bool = False
    seed: int = 0

    @property
    def world(self) -> Path:
        """Return the folder of what the world is made of."""
        return self.folder / "world"

    @property
    def media(self) -> Path:
        """Return the folder of the videos on the site."""
        return self.world / "media"

    @property
    def stills(self) -> Path:
        """Return the folder of the pictures that train the scorer."""
        return self.world / "stills"

    @property
    def truth(self) -> Path:
        """Return the file of the truth."""
        return self.world / "truth.json"

    @property
    def classes(self) -> Path:
        """Return the list of classes."""
        return self.folder / "classes.yaml"

    @property
    def gold(self) -> Path:
        """Return the file of gold questions."""
        return self.folder / "gold.csv"

    @property
    def scorer(self) -> Path:
        """Return the folder of the image scorer."""
        return self.folder / "scorer"

    @property
    def num_stills(self) -> int:
        """Return how many pictures of each class the scorer learns from."""
        return 100 if self.small else 200

    @property
    def num_scorer_steps(self) -> int:
        """Return how long the scorer learns."""
        return 400 if self.small else 500

    @property
    def num_gold(self) -> int:
        """Return how many gold questions there are."""
        return 16 if self.small else 60

    @property
    def num_steps(self) -> dict[str, int]:
        """Return how long each network learns; the small demo only shows that they do."""
        return dict.fromkeys(NETWORKS, 40) if self.small else dict(NETWORKS)

    def claim(self) -> None:
        """Write the plan into its folder, or check that the folder holds this very plan.

        Raises:
            KbuildError: Another demo lives there.

        """
        mine = {key: value for key, value in asdict(self).items() if key != "folder"}
        claim_folder(self.folder, self.world, mine)


def claim_folder(folder: Path, world: Path, mine: dict[str, object]) -> None:
    """Write a plan into its folder's world, or check that the folder holds this very plan.

    Raises:
        KbuildError: Another demo lives there.

    """
    world.mkdir(parents=True, exist_ok=True)
    record = world / "plan.json"
    if not record.exists():
        temporary = record.with_suffix(".part")
        temporary.write_text(json.dumps(mine) + "\n", "utf-8")
        temporary.replace(record)
    found = json.loads(record.read_text("utf-8"))
    if found != mine:
        raise KbuildError(
            f"{folder} holds another demo: {found}, this one is {mine}. "
            "Name another folder, or remove that one."
        )
