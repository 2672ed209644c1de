"""A plain script of pandas that releases as `kbuild release` does, and checks it.

It writes every list and table of the folder, the clips' links and the checksums: of CSV and JSON
byte by byte the same (`release.py` compares them), of `clips.parquet` the same rows in groups of
pandas' own. It writes `README.md`, `datasheet.md` and `croissant.json` not at all, for these are a
page whatever the number of clips; it keeps no mark of each line, survives no kill, and knows no
edits, cuts, faces, takedowns, held-out clips, or clips that whole seconds cannot tell apart, of
which the workspace of `release_workspace.py` has none. Everything is in memory.
"""

import hashlib
import hmac
import json
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.methods import method_named
from kinetics_builder.crowd.truth.options import Options
from kinetics_builder.text.licences import licence_kind
from kinetics_builder.text.masking import masked

KINETICS = ["label", "youtube_id", "time_start", "time_end", "split"]
MANIFEST = [
    *KINETICS,
    *("file", "bytes", "sha256", "duration_seconds", "width", "height"),
    *("frames_per_second", "num_frames", "whole_clip", "licence"),
]
TABLE = [
    *("label", "youtube_id", "url", "time_start", "time_end", "start_seconds", "end_seconds"),
    *("split", "file", "bytes", "sha256", "duration_seconds", "width", "height"),
    *("frames_per_second", "num_frames", "posterior", "num_yes", "num_no", "num_unsure"),
    *("num_bad", "agreement", "is_ruled", "whole_clip", "licence", "licence_kind", "uploader"),
    *("group", "video_sha256", "video_codec", "video_width", "video_height"),
    *("video_frames_per_second", "has_audio", "fingerprint", "language", "country"),
]
ANSWERS = ["num_yes", "num_no", "num_unsure", "num_bad"]
CLIPS = """
SELECT curated_clip.label, video.video_id youtube_id, curated_clip.split, clip.start_seconds,
    clip.end_seconds, video.url, media.licence, video.site, media.uploader,
    media.sha256 video_sha256, media.codec video_codec, media.width video_width,
    media.height video_height, media.frames_per_second video_frames_per_second, media.has_audio,
    media.language, media.country,
    clip_file.file source, clip_file.bytes, clip_file.sha256, clip_file.duration_seconds,
    clip_file.width, clip_file.height, clip_file.frames_per_second, clip_file.num_frames,
    clip_file.fingerprint, decision.num_yes, decision.num_no, decision.num_unsure,
    decision.num_bad, decision.lasts_whole_clip whole_clip, decision.is_ruled, clip.id
FROM curated_clip JOIN clip ON clip.id = curated_clip.clip_id
JOIN clip_file ON clip_file.clip_id = clip.id JOIN decision ON decision.clip_id = clip.id
JOIN video ON video.id = clip.video_id JOIN media ON media.video_id = video.id
"""
VOTES = """
SELECT vote.clip_id id, vote.worker_id, worker.name worker, vote.revision, vote.answer,
    vote.lasts_whole_clip whole_clip, vote.better_name
FROM vote JOIN worker ON worker.id = vote.worker_id
JOIN clip ON clip.id = vote.clip_id AND clip.label_id = vote.label_id
"""


def release_by_pandas(folder: Path) -> None:
    """Write a release to the folder `pandas` of a workspace."""
    out = folder / "pandas"
    (out / "clips").mkdir(parents=True)
    with closing(sqlite3.connect(folder / "kbuild.sqlite")) as database:
        clips = pd.read_sql(CLIPS, database)
        votes = pd.read_sql(VOTES, database)
        keys = pd.read_sql("SELECT key, value FROM setting", database).set_index("key").value
    key = keys["pseudonym_key"]
    clips = _known(clips, votes, key)
    for split in ("train", "validate", "test"):
        _write_split(clips[clips.split == split], out / split)
    clips[MANIFEST].to_csv(out / "clips.csv", index=False)
    clips[TABLE].to_parquet(out / "clips.parquet", index=False)
    _write_terms(clips, out)
    _write_votes(clips, votes, key, out)
    _write_sums(clips, out)
    for row in clips.itertuples():
        if _sha256(folder / row.source) != row.sha256:
            raise SystemExit(f"{row.source} has changed")
        os.link(folder / row.source, out / row.file)
    sums = [f"{_sha256(file)}  {file.name}" for file in sorted(out.iterdir()) if file.is_file()]
    sums += [f"{row.sha256}  {row.file}" for row in clips.itertuples()]
    (out / "SHA256SUMS").write_text("\n".join(sums) + "\n")


def _known(clips: pd.DataFrame, votes: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the clips in their order with what follows from the rows."""
    clips["time_start"] = np.floor(clips.start_seconds).astype(int)
    clips["time_end"] = np.ceil(clips.end_seconds).astype(int)
    clips = clips.sort_values([*KINETICS, "source"]).reset_index(drop=True)
    start, end = (clips[name].astype(str).str.zfill(6) for name in ("time_start", "time_end"))
    clips["file"] = "clips/" + clips.youtube_id + "_" + start + "_" + end + ".mp4"
    for name in ("whole_clip", "is_ruled", "has_audio"):
        clips[name] = clips[name].astype(bool)
    for name in ("licence", "language", "country"):
        clips[name] = clips[name].fillna("")
    clips["licence_kind"] = clips.licence.map(lambda text: licence_kind(text) or "")
    clips["url"] = clips.url.map(masked)
    clips["agreement"] = (clips.num_yes / clips[ANSWERS].sum(axis=1)).round(4)
    clips["posterior"] = clips.id.map(_posteriors(votes)).round(4)
    maker = clips.site + "\n" + clips.uploader.str.casefold()
    group = clips.groupby(maker).youtube_id.transform("min").fillna(clips.youtube_id)
    clips["group"] = group.map(lambda name: _pseudonym(key, f"group\n{name}"))
    clips["uploader"] = maker.map(lambda name: _pseudonym(key, f"uploader\n{name}"))
    return clips


def _posteriors(votes: pd.DataFrame) -> dict[int, float]:
    rows = zip(votes.id.astype(str), votes.worker_id.astype(str), votes.answer, strict=True)
    answers = Answers.of(rows)
    found = method_named("one-coin")(answers, Options()).posterior_QL
    yes = found[:, answers.labels.index("yes")]
    return dict(zip(map(int, answers.questions), yes, strict=True))


def _write_split(clips: pd.DataFrame, path: Path) -> None:
    clips[KINETICS].to_csv(path.with_suffix(".csv"), index=False)
    entries = {
        row.youtube_id: {
            "annotations": {
                "label": row.label,
                "segment": [float(row.time_start), float(row.time_end)],
            },
            "duration": float(row.time_end - row.time_start),
            "subset": row.split,
            "url": row.url,
        }
        for row in clips[::-1].itertuples()
    }
    lines = [
        f"{json.dumps(video)}: {json.dumps(entry, ensure_ascii=False)}"
        for video, entry in reversed(entries.items())
    ]
    path.with_suffix(".json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def _write_terms(clips: pd.DataFrame, out: Path) -> None:
    terms = clips[["file", "url", "licence", "licence_kind"]]
    terms = terms.rename(columns={"licence_kind": "kind"})
    is_by = terms.kind.str.startswith("cc-by")
    is_free = terms.kind.isin(["cc0", "public-domain"])
    terms["attribution"] = np.select([is_free, is_by], ["no", "yes"], "")
    for name, part in (("commercial", "-nc"), ("derivatives", "-nd")):
        has_part = is_by & terms.kind.str.contains(part)
        terms[name] = np.select([has_part, is_free | is_by], ["no", "yes"], "")
    has_part = is_by & terms.kind.str.contains("-sa")
    terms["share_alike"] = np.select([has_part, is_free | is_by], ["yes", "no"], "")
    terms.to_csv(out / "terms.csv", index=False)


def _write_votes(clips: pd.DataFrame, votes: pd.DataFrame, key: str, out: Path) -> None:
    votes = votes.merge(clips[["id", "file", "label"]].reset_index(names="place"), on="id")
    votes["worker"] = votes.worker.map(lambda name: _pseudonym(key, f"worker\n{name}"))
    votes["whole_clip"] = votes.whole_clip.map({0: "False", 1: "True"}).fillna("")
    votes["better_name"] = votes.better_name.fillna("")
    said = ["worker", "revision", "answer", "whole_clip", "better_name"]
    votes = votes.sort_values(["place", *said])
    votes[["file", "label", *said]].to_csv(out / "votes.csv", index=False)


def _write_sums(clips: pd.DataFrame, out: Path) -> None:
    """Write what is told of classes and splits."""
    classes = sorted(clips.label.unique())
    (out / "classes.txt").write_text("".join(f"{label}\n" for label in classes))
    counts = clips.groupby(["label", "split"]).size().unstack(fill_value=0)
    kinds = clips.licence_kind.replace("", "not stated").value_counts().sort_index()
    found = {
        "num_clips": len(clips),
        "num_classes": len(classes),
        "num_videos": clips.youtube_id.nunique(),
        "num_uploaders": clips.uploader.nunique(),
        "num_groups": clips.group.nunique(),
        "largest_group": int(clips.group.value_counts().max()),
        "bytes": int(clips.bytes.sum()),
        "hours": (clips.groupby("split").duration_seconds.sum() / 3600).round(4).to_dict(),
        "licences": kinds.to_dict(),
        "answers": {name: int(clips[name].sum()) for name in ANSWERS},
        "classes": counts.to_dict("index"),
    }
    (out / "statistics.json").write_text(json.dumps(found, indent=1) + "\n")
    named = [{"name": label, "id": None, "description": None, "groups": []} for label in classes]
    (out / "taxonomy.json").write_text(json.dumps({"classes": named}, indent=1) + "\n")
    (out / "edits.csv").write_text("number,edit\n")


def check_by_pandas(folder: Path) -> None:
    """Look through such a release for what `kbuild releases check` looks for."""
    out = folder / "pandas"
    findings = _changed(out)
    table = pd.read_parquet(out / "clips.parquet", columns=[*MANIFEST, "uploader", "group"])
    clips = pd.read_csv(out / "clips.csv", keep_default_na=False)
    findings += [name for name in MANIFEST if not (clips[name] == table[name]).all()]
    for name in ("youtube_id", "sha256", "uploader", "group"):
        if (table.groupby(name).split.nunique() > 1).any():
            findings.append(f"two splits share a {name}")
    for split in ("train", "validate", "test"):
        rows = pd.read_csv(out / f"{split}.csv", keep_default_na=False)
        both = rows.merge(clips[clips.split == split], on=KINETICS, how="outer", indicator=True)
        if (both._merge != "both").any():
            findings.append(f"{split}.csv is not as clips.csv")
    with closing(sqlite3.connect(folder / "kbuild.sqlite")) as database:
        media = pd.read_sql("SELECT video_id id, sha256 FROM media", database)
        videos = pd.read_sql("SELECT id, video_id youtube_id FROM video", database)
    files = media.merge(videos, on="id").merge(clips[["youtube_id", "split"]], on="youtube_id")
    if (files.groupby("sha256").split.nunique() > 1).any():
        findings.append("two splits share a video's file")
    if findings:
        print(findings, file=sys.stderr)
        raise SystemExit(f"{len(findings)} findings")


def _changed(out: Path) -> list[str]:
    findings = []
    listed = set()
    for line in (out / "SHA256SUMS").read_text().splitlines():
        sha256, _, name = line.partition("  ")
        listed.add(name)
        if _sha256(out / name) != sha256:
            findings.append(f"{name} was changed")
    there = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    return findings + sorted(there - listed - {"SHA256SUMS"})


def _pseudonym(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), "sha256").hexdigest()[:20]


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
