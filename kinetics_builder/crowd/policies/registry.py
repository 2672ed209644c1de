"""The policies by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kinetics_builder.crowd.policies.policy import Policy
from kinetics_builder.crowd.policies.posterior import Posterior
from kinetics_builder.crowd.policies.targets import Targets
from kinetics_builder.crowd.policies.three_of_five import ThreeOfFive

POLICIES: Mapping[str, Callable[[Targets, int], Policy]] = MappingProxyType(
    {
        "three_of_five": lambda _targets, seed: ThreeOfFive(seed=seed),
        "posterior": lambda targets, _seed: Posterior(targets=targets),
    }
)
"""Name -> what makes the policy of its targets and a seed."""
