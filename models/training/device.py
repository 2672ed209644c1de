"""The device of a run, and versions on which half precision goes wrong."""

import torch

from kinetics_builder.errors import ModelError


def choose_device(name: str) -> torch.device:
    """Return the device `name`; `auto` takes CUDA where there is one."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise _unknown(name) from error
    if device.type not in ("cpu", "cuda"):
        raise _unknown(name)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ModelError("This machine has no CUDA device that torch can use. Use --device cpu.")
    if device.type == "cuda" and (device.index or 0) >= (count := torch.cuda.device_count()):
        raise ModelError(f"There is no {name}: this machine's last one is cuda:{count - 1}.")
    return device


def _unknown(name: str) -> ModelError:
    return ModelError(f"There is no device {name!r}. Use auto, cpu, cuda or cuda:1.")


def check_half_precision(torch_version: str, cudnn_version: int | None) -> None:
    """Refuse versions whose half-precision 3-D convolutions are wrong or very slow.

    cuDNN 9.8 to 9.14 gave wrong results for large inputs (pytorch/pytorch#163539), and
    torch 2.9 answers with a path several times slower (#166122).
    """
    remedy = "Use --full-precision, or install torch 2.11 or later with its own cuDNN."
    if torch_version.startswith("2.9."):
        raise ModelError(f"torch {torch_version} cannot do bfloat16 3-D convolutions. {remedy}")
    if cudnn_version is not None and 90800 <= cudnn_version < 91500:
        raise ModelError(
            f"cuDNN {cudnn_version} computes bfloat16 3-D convolutions wrongly "
            f"(9.8 to 9.14 do). {remedy}"
        )


def uses_half_precision(wanted: bool, device: torch.device) -> bool:
    """Return whether the forward pass runs in bfloat16; raise where it must not."""
    if not wanted or device.type != "cuda":
        return False
    cudnn: int | None = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
    check_half_precision(torch.__version__, cudnn)
    return True
