"""Which way of computing a convolution is the fastest on one core of this machine.

    .venv/bin/python benchmarks/convolutions.py [--out FILE]

The layers are those of SlowFast and X3D. Each is computed as torch's 3-D convolution, and as a
2-D one over a plane of frames and positions (kernels over time alone), over every frame of
every clip (over space alone), or summed over time by hand (channelwise); contiguous and in
channels-last order. Times are the lowest of several, in CPU seconds.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.report import machine
from models.layers.flat_conv import idle_dilation

Size3 = tuple[int, int, int]
NUM_RUNS = 7


@dataclass(frozen=True)
class Case:
    """One layer and the map it is given."""

    name: str
    channels: tuple[int, int]
    """(in, out)."""
    size: Size3
    kernel: Size3
    stride: Size3 = (1, 1, 1)
    groups: int = 1

    @property
    def padding(self) -> Size3:
        """Return half a kernel."""
        return (self.kernel[0] // 2, self.kernel[1] // 2, self.kernel[2] // 2)


CASES = (
    Case("1x1x1, 256 to 64", (256, 64), (4, 28, 28), (1, 1, 1)),
    Case("1x1x1, 1024 to 2048, stride 2", (1024, 2048), (4, 14, 14), (1, 1, 1), (1, 2, 2)),
    Case("1x3x3, 64 to 64", (64, 64), (4, 28, 28), (1, 3, 3)),
    Case("1x3x3, 256 to 256", (256, 256), (4, 7, 7), (1, 3, 3)),
    Case("1x7x7 stem", (3, 64), (4, 112, 112), (1, 7, 7), (1, 2, 2)),
    Case("3x1x1, 256 to 64", (256, 64), (4, 28, 28), (3, 1, 1)),
    Case("3x1x1, 32 to 8", (32, 8), (16, 28, 28), (3, 1, 1)),
    Case("3x1x1, 2048 to 512", (2048, 512), (4, 4, 4), (3, 1, 1)),
    Case("7x1x1 lateral, stride 4", (32, 64), (16, 28, 28), (7, 1, 1), (4, 1, 1)),
    Case("5x1x1 channelwise, 24", (24, 24), (8, 56, 56), (5, 1, 1), groups=24),
    Case("3x3x3 channelwise, 54", (54, 54), (8, 28, 28), (3, 3, 3), groups=54),
    Case("3x3x3 channelwise, 256", (256, 256), (4, 14, 14), (3, 3, 3), groups=256),
)


def whole(x_BCTHW: Tensor, weight: Tensor, case: Case) -> Tensor:
    """Return torch's 3-D convolution."""
    return F.conv3d(x_BCTHW, weight, None, case.stride, case.padding, 1, case.groups)


def plane(x_BCTHW: Tensor, weight: Tensor, case: Case) -> Tensor:
    """Return a 2-D convolution over frames x positions, by oneDNN where there are many."""
    stride, padding = (case.stride[0], 1), (case.padding[0], 0)
    dilation = (1, idle_dilation(x_BCTHW.numel() // x_BCTHW.shape[1], case.groups))
    flat, kernel = x_BCTHW.flatten(3), weight.flatten(3)
    y = F.conv2d(flat, kernel, None, stride, padding, dilation, case.groups)
    return y.view(*y.shape[:3], *x_BCTHW.shape[3:])


def frames(x_BCTHW: Tensor, weight: Tensor, case: Case) -> Tensor:
    """Return a 2-D convolution over the frames of all clips, one by one."""
    images = x_BCTHW.transpose(1, 2).flatten(0, 1)
    y = F.conv2d(images, weight[:, :, 0], None, case.stride[1:], case.padding[1:], 1, case.groups)
    return y.view(-1, x_BCTHW.shape[2], *y.shape[1:]).transpose(1, 2)


def by_hand(x_BCTHW: Tensor, weight: Tensor, case: Case) -> Tensor:
    """Return the sum of the frames' 2-D convolutions by each slice of the kernel."""
    reach, num_frames = case.padding[0], x_BCTHW.shape[2]
    padded = F.pad(x_BCTHW, (0, 0, 0, 0, reach, reach))
    slices = [
        frames(padded[:, :, i : i + num_frames], weight[:, :, i : i + 1], case)
        for i in range(case.kernel[0])
    ]
    return torch.stack(slices).sum(0)


Way = Callable[[Tensor, Tensor, Case], Tensor]


def ways(case: Case) -> tuple[Way, ...]:
    """Return the ways in which a layer can be computed, the usual one first."""
    if case.kernel[1:] == (1, 1) and case.stride[1:] == (1, 1):
        return (whole, plane)
    return (whole, frames) if case.kernel[0] == 1 else (whole, by_hand)


def run(way: Way, x_BCTHW: Tensor, weight: Tensor, case: Case) -> tuple[Tensor, float, float]:
    """Return the answer, and the seconds of it alone and with its gradients."""
    with torch.no_grad():
        begun = time.thread_time()
        answer = way(x_BCTHW, weight, case)
        forward = time.thread_time() - begun
    x_BCTHW, weight = x_BCTHW.detach().requires_grad_(), weight.detach().requires_grad_()
    begun = time.thread_time()
    y = way(x_BCTHW, weight, case)
    torch.autograd.backward(y, torch.ones_like(y))
    return answer, forward, time.thread_time() - begun


def line(case: Case) -> str:
    """Measure one layer and return its row of the table."""
    torch.manual_seed(0)
    weight = torch.randn(case.channels[1], case.channels[0] // case.groups, *case.kernel)
    x_BCTHW = torch.randn(2, case.channels[0], *case.size)
    expected = whole(x_BCTHW, weight, case)
    cells = []
    for way in ways(case):
        for layout in (torch.contiguous_format, torch.channels_last_3d):
            given = [tensor.contiguous(memory_format=layout) for tensor in (x_BCTHW, weight)]
            runs = [run(way, given[0], given[1], case) for _ in range(NUM_RUNS)]
            torch.testing.assert_close(runs[0][0], expected, rtol=1e-3, atol=1e-3)
            forward, step = min(r[1] for r in runs), min(r[2] for r in runs)
            cells.append(f"{forward * 1000:.2f} / {step * 1000:.1f}")
    return f"| {case.name} | {ways(case)[1].__name__} | {' | '.join(cells)} |"


def main() -> None:
    """Measure, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    results = Path(__file__).parent / "results"
    parser.add_argument("--out", type=Path, default=results / "convolutions.md")
    options = parser.parse_args()
    torch.set_num_threads(1)
    lines = [
        "# Ways to compute a convolution",
        "",
        f"{machine('cpu')}, {torch.backends.cpu.get_cpu_capability()}, one thread, torch "
        f"{torch.__version__}. Milliseconds forward / forward and backward, batch 2, float32.",
        "`python benchmarks/convolutions.py`. `plane` is what `models.layers.flat_conv` does;",
        "the other ways gain too little, or cost more than they gain.",
        "",
        "| layer | other way | 3-D | 3-D, channels last | other | other, channels last |",
        "|---|---|---:|---:|---:|---:|",
        *map(line, CASES),
        "",
    ]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("\n".join(lines))
    print(options.out.read_text())


if __name__ == "__main__":
    main()
