"""What is missing on this machine, and how to get it."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kinetics_builder.errors import ItemFailed, KbuildError

_PACKAGES = ("yt-dlp", "av", "torch", "torchvision", "flask", "sqlalchemy", "waitress")
_OPENCV = "opencv-contrib-python-headless"


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    name: str
    is_good: bool
    found: str
    remedy: str = ""


def doctor(folder: Path) -> list[Finding]:
    """Look at everything `kbuild` needs; `folder` is the workspace, or where one would be."""
    checks: list[Callable[[], Finding]] = [
        _python,
        *[_package_check(name) for name in _PACKAGES],
        _ffmpeg,
        _cutting,
        _decoding,
        _javascript,
        _torch_pair,
        _opencv,
        _accelerator,
        lambda: _disk(folder),
        lambda: _workspace(folder),
    ]
    return [*(check() for check in checks), *_languages(folder), *_panels(folder)]


def _python() -> Finding:
    found = sys.version.split()[0]
    return Finding("python", sys.version_info >= (3, 11), found, "Install Python 3.11 or later.")


def _package_check(name: str) -> Callable[[], Finding]:
    def check() -> Finding:
        try:
            return Finding(name, True, version(name))
        except PackageNotFoundError:
            return Finding(name, False, "not installed", "Run `make demo`, or pip install it.")

    return check


def _ffmpeg() -> Finding:
    """Let the ffmpeg that was found do what yt-dlp asks of it."""
    from kinetics_builder.video.ffmpeg import find_ffmpeg
    from kinetics_builder.video.trial import try_ffmpeg

    remedy = (
        "Take this ffmpeg off the PATH: the one in the imageio-ffmpeg wheel is then taken. "
        "Without one that works, yt-dlp cannot put picture and sound together."
    )
    try:
        program = find_ffmpeg()
    except KbuildError as error:
        return Finding("ffmpeg", False, "not found", str(error))
    with TemporaryDirectory() as folder:
        try:
            made = try_ffmpeg(Path(folder))
        except (ItemFailed, OSError) as error:
            return Finding("ffmpeg", False, f"{program}: {error}", remedy)
    return Finding("ffmpeg", True, f"{program} merged {made}")


def _cutting() -> Finding:
    """Cut a second out of a video that is drawn for it."""
    from kinetics_builder.video.trial import try_cutting

    remedy = (
        "Install PyAV anew, from its wheel, which brings decoders and the encoders of H.264 and "
        "AAC: pip install --force-reinstall --only-binary av av"
    )
    with TemporaryDirectory() as folder:
        try:
            return Finding("libx264", True, f"cut a second with it: {try_cutting(Path(folder))}")
        except (ItemFailed, OSError, ValueError) as error:
            return Finding("libx264", False, str(error), remedy)


def _decoding() -> Finding:
    """Find pictures of a clip as trainings do."""
    from kinetics_builder.video.trial import try_looking

    remedy = (
        "Trainings work, and read each clip whole: install PyAV anew, from its wheel: "
        "pip install --force-reinstall --only-binary av av"
    )
    with TemporaryDirectory() as folder:
        try:
            return Finding("clips for training", True, try_looking(Path(folder)))
        except (ItemFailed, OSError, ValueError) as error:
            return Finding("clips for training", False, str(error), remedy)


def _javascript() -> Finding:
    """yt-dlp solves YouTube's puzzles with a JavaScript runtime; other sources need none."""
    from pipelines.sources.web.javascript import prove_solving

    try:
        proof = prove_solving()
    except KbuildError as error:  # yt-dlp is not set up without ffmpeg
        return Finding("javascript for yt-dlp", False, "cannot be tried", str(error))
    return Finding("javascript for yt-dlp", proof.is_good, proof.found, proof.remedy)


def _torch_pair() -> Finding:
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError) as error:
        found = str(error).splitlines()[0]
        remedy = "Install torch and torchvision together, in one command, without pinning either."
        return Finding("torch with torchvision", False, found, remedy)
    return Finding("torch with torchvision", True, "a matching pair")


def _opencv() -> Finding:
    """Several wheels bring `cv2`, all into one folder: whichever came last has overwritten it."""
    brought_by = sorted(set(packages_distributions().get("cv2", [])))
    listed = ", ".join(brought_by) or "no package"
    others = " ".join(name for name in brought_by if name != _OPENCV)
    remove = f"{sys.executable} -m pip uninstall -y {others} && " if others else ""
    remedy = f"{remove}{sys.executable} -m pip install --force-reinstall --no-deps {_OPENCV}"
    try:
        import cv2

        lacking = [name for name, place in _of_contrib(cv2).items() if place is None]
    except (ImportError, AttributeError) as error:
        return Finding("opencv", False, f"cv2 of {listed} cannot be imported: {error}", remedy)
    if len(brought_by) > 1:
        return Finding("opencv", False, f"{listed} share the folder cv2", remedy)
    if lacking:
        return Finding(
            "opencv", False, f"cv2 of {listed} has no {' and no '.join(lacking)}", remedy
        )
    return Finding("opencv", True, f"{cv2.__version__} of {listed}, with HOG and TV-L1")


def _of_contrib(cv2: Any) -> dict[str, object | None]:
    """Return what is asked of OpenCV that only contrib has from version 5 on."""
    flow = getattr(cv2, "optflow", None)
    return {
        "HOG": getattr(cv2, "HOGDescriptor", None),
        "TV-L1": getattr(flow, "DualTVL1OpticalFlow_create", None),
    }


def _accelerator() -> Finding:
    import torch

    if torch.cuda.is_available():
        return Finding("accelerator", True, torch.cuda.get_device_name())
    return Finding("accelerator", True, "none: i3d_tiny and slowfast_tiny train on the CPU")


def _disk(folder: Path) -> Finding:
    place = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free / 2**30
    return Finding("disk", free > 1, f"{free:.1f} GiB free", "Make room: videos need it.")


def _workspace(folder: Path) -> Finding:
    from kinetics_builder.workspace import CONFIG_FILE, Workspace

    if not (folder / CONFIG_FILE).exists():
        return Finding("workspace", True, "none here yet: `kbuild init DIR` makes one")
    try:
        workspace = Workspace.open(folder)
        _ = workspace.engine
    except KbuildError as error:
        return Finding("workspace", False, str(error), "See the message.")
    is_writable = os.access(folder, os.W_OK)
    return Finding("workspace", is_writable, str(folder.absolute()), "Check its permissions.")


def _languages(folder: Path) -> list[Finding]:
    """Say which languages the page speaks, where an owner has added some; see `_panels`."""
    from annotation_ui.languages.catalogues import read_catalogues
    from kinetics_builder.config import Config
    from kinetics_builder.workspace import CONFIG_FILE

    try:
        own = Config.load(folder / CONFIG_FILE).page.translations
    except (KbuildError, OSError):
        return []
    if not own:
        return []
    try:
        found = read_catalogues(folder / own)
    except (KbuildError, OSError) as error:
        return [Finding("languages", False, str(error), "Mend it: the page does not start.")]
    return [Finding("languages", True, ", ".join(found))]


def _panels(folder: Path) -> list[Finding]:
    """Say what address each paid panel is given; the settings' own faults are told before."""
    from kinetics_builder.config import Config
    from kinetics_builder.crowd.panels.registry import address_of
    from kinetics_builder.workspace import CONFIG_FILE

    try:
        config = Config.load(folder / CONFIG_FILE)
    except (KbuildError, OSError):
        return []
    remedy = "Set page.public_url to the page's https address: platforms send people there."
    is_good = config.page.public_url.startswith("https://")
    return [
        Finding(f"panel {panel.name}", is_good, address_of(panel, config.page.public_url), remedy)
        for panel in config.panels
    ]
