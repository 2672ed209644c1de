"""Which copies of clips are found, which different clips are taken for copies, and how fast.

    OPENBLAS_NUM_THREADS=1 .venv/bin/python -m benchmarks.duplicates [--data DIR]
        [--only PART ...] [--seeds N] [--many N] [--drawn DIR] [--out FILE]

Real clips are those of `videos`; what is done to them is done here, by ffmpeg. The demo's clips are
cut where its truth says, without its stages: drawing a world takes minutes, so fingerprints of one
may be kept for the next run. Many clips are made (`duplicates_many.py`). Parts that are not
measured stay in FILE as they are. One thread, as `kbuild deduplicate` computes in.
"""

import argparse
import os
import pickle
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from sqlalchemy import select

from benchmarks.duplicates_many import Planted, fill, read_films
from benchmarks.family import Family
from benchmarks.report import MIB, machine
from kinetics_builder.config import DeduplicateConfig
from kinetics_builder.curation.duplicates import LikePair, ProposedClip, place_clips, sure_pairs
from kinetics_builder.database.bulk import batches
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import AlikeClips, Standing
from kinetics_builder.video.ffmpeg import run_ffmpeg
from kinetics_builder.video.likeness.fingerprint import (
    BIN_SECONDS,
    METHOD,
    Fingerprint,
    Summary,
    fingerprint,
)
from kinetics_builder.video.likeness.seen import Seeing
from kinetics_builder.video.likeness.similarity import compare_all
from kinetics_builder.video.reading.frames import FrameReader
from kinetics_builder.workspace import Workspace
from pipelines.demo.publish import file_of, make_file
from pipelines.demo.uploads import BROKEN, UNAVAILABLE, Upload
from pipelines.demo.world import build_world
from pipelines.kinetics.candidates import Looks
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage

ROOT = Path(__file__).parent.parent
SURE = DeduplicateConfig().min_similarity
DOUBTFUL = DeduplicateConfig().doubtful_similarity
CLIP_SECONDS = 10.0

COPIES = (
    ("duplicates/part_0.mp4", "duplicates/part_1.mp4"),
    ("duplicates/part_0.mp4", "duplicates/test.mp4"),
    ("duplicates/part_1.mp4", "duplicates/test.mp4"),
    ("duplicates/carving_ice_123k.mp4", "duplicates/carving_ice_350k.mp4"),
    ("duplicates/test_clip_10s.mp4", "duplicates/test_video_30s.mp4"),
    ("actions/arm_wrestling_demo.mp4", "duplicates/arm_wrestling_demo_overlaid.mp4"),
)
CAPTION = (
    "drawbox=x=iw*0.05:y=ih*0.8:w=iw*0.5:h=ih*0.1:color=yellow:t=fill,"
    "drawbox=x=iw*0.8:y=ih*0.05:w=iw*0.15:h=ih*0.12:color=red:t=fill"
)
KINDS: dict[str, tuple[str, float, float]] = {
    "rescaled": ("scale=160:-2", 0, 1),
    "stretched": ("scale=240:240", 0, 1),
    "encoded anew, at a third of the size": ("scale=iw/3:-2", 0, 1),
    "drawn over": (CAPTION, 0, 1),
    "cropped to 88 % of a side": ("crop=iw*0.88:ih*0.88", 0, 1),
    "mirrored": ("hflip", 0, 1),
    "in a frame": ("pad=iw*1.3:ih*1.3:iw*0.15:ih*0.15:color=0x204060", 0, 1),
    "letterboxed": ("pad=iw:ih*1.4:0:ih*0.2:black", 0, 1),
    "grey": ("hue=s=0", 0, 1),
    "begun later (by 30 %)": ("null", 0.3, 1),
    "contained (half of it)": ("null", 0.2, 0.5),
    "5 % faster": ("setpts=PTS/1.05", 0, 1),
    "mirrored, cropped, grey, letterboxed, later": (
        "hflip,crop=iw*0.92:ih*0.92,hue=s=0,pad=iw:ih*1.3:0:ih*0.15:black",
        0.2,
        1,
    ),
}
"""What is done to a clip: ffmpeg's filters, where it begins, how much of it is left."""


def zones(likenesses: Sequence[float]) -> str:
    """Return three cells: how many are sure, doubtful, different."""
    sure = sum(one >= SURE for one in likenesses)
    doubtful = sum(DOUBTFUL <= one < SURE for one in likenesses)
    return f"{sure} | {doubtful} | {len(likenesses) - sure - doubtful}"


def real_lines(videos: Path) -> Iterator[str]:
    """Compare the real clips."""
    files = sorted(
        path
        for folder in ("actions", "duplicates", "negatives")
        for path in (videos / folder).rglob("*")
        if path.is_file()
    )
    prints = {path.relative_to(videos).as_posix(): fingerprint(path) for path in files}
    signs = sorted(name for name in prints if "/asl/" in name)
    copies = {frozenset(pair) for pair in COPIES}
    found: dict[str, list[float]] = defaultdict(list)
    pairs = list(combinations(prints, 2))
    likenesses = similarities([(prints[one], prints[other]) for one, other in pairs])
    for (one, other), likeness in zip(pairs, likenesses, strict=True):
        what = "different clips"
        if frozenset((one, other)) in copies:
            what = "the copies of `videos/duplicates`"
        elif one in signs and other in signs:
            what = "one person's signs, in one room"
        found[what].append(likeness)
    for what, likenesses in found.items():
        yield f"| {what} | {len(likenesses)} | {zones(likenesses)} |"


def kind_lines(videos: Path, folder: Path) -> Iterator[str]:
    """Compare real clips with what is made of them."""
    sources = [*sorted(videos.glob("actions/*.m*")), *sorted(videos.glob("negatives/*.mp4"))]
    originals = {path: made(path, folder / "o.mp4", "null", 0.0, CLIP_SECONDS) for path in sources}
    lengths = {path: len(one.film_THW) * BIN_SECONDS for path, one in originals.items()}
    for kind, (filters, later, share) in KINDS.items():
        pairs = []
        for path, original in originals.items():
            start, seconds = later * lengths[path], share * lengths[path]
            pairs.append((original, made(path, folder / "c.mp4", filters, start, seconds)))
        yield f"| {kind} | {len(pairs)} | {zones(similarities(pairs))} |"


def similarities(pairs: Sequence[tuple[Fingerprint, Fingerprint]]) -> list[float]:
    """Return `similarity` of many pairs."""
    straight, mirrored = (
        compare_all([(*pair, is_mirrored) for pair in pairs]) for is_mirrored in (False, True)
    )
    return [max(both).similarity for both in zip(straight, mirrored, strict=True)]


def made(source: Path, target: Path, filters: str, start: float, seconds: float) -> Fingerprint:
    """Return the fingerprint of a stretch to which something was done."""
    even = f"{filters},scale=trunc(iw/2)*2:trunc(ih/2)*2"
    cut = ["-i", str(source), "-ss", f"{start:.3f}", "-t", f"{seconds:.3f}", "-vf", even, "-an"]
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "28", "-pix_fmt", "yuv420p"]
    run_ffmpeg([*cut, *encoder, "-y", str(target)], timeout_seconds=120)
    return fingerprint(target)


def demo_prints(upload: Upload) -> list[tuple[int, float, bytes]]:
    """Draw an upload; return number, start and fingerprint of 4 s within each of its actions."""
    with tempfile.TemporaryDirectory() as folder:
        make_file(Path(folder), upload)
        frames = list(FrameReader(file_of(Path(folder), upload), size=(64, 64)))
    found, time_seconds = [], -upload.skip_seconds
    for number, segment in enumerate(upload.script):
        length = segment.num_frames / 12.5
        if number % 2:
            start = float(max(0, round(time_seconds + length / 2 - 2)))
            summary = Summary()
            for frame in frames:
                if start <= frame.time_seconds < start + 4:
                    summary.add_small(frame.time_seconds - start, frame.rgb_HWC)
            found.append((number, start, summary.made().to_bytes()))
        time_seconds += length
    return found


def drawn_world(
    seed: int, kept: Path | None
) -> list[tuple[Upload, list[tuple[int, float, bytes]]]]:
    """Return the uploads of a demo world that can be seen, and `demo_prints` of each."""
    file = kept and kept / f"world_{seed}_method_{METHOD}.pickle"
    if file and file.exists():
        found: list[tuple[Upload, list[tuple[int, float, bytes]]]] = pickle.loads(file.read_bytes())
        return found
    uploads = [u for u in build_world(seed).uploads if u.kind not in UNAVAILABLE | BROKEN]
    with Pool() as pool:
        found = list(zip(uploads, pool.map(demo_prints, uploads, chunksize=8), strict=True))
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps(found))
    return found


def demo_line(seed: int, kept: Path | None) -> str:
    """Place the demo's clips class by class, as `deduplicate` does, and hold that to its truth."""
    prints, clips, shown, labels = {}, {}, {}, defaultdict(list)
    for upload, found in drawn_world(seed, kept):
        for number, start, data in found:
            row = len(clips)
            prints[row] = Fingerprint.from_bytes(data)
            shown[row] = upload.copy.original if upload.copy else upload.video_id, number
            clips[row] = ProposedClip(
                clip_id=row,
                video_id=upload.video_id,
                start_seconds=start,
                rank=number // 2,
                num_pixels=0 if upload.copy else 1,
                duration_seconds=20.0,
                upload_date=None,
            )
            for label in upload.title_labels:
                labels[label].append(row)
    lost = copies = right = asked = doubtful = 0
    for rows in labels.values():
        pairs = list(like_pairs(rows, prints, clips))
        sure = sure_pairs(pairs, clips, least=SURE, doubtful=DOUBTFUL)
        doubtful += sum(
            pair.similarity >= DOUBTFUL and frozenset((pair.one, pair.other)) not in sure
            for pair in pairs
        )
        standing = {
            place.clip_id: place.standing
            for place in place_clips([clips[row] for row in rows], sure, max_per_video=2)
        }
        originals = {clips[row].video_id for row in rows}
        in_doubt = {
            row
            for pair in pairs
            if pair.similarity >= DOUBTFUL and shown[pair.one][0] == shown[pair.other][0]
            for row in (pair.one, pair.other)
        }
        for row in rows:
            is_copy = shown[row][0] != clips[row].video_id and shown[row][0] in originals
            is_found = standing[row] is Standing.DUPLICATE
            copies += is_copy
            right += is_copy and is_found
            asked += is_copy and not is_found and row in in_doubt
            lost += is_found and not is_copy
    num_clips = sum(map(len, labels.values()))
    precision = right / (right + lost) if right + lost else 0.0
    return (
        f"| {seed} | {num_clips} | {copies} | {right} | {right / copies:.3f} | {asked} | {lost} | "
        f"{precision:.3f} | {doubtful} |"
    )


def like_pairs(
    rows: Sequence[int], prints: dict[int, Fingerprint], clips: dict[int, ProposedClip]
) -> Iterator[LikePair]:
    """Yield the candidates among some clips, compared."""
    seeing = Seeing(len(prints[rows[0]].film_THW))
    seeing.add([prints[row] for row in rows])
    _, videos = np.unique([clips[row].video_id for row in rows], return_inverse=True)
    pairs = list(seeing.seen().pairs(np.arange(len(rows)), videos))
    known = [(rows[pair.place], rows[pair.earlier], pair.is_mirrored) for pair in pairs]
    compared = [(prints[one], prints[other], is_mirrored) for one, other, is_mirrored in known]
    for (one, other, _), likeness in zip(known, compare_all(compared), strict=True):
        yield LikePair(one, other, *likeness)


def many_lines(videos: Path, folder: Path, num_clips: int) -> Iterator[str]:
    """Run `deduplicate` on a workspace with many made clips, as `kbuild` does."""
    films = read_films(sorted(videos.glob("[an]*/*.*")))
    workspace = Workspace.create(folder / "many")
    known = fill(workspace, films, num_clips)
    begun, spent = time.monotonic(), time.process_time()
    with Family() as family:
        run_stage(workspace, build_stage("deduplicate", workspace))
    seconds, cpu_seconds = time.monotonic() - begun, time.process_time() - spent
    waiting = os.getloadavg()[1]
    begun = time.monotonic()
    run_stage(workspace, build_stage("deduplicate", workspace))
    again = time.monotonic() - begun
    with reading(workspace.engine) as session:
        rows = session.execute(
            select(AlikeClips.clip_id, AlikeClips.other_id, AlikeClips.similarity)
        )
        found = {frozenset((one, other)): likeness for one, other, likeness in rows}
    yield f"| clips, with database and places | {num_clips:,} |"
    yield f"| CPU seconds of the process that reads and finds | {cpu_seconds:.0f} |"
    yield f"| CPU seconds of its children, which compare | {family.children_seconds:.0f} |"
    yield f"| seconds, wall, beside other work | {seconds:.0f} |"
    yield f"| waiting for one of this machine's cores meanwhile, on average | {waiting:.0f} |"
    yield f"| a second run, seconds | {again:.1f} |"
    yield f"| peak memory of all of them together | {family.peak_bytes / MIB:.0f} MiB |"
    yield from _found_lines(known, found)
    for name, part in _parts_of(workspace):
        yield f"| CPU seconds of it: {name} | {part:.0f} |"


def _found_lines(known: Planted, found: dict[frozenset[int], float]) -> Iterator[str]:
    """Yield which planted copies were found, and which others."""
    planted = known.copies()
    sure = {pair for pair, likeness in found.items() if likeness >= SURE}
    yield f"| planted copies | {len(planted):,} |"
    yield f"| found | {len(sure & planted.keys()) / len(planted):.3f} |"
    for what in sorted(set(planted.values())):
        of_kind = {pair for pair, done in planted.items() if done == what}
        asked = sum(DOUBTFUL <= found.get(pair, 0.0) < SURE for pair in of_kind)
        share, in_doubt = len(sure & of_kind) / len(of_kind), asked / len(of_kind)
        yield f"| of {len(of_kind):,} {what}: found, doubtful | {share:.3f}, {in_doubt:.3f} |"
    others = sure - planted.keys()
    shared = Counter(map(known.num_in_common, others))
    for num, what in ((2, "the same two real clips"), (1, "one of the two"), (0, "none in common")):
        yield f"| others found, of {what}{', turned alike' * (num > 0)} | {shared[num]} |"


def _parts_of(workspace: Workspace) -> Iterator[tuple[str, float]]:
    """Yield what reading all clips and finding candidates among them takes, by themselves."""
    with reading(workspace.engine) as session:
        spent = time.process_time()
        looks = Looks.read(session)
        yield "reading fingerprints, looks and movements of them", time.process_time() - spent
        spent, rows = time.process_time(), list(looks.places)
        num = sum(1 for some in batches(rows, 500) for _ in looks.candidates(some))
        yield f"finding {num:,} candidates", time.process_time() - spent


def compare_lines(videos: Path) -> Iterator[str]:
    """Measure what a comparison costs, alone and among others."""
    one, other = (fingerprint(videos / name) for name in COPIES[3])
    for num_pairs in (1, 50):
        begun = time.process_time()
        for _ in range(50 // num_pairs):
            compare_all([(one, other, False)] * num_pairs)
        spent = (time.process_time() - begun) * 1000 / 50
        yield f"| a comparison of {num_pairs} at once, CPU milliseconds | {spent:.1f} |"


HEAD = ["| pairs | number | sure | doubtful | different |", "|---|---:|---:|---:|---:|"]
TABLE = ["| what | measured |", "|---|---:|"]
OF_DEMO = """\
A copy counts as found if nobody need be asked about it. Of those that are not, people are asked
about some, beside their originals. Taken: others that are called copies. Doubtful: all pairs that
people are asked about, which take nothing away.
"""


def real_part(options: argparse.Namespace) -> Iterator[str]:
    """Measure real clips."""
    yield from (*HEAD, *real_lines(options.data / "videos"))


def kinds_part(options: argparse.Namespace) -> Iterator[str]:
    """Measure what is done to real clips."""
    with tempfile.TemporaryDirectory() as folder:
        yield from (*HEAD, *kind_lines(options.data / "videos", Path(folder)))


def demo_part(options: argparse.Namespace) -> Iterator[str]:
    """Measure worlds of the demo."""
    yield from OF_DEMO.splitlines()
    yield ""
    yield "| seed | clips | copies | found | recall | asked about | taken | precision | doubtful |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for seed in range(options.seeds):
        yield demo_line(seed, options.drawn)


def many_part(options: argparse.Namespace) -> Iterator[str]:
    """Measure many made clips."""
    videos = options.data / "videos"
    yield "`kbuild deduplicate` on made clips of two real ones each, so that many look alike:"
    yield ""
    yield from TABLE
    with tempfile.TemporaryDirectory() as folder:
        yield from many_lines(videos, Path(folder), options.many)
    yield from compare_lines(videos)


PARTS = {
    "real": ("Real clips", real_part),
    "kinds": ("A real clip and what ffmpeg made of it", kinds_part),
    "demo": ("The demo's clips, by its truth", demo_part),
    "many": ("Many", many_part),
}


def measured_before(path: Path) -> dict[str, str]:
    """Return the parts of a file of results, by their titles."""
    text = path.read_text() if path.exists() else ""
    return dict(re.findall(r"^## ([^\n]+)\n\n(.*?)(?=\n## |\Z)", text, re.MULTILINE | re.DOTALL))


def main() -> None:
    """Measure, print the tables, write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--drawn", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/duplicates.md")
    options = parser.parse_args()
    measured = {PARTS[name][0]: "\n".join(PARTS[name][1](options)) for name in options.only}
    parts = measured_before(options.out) | measured
    lines = [
        "# Clips that show the same",
        "",
        f"{machine('cpu')}. `python -m benchmarks.duplicates`.",
        f"Sure from {SURE} on, doubtful from {DOUBTFUL} on: see `docs/duplicates.md`.",
    ]
    for title, _ in PARTS.values():
        if title in parts:
            lines += ["", f"## {title}", "", parts[title].strip()]
    options.out.write_text("\n".join(lines) + "\n")
    print(options.out.read_text())


if __name__ == "__main__":
    main()
