"""Starting from a trunk that has learnt something else, which learns on or stays as it is."""

from pathlib import Path

from torch import nn

from kinetics_builder.errors import ModelError
from models.checkpoints.store import load_network
from models.recipes.recipe import Recipe


def start_from_trunk(trunk: nn.Module, checkpoint: str) -> None:
    """Load the trunk of the network in `checkpoint` (a run's folder, or its weights) into `trunk`.

    Of a detector that finds people itself it is either all of the trunk, of another such detector,
    or the part that looks at clips, which may be no more than the beginning of theirs. The head
    stays as it was drawn. Raises ModelError where the two trunks differ.
    """
    trained = load_network(Path(checkpoint))
    theirs = trained.network.backbone.state_dict()
    if theirs.keys() != trunk.state_dict().keys():
        part: nn.Module = getattr(trunk, "learnt_from_clips", trunk)
        if getattr(trunk, "is_beginning", False):
            theirs = {key: theirs[key] for key in part.state_dict() if key in theirs}
        trunk = part
    ours = trunk.state_dict()
    for key in sorted(theirs.keys() | ours.keys()):
        shapes = [tuple(state[key].shape) if key in state else None for state in (theirs, ours)]
        if shapes[0] != shapes[1]:
            raise ModelError(
                f"{checkpoint} holds {trained.card.spec.name}, whose trunk is another: {key!r} has "
                f"the shape {shapes[0]} there and {shapes[1]} here. Start from a network with the "
                "same widths, depths and kernels."
            )
    trunk.load_state_dict(theirs)


def check_fixed(recipe: Recipe) -> None:
    """Raise ModelError where a trunk is to stay as it is that has learnt nothing."""
    if recipe.fixed_trunk and recipe.init_trunk is None and recipe.init_2d is None:
        raise ModelError(
            "recipe: fixed_trunk leaves the trunk as it is, and this one was only drawn: start it "
            "from a trained network with --init, or from pictures with --init-2d."
        )
