"""Flow of clips in a bucket, kept in a bucket: what a folder of this machine gets."""

import shutil
from dataclasses import replace
from pathlib import Path

import fsspec
import numpy as np
import pytest

from kinetics_builder.errors import WorkspaceError
from kinetics_builder.video.flow.folder import FlowFolder
from models.clips.flow import FlowFrames, read_flow
from models.clips.flow_places import flow_place
from models.clips.release import read_release
from models.spec import Sampling
from tests.journeys.conftest import WithoutRights
from tests.pipelines.flow.conftest import SMALL, computed, make_release

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.xdist_group("bucket")]

SAMPLING = Sampling(num_frames=2, step_seconds=0.5, crop_size=32, short_side=32, modality="flow")


def test_flow_comes_from_a_bucket_and_goes_into_one(
    tmp_path: Path,
    bucket: str,
    keys: dict[str, str],
    without_rights: WithoutRights,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["secret"])
    monkeypatch.setenv("AWS_ENDPOINT_URL", keys["endpoint_url"])
    monkeypatch.setattr("pipelines.flow.storing.own_temporary_folder", lambda: tmp_path / "own")
    here = make_release(tmp_path / "release")
    computed(here)
    files = fsspec.filesystem("s3", **keys)
    for clip in (here / "clips").iterdir():
        files.pipe_file(f"{bucket}/v1/clips/{clip.name}", clip.read_bytes())
    no_clips = shutil.ignore_patterns("clips", "flow")
    lists = shutil.copytree(here, tmp_path / "lists", ignore=no_clips)
    to = f"s3://{bucket}/v1-flow"
    asked = replace(SMALL, clips=f"s3://{bucket}/v1", to=to)
    with without_rights(), pytest.raises(WorkspaceError, match="it does not let us"):
        computed(lists, asked)
    assert (computed(lists, asked).num_new, computed(lists, asked).num_new) == (2, 0)
    names = [name.partition("/v1-flow/")[2] for name in files.find(f"{bucket}/v1-flow")]
    assert names == ["clips/a.mp4.arrow", "clips/b.mp4.arrow", "flow.csv", "flow.json"]
    for name in names:
        stored = files.cat_file(f"{bucket}/v1-flow/{name}")
        assert stored == (FlowFolder.of(here).root / name).read_bytes()
    data = read_release(lists)
    source = FlowFrames(read_flow(data, SAMPLING, flow_place(lists, to, tmp_path / "copies")), 32)
    assert source.frames(data.rows[0], np.array([0.0])).shape == (1, 32, 40, 2)
