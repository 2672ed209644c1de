"""The readers whose rules are known, by name."""

from collections.abc import Callable, Mapping

from kinetics_builder.ava.checking.folder import AvaFolder
from kinetics_builder.ava.checking.kbuild import check_kbuild
from kinetics_builder.ava.checking.mmaction2.reading import check_mmaction2
from kinetics_builder.ava.checking.pyslowfast.reading import check_pyslowfast
from kinetics_builder.ava.checking.report import Report
from kinetics_builder.ava.checking.settings import Settings

READERS: Mapping[str, Callable[[AvaFolder, Settings], Report]] = {
    "pyslowfast": check_pyslowfast,
    "mmaction2": check_mmaction2,
    "kbuild": check_kbuild,
}
