"""How early wrong labels come in the ranking of suspect ones, on the demo's clips.

    OPENBLAS_NUM_THREADS=1 .venv/bin/python -m benchmarks.cleaning [--drawn DIR] [--peer PYTHON]

The clips are those that the demo's truth says show a class, cut without its stages: drawing a
world takes minutes, so fingerprints of one may be kept for the next run (`--drawn`, as of
`benchmarks.duplicates`). A share of the labels is planted wrong, each another class by chance. A
crowd that is made up (`CAREFUL`, `CARELESS` and `RANDOM` workers) answers each as `three_of_five`
asks, again and again until it accepts the label: of wrong labels, too, as nothing else is released.
The scores are those of `kbuild curate suspects`: by folds, from how the clips move. cleanlab is
given the same scores and labels (`--peer`, see `benchmarks.cleaning_peer`); it takes no votes of
yes and no.
"""

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.cleaning_peer import PEERS, ask
from benchmarks.duplicates import drawn_world
from benchmarks.report import machine, put_down
from kinetics_builder.crowd.simulation import CAREFUL, CARELESS, RANDOM
from kinetics_builder.curation.suspects import normalised_margin, ranked, self_confidence, trust
from pipelines.demo.labels import NAMES
from pipelines.demo.uploads import WITHOUT_PEOPLE
from pipelines.evidence.clips import described
from pipelines.evidence.scores import moving_scores

WRONG_SHARE = 0.08
FIRST_SHARE = 0.12
SEEDS = range(5)
BAR = 0.9


def clips_of(
    seed: int, drawn: Path | None
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray, list[str]]:
    """Return what is known of the clips' movements, true labels, and each clip's video."""
    prints: list[bytes | None] = []
    labels, videos = [], []
    for upload, found in drawn_world(seed, drawn):
        for number, _, data in found if upload.kind not in WITHOUT_PEOPLE else ():
            if (label := upload.script[number].behaviour) in NAMES:
                prints.append(data)
                labels.append(NAMES.index(label))
                videos.append(upload.copy.original if upload.copy else upload.video_id)
    return described(prints), np.array(labels), videos


def planted(labels_N: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels with some wrong ones, and which those are."""
    random = np.random.default_rng(seed)
    wrong = random.choice(len(labels_N), round(WRONG_SHARE * len(labels_N)), replace=False)
    labels_N = labels_N.copy()
    labels_N[wrong] = (labels_N[wrong] + random.integers(1, len(NAMES), len(wrong))) % len(NAMES)
    return labels_N, wrong


def votes_of(number: int, is_right: bool, seed: int) -> tuple[int, int]:
    """Return yes and all answers of a crowd that accepted a label."""
    digest = hashlib.sha256(f"{seed}/{number}".encode()).digest()
    random = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    while True:
        num_yes = num_no = 0
        while num_yes < 3 and num_no < 3:
            kinds = CAREFUL, CARELESS, RANDOM
            kind = kinds[random.choice(len(kinds), p=[one.share for one in kinds])]
            says_right = random.random() < kind.right
            looks = random.random() < kind.looks
            says_yes = (says_right == is_right) if looks else random.random() < kind.habit
            num_yes, num_no = num_yes + says_yes, num_no + (not says_yes)
        if num_yes == 3:
            return num_yes, num_yes + num_no


def shares_found(world: int, drawn: Path | None, peer: Path | None) -> Iterator[Sequence[float]]:
    """Yield accuracy, then the share of wrong labels found first by each ranking, seed by seed.

    The peer's rankings stand before ours.
    """
    movements, truth_N, videos = clips_of(world, drawn)
    for seed in SEEDS:
        labels_N, wrong = planted(truth_N, seed)
        scores_NK = moving_scores(*movements, labels_N, videos, seed=0)
        is_right = ~np.isin(np.arange(len(labels_N)), wrong)
        votes = np.array([votes_of(n, right, seed) for n, right in enumerate(is_right)])
        own_N = self_confidence(scores_NK, labels_N)
        nothing_N = np.full(len(labels_N), np.nan)
        rankings = (
            *(ask(peer, scores_NK, labels_N) if peer else ()),
            normalised_margin(scores_NK, labels_N),
            own_N,
            trust(nothing_N, *votes.T),
            trust(own_N, *votes.T),
        )
        first = round(FIRST_SHARE * len(labels_N))
        found = [float(np.isin(ranked(one)[:first], wrong).sum() / len(wrong)) for one in rankings]
        yield float((scores_NK.argmax(1) == truth_N).mean()), *found, len(labels_N), len(wrong)


def lines(drawn: Path | None, peer: Path | None) -> Iterator[str]:
    """Yield the page of results."""
    yield "# Wrong labels that are found first"
    yield ""
    yield f"{machine('cpu')}. `python -m benchmarks.cleaning`."
    yield ""
    yield (
        f"The demo's clips, {WRONG_SHARE:.0%} of them planted under another class. Share of the "
        f"wrong labels among the first {FIRST_SHARE:.0%} of the ranking: a coin finds "
        f"{FIRST_SHARE:.0%}, the bar is {BAR:.0%} for scores and votes together."
    )
    yield ""
    names = [f"cleanlab: {name}" for name in PEERS if peer]
    names += ["margin", "self-confidence", "votes", "both"]
    yield f"| world | seed | clips | wrong | top-1 of the scores | {' | '.join(names)} |"
    yield "|---:" * (5 + len(names)) + "|"
    totals = []
    for world in (0, 1):
        for seed, (top1, *found, num, num_wrong) in enumerate(shares_found(world, drawn, peer)):
            shown = " | ".join(f"{share:.3f}" for share in found)
            yield f"| {world} | {seed} | {num} | {num_wrong} | {top1:.3f} | {shown} |"
            totals.append(found)
    means = " | ".join(f"{share:.3f}" for share in np.mean(totals, axis=0))
    yield f"| mean | | | | | {means} |"
    yield ""
    yield (
        f"On average the bar is {BAR:.0%}: "
        + "; ".join(
            f"{name} {share:.3f}, reached in {num} of {len(totals)} draws"
            for name, share, num in zip(
                names,
                np.mean(totals, axis=0),
                (np.array(totals) >= BAR).sum(axis=0),
                strict=True,
            )
        )
        + "."
    )
    both = [found[-1] for found in totals]
    num_met = sum(share >= BAR for share in both)
    verdict = "met" if np.mean(both) >= BAR else "missed"
    yield ""
    yield (
        f"On average the bar is {verdict}: {np.mean(both):.3f}. It is reached in {num_met} of "
        f"{len(both)} draws; the least is {min(both):.3f}."
    )
    yield ""


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", type=Path, help="A Python that has cleanlab.")
    parser.add_argument("--drawn", type=Path, help="Folder that keeps fingerprints of worlds.")
    default = Path(__file__).parent / "results" / "cleaning.md"
    parser.add_argument("--out", type=Path, default=default, help="Where the results go.")
    options = parser.parse_args()
    put_down(list(lines(options.drawn, options.peer)), options.out)


if __name__ == "__main__":
    main()
