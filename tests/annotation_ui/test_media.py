"""The bytes of clips: whole, in ranges, only to those who are asked about them."""

import pytest
import requests

from annotation_ui.files import inside
from annotation_ui.server import serving


def test_ranges_of_a_clip_are_served_as_the_standard_says(world, clip_bytes) -> None:
    with serving(world.workspace) as address, requests.Session() as http:
        person = world.client()
        page = http.get(f"{address}/login").text
        token = page.split('name="csrf-token" content="')[1].split('"')[0]
        form = {"name": person.name, "code": person.code, "csrf_token": token}
        http.post(f"{address}/login", data=form)
        clip = http.get(f"{address}/task.json").json()["next"]["clip"]
        url = f"{address}/clips/{clip}.mp4"

        whole = http.get(url)
        assert (whole.status_code, whole.content) == (200, clip_bytes)
        assert whole.headers["Content-Type"] == "video/mp4"
        assert whole.headers["Accept-Ranges"] == "bytes"
        assert "private" in whole.headers["Cache-Control"]

        middle = http.get(url, headers={"Range": "bytes=10-19"})
        assert (middle.status_code, middle.content) == (206, clip_bytes[10:20])
        assert middle.headers["Content-Range"] == f"bytes 10-19/{len(clip_bytes)}"
        last = http.get(url, headers={"Range": "bytes=-5"})
        assert (last.status_code, last.content) == (206, clip_bytes[-5:])
        beyond = http.get(url, headers={"Range": f"bytes={len(clip_bytes)}-"})
        assert beyond.status_code == 416
        assert beyond.headers["Content-Range"] == f"bytes */{len(clip_bytes)}"

        known = http.get(url, headers={"If-None-Match": whole.headers["ETag"]})
        assert (known.status_code, known.content) == (304, b"")
        changed = {"Range": "bytes=10-19", "If-Range": '"another"'}
        assert http.get(url, headers=changed).status_code == 200


@pytest.mark.parametrize(
    "file", ["../secret.mp4", "clips/../../secret.mp4", "clips/link.mp4", "clips", "clips/none.mp4"]
)
def test_a_path_that_leaves_the_workspace_is_not_served(tmp_path, file) -> None:
    root = tmp_path / "workspace"
    (root / "clips").mkdir(parents=True)
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    (root / "clips" / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    assert inside(root, file) is None


def test_an_absolute_path_elsewhere_is_not_served(tmp_path) -> None:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    assert inside(tmp_path / "workspace", str(tmp_path / "secret.mp4")) is None
