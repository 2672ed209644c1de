"""The networks by name, one file a paper or family."""

from difflib import get_close_matches

from kinetics_builder.errors import ModelError
from models.spec import NetworkSpec
from models.zoo import (
    context,
    csn,
    detection,
    mvit,
    quo_vadis,
    r2plus1d,
    resnets,
    s3d,
    slowfast,
    tiny,
    two_stream,
    vivit,
    x3d,
)

_FAMILIES = (
    *(context, csn, detection, mvit, quo_vadis, r2plus1d, resnets),
    *(s3d, slowfast, tiny, two_stream, vivit, x3d),
)
SPECS: dict[str, NetworkSpec] = {spec.name: spec for family in _FAMILIES for spec in family.SPECS}


def network_spec(name: str) -> NetworkSpec:
    """Return the spec of the network `name`."""
    if name not in SPECS:
        near = get_close_matches(name, SPECS, n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        raise ModelError(f"There is no network {name!r}.{guess} Known: {', '.join(sorted(SPECS))}.")
    return SPECS[name]
