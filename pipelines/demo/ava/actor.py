"""What a network learns from the release: who does what, beside a prior that sees nothing."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.demo.workers import workers
from pipelines.network_card.page import PAGE

NETWORK = "slowfast_tiny_det"
_MEASURE = "mAP@0.5IOU"


@dataclass(frozen=True, slots=True)
class ActorScore:
    """What the detector of actions reached on films that it has not seen."""

    network: str
    num_key_frames: int
    """That it learnt from."""
    mean_ap: float
    """Frame-mAP at an overlap of 0.5 over the measured actions, on boxes of the person detector."""
    prior: float
    """Of the same boxes scored by how often each action is done in training."""
    num_actions: int
    """That are measured."""
    low: float
    high: float
    """95 % interval over films."""

    @property
    def least(self) -> float:
        """Return what is asked: four times the prior, 0.6 where that is more."""
        return min(4 * self.prior, 0.6)


def train_actor(release: Path, out: Path, num_steps: int, say: Callable[[str], None]) -> ActorScore:
    """Train on the release and measure on its split validate; what is done stays.

    Args:
        release: A folder of `ava release`.
        out: Where the run and its evaluation lie.
        num_steps: How long the network learns.
        say: Told what is begun.

    """
    record = out / "evaluation" / "evaluation.json"
    if not (out / PAGE).exists():
        say(f"Training {NETWORK} on {release}")
        with workers(1) as pool:
            pool.submit(_train, release, out, num_steps).result()
    found, report = (json.loads(path.read_text("utf-8")) for path in (record, out / "report.json"))
    low, high = found["intervals"][_MEASURE]
    per_class = found["per_class"].values()
    return ActorScore(
        network=NETWORK,
        num_key_frames=report["num_train"],
        mean_ap=found[_MEASURE],
        prior=found["prior"][_MEASURE],
        num_actions=sum(value is not None for value in per_class),
        low=low,
        high=high,
    )


def _train(release: Path, out: Path, num_steps: int) -> None:
    from models.detection.evaluate import Inquiry
    from models.recipes.registry import default_recipe
    from models.training.baseline import train_baseline
    from models.training.runtime import Runtime
    from pipelines.measuring.ava.evaluating import ask, evaluate
    from pipelines.measuring.result import Manner
    from pipelines.network_card.page import write_network_card

    recipe = replace(default_recipe(NETWORK), num_steps=num_steps)
    train_baseline(NETWORK, release, out, recipe)
    to = out / "evaluation"
    subject = ask(out, release, to, Inquiry(), Runtime())
    evaluate(subject, release, "validate", to, Manner(num_replicates=200))
    write_network_card(out)  # its page is the last file of a run
