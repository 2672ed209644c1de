"""How fast the networks are, against `pytorchvideo`'s of the same weights.

    .venv/bin/python benchmarks/models.py [--device cuda] [--rounds N] [--out FILE] [NETWORK ...]

Both sides run in one process, by turns: ours, theirs, theirs, ours. A ratio is the median over
neighbours, beside the lowest and the highest. On the CPU clips are small, and times are those
of one thread, so a busy machine hurts little; on CUDA clips are whole, in bfloat16. The share of
the peak is what a network's counted operations (`kbuild models`) come to a second, beside those
of the device: on the CPU a large matrix product's, in the same run, on CUDA `--peak-tflops`.
"""

import argparse
import ctypes
import gc
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

# This file would else hide the package of its own name.
sys.path.insert(0, str(Path(__file__).parent.parent))

import torch

from benchmarks.report import Row, machine, write_report
from benchmarks.rivals import RIVALS, Rival, our_spec
from benchmarks.sides import Plan, sides
from models.counting import build_weightless, count_multiply_adds
from models.training.device import choose_device

Work = Callable[[], object]
PRODUCT, PRODUCTS = 2048, 5
"""Rows and columns of the matrices whose product is the peak, and how often it is tried."""


def paired(ours: Work, theirs: Work, plan: Plan) -> list[tuple[float, float]]:
    """Return (our seconds, their seconds) of neighbouring runs, after both have warmed up."""
    for work in (ours, theirs):
        work()
    pairs = []
    for _ in range(plan.rounds):
        turns = (ours, theirs, theirs, ours)
        first, second, third, last = (seconds(work, plan) for work in turns)
        pairs += [(first, second), (last, third)]
    return pairs


def seconds(work: Work, plan: Plan) -> float:
    """Return how long `work` takes."""
    begun = plan.clock()
    work()
    return plan.clock() - begun


def peak_bytes(work: Work, plan: Plan) -> int:
    """Return the most memory that `work` holds beyond what was held before it."""
    gc.collect()
    if not plan.on_cpu:
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        work()
        return torch.cuda.max_memory_allocated() - before
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    work()
    return resident("VmHWM") - before


def resident(name: str) -> int:
    """Return this process's memory in bytes, as Linux counts it under `name`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def clip_flops(rival: Rival, plan: Plan) -> float:
    """Return the operations of one clip's forward pass; the backward pass costs two of these."""
    frames, side = plan.clip_size(rival)
    clip = torch.empty(1, 3, frames, side, side, device="meta")
    return float(count_multiply_adds(build_weightless(our_spec(rival)), clip).get_total_flops())


def peak_flops(plan: Plan) -> float | None:
    """Return the operations a second that the device can do; None where nobody said."""
    if not plan.on_cpu:
        return plan.peak_tflops and plan.peak_tflops * 1e12
    one, other = torch.rand(2, PRODUCT, PRODUCT)
    best = min(seconds(lambda: one @ other, plan) for _ in range(PRODUCTS))
    return 2 * PRODUCT**3 / best


def rows(rival: Rival, plan: Plan) -> Iterator[Row]:
    """Measure one network's forward pass and training step."""
    torch.manual_seed(0)
    ours, theirs = sides(rival, plan)
    frames, side = plan.clip_size(rival)
    for what, mine, other in (
        ("forward", ours.answer, theirs.answer),
        ("training step", ours.learn, theirs.learn),
    ):
        times = paired(mine, other, plan)
        our_seconds = statistics.median(pair[0] for pair in times)
        peak = peak_flops(plan)
        flops = clip_flops(rival, plan) * plan.batch * (1 if what == "forward" else 3)
        yield Row(
            name=rival.name,
            what=what,
            clip=f"{plan.batch} x {frames} x {side}²",
            our_rate=plan.batch / our_seconds,
            their_rate=plan.batch / statistics.median(pair[1] for pair in times),
            ratios=[pair[1] / pair[0] for pair in times],
            our_bytes=peak_bytes(mine, plan),
            their_bytes=peak_bytes(other, plan),
            peak_share=peak and flops / our_seconds / peak,
        )


def how(plan: Plan) -> list[str]:
    """Return what a reader must know of the table."""
    where = "one thread, CPU seconds of it, float32, clips made small"
    here = "" if torch.cuda.is_available() else " No CUDA device was at hand to measure on."
    if not plan.on_cpu:
        extra = ", compiled" * plan.compiles + ", CUDA graphs" * plan.graphs
        where = f"bfloat16 autocast, cudnn.benchmark, ours{extra or ' eager'}"
    peak = f"that of a product of two matrices of {PRODUCT}² beside it" if plan.on_cpu else "told"
    return [
        f"torch {torch.__version__}, {where}. `python benchmarks/models.py --device "
        f"{plan.device.type}`.",
        "Both sides have the same weights, give the same answers, and take turns in one process:",
        f"ours, theirs, theirs, ours, {plan.rounds} times.",
        "Ours take clips in channels-last order, as `models.network.normalise` gives them, theirs",
        "contiguous ones. A ratio is their time over ours, of neighbours. Peak memory is what one",
        f"call holds beyond what stood before it. The peak is {peak}; theirs",
        f"reach our share of it, divided by the ratio.{here}",
    ]


def main() -> None:
    """Measure, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help="default: all")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--batch", type=int, help="clips at a time; default: 2, on CUDA 32")
    parser.add_argument("--rounds", type=int, default=2, help="each is two pairs")
    parser.add_argument("--peak-tflops", type=float, help="of the card, in dense bfloat16")
    parser.add_argument("--compile", action="store_true", help="torch.compile ours")
    parser.add_argument("--graphs", action="store_true", help="ours as CUDA graphs")
    parser.add_argument("--out", type=Path, help="default: benchmarks/results/models-DEVICE.md")
    options = parser.parse_args()
    if options.graphs and (options.compile or options.device == "cpu"):
        parser.error("--graphs needs --device cuda, and goes without --compile.")
    torch.set_num_threads(1)
    torch.backends.cudnn.benchmark = True
    plan = Plan(
        device=choose_device(options.device),
        batch=options.batch or (2 if options.device == "cpu" else 32),
        rounds=options.rounds,
        peak_tflops=options.peak_tflops,
        compiles=options.compile,
        graphs=options.graphs,
    )
    found = []
    for rival in RIVALS:
        if not options.networks or rival.name in options.networks:
            for row in rows(rival, plan):
                print(row.line(), flush=True)
                found.append(row)
    default = Path(__file__).parent / "results" / f"models-{options.device}.md"
    write_report(found, options.out or default, machine(options.device), how(plan))


if __name__ == "__main__":
    main()
