"""The verbs: one file is one stage, and the command that speaks them."""

import sys

if (
    sys.argv[:1] == ["-m"]
    and not sys.flags.safe_path
    and f"{sys.path[0]}/pipelines" not in __path__
):
    # `python -m pipelines.cli` is about to look for modules in the current folder first.
    del sys.path[0]
