"""Makes the picture of a crowd in docs/answers.md anew: `python -m docs.pictures.simulation`.

As `kbuild crowd simulate --picture` draws it, without other options.
"""

from pathlib import Path

from kinetics_builder.crowd.policies.targets import Targets
from kinetics_builder.crowd.simulation import CrowdPlan
from pipelines.verifying.simulate import Beside, simulate

OUT = Path(__file__).with_suffix(".png")


def main() -> None:
    """Write `simulation.png` beside this file."""
    simulate("posterior", CrowdPlan(), Targets(), Beside(picture=OUT))


if __name__ == "__main__":
    main()
