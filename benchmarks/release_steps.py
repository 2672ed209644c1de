"""The steps of `release.py`, one a process: by this program, and by a plain script of pandas.

    python -m benchmarks.release_steps STEP FOLDER

Prints a JSON line: seconds, CPU seconds, and the most bytes of memory.
"""

import hashlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pandas as pd

from benchmarks.family import Family
from kinetics_builder.database.engine import writing
from kinetics_builder.workspace import Workspace

KINETICS = ["label", "youtube_id", "time_start", "time_end", "split"]
CLIPS = """
SELECT curated_clip.label, video.video_id youtube_id, curated_clip.split, clip.start_seconds,
    clip.end_seconds, video.url, media.licence, media.uploader, media.sha256 video_sha256,
    media.codec video_codec, media.width video_width, media.height video_height, clip_file.file,
    clip_file.bytes, clip_file.sha256, clip_file.duration_seconds, clip_file.width,
    clip_file.height, clip_file.frames_per_second, clip_file.num_frames, clip_file.fingerprint,
    decision.num_yes, decision.num_no, decision.num_unsure, decision.num_bad, clip.id
FROM curated_clip JOIN clip ON clip.id = curated_clip.clip_id
JOIN clip_file ON clip_file.clip_id = clip.id JOIN decision ON decision.clip_id = clip.id
JOIN video ON video.id = clip.video_id JOIN media ON media.video_id = video.id
ORDER BY curated_clip.label, video.video_id, clip.start_seconds
"""
VOTES = """
SELECT vote.clip_id id, worker.name worker, vote.answer, vote.lasts_whole_clip
FROM vote JOIN worker ON worker.id = vote.worker_id
"""


def curate(folder: Path) -> None:
    """Deal all clips out to splits."""
    from pipelines.publishing.curate import curate as run

    workspace = Workspace.open(folder)
    with writing(workspace.engine) as session:
        run(session, workspace.config)


def release(folder: Path) -> None:
    """Release them."""
    from pipelines.publishing.release import release as run

    run(Workspace.open(folder), "ours")


def check(folder: Path) -> None:
    """Check the release."""
    from pipelines.publishing.checking import check_release, find_folder

    workspace = Workspace.open(folder)
    found = check_release(workspace, find_folder(workspace, "ours"))
    if found.findings:
        raise SystemExit(f"{len(found.findings)} findings, as {found.findings[0]}")


def release_by_pandas(folder: Path) -> None:
    """Write the like: rows by split, the table, the votes, the files as links, the sums."""
    out = folder / "pandas"
    (out / "clips").mkdir(parents=True)
    with closing(sqlite3.connect(folder / "kbuild.sqlite")) as database:
        clips = pd.read_sql(CLIPS, database)
        votes = pd.read_sql(VOTES, database)
    clips["time_start"] = clips.start_seconds.round().astype(int)
    clips["time_end"] = clips.end_seconds.round().astype(int)
    answers = clips[["num_yes", "num_no", "num_unsure", "num_bad"]]
    clips["agreement"] = (clips.num_yes / answers.sum(axis=1)).round(4)
    clips["uploader"] = clips.uploader.map(_pseudonym)
    for split, rows in clips.groupby("split"):
        rows[KINETICS].to_csv(out / f"{split}.csv", index=False)
        rows[KINETICS].to_json(out / f"{split}.json", orient="records")
    clips.drop(columns="id").to_parquet(out / "clips.parquet")
    manifest = [*KINETICS, "file", "bytes", "sha256", "duration_seconds", "licence"]
    clips[manifest].to_csv(out / "clips.csv", index=False)
    votes = votes.merge(clips[["id", "file", "label"]], on="id")
    votes["worker"] = votes.worker.map(_pseudonym)
    votes.drop(columns="id").sort_values(["file", "worker"]).to_csv(out / "votes.csv", index=False)
    clips[["file", "url", "licence"]].to_csv(out / "terms.csv", index=False)
    for row in clips.itertuples():
        if _sha256(folder / row.file) != row.sha256:
            raise SystemExit(f"{row.file} has changed")
        os.link(folder / row.file, out / row.file)
    sums = [f"{_sha256(file)}  {file.name}" for file in sorted(out.iterdir()) if file.is_file()]
    sums += [f"{row.sha256}  {row.file}" for row in clips.itertuples()]
    (out / "SHA256SUMS").write_text("\n".join(sums) + "\n")


def check_by_pandas(folder: Path) -> None:
    """Look for changed files, and for what two splits share."""
    out = folder / "pandas"
    clips = pd.read_parquet(out / "clips.parquet")
    for what in ("youtube_id", "uploader", "video_sha256", "sha256"):
        if (clips.groupby(what).split.nunique() > 1).any():
            print(f"two splits share a {what}", file=sys.stderr)
    for line in (out / "SHA256SUMS").read_text().splitlines():
        sha256, _, name = line.partition("  ")
        if _sha256(out / name) != sha256:
            raise SystemExit(f"{name} was changed")


def _pseudonym(name: str) -> str:
    return hashlib.blake2b(name.encode(), key=b"secret", digest_size=16).hexdigest()


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


STEPS: dict[str, Callable[[Path], None]] = {
    step.__name__: step for step in (curate, release, check, release_by_pandas, check_by_pandas)
}


def main() -> None:
    """Do one step."""
    name, folder = sys.argv[1:]
    begun, spent = time.monotonic(), time.process_time()
    with Family() as family:
        STEPS[name](Path(folder))
    seconds, cpu = time.monotonic() - begun, time.process_time() - spent
    print(json.dumps({"seconds": seconds, "cpu": cpu, "bytes": family.peak_bytes}))


if __name__ == "__main__":
    main()
