"""One way of `benchmarks/loader.py`, in a process of its own: squares of a clip's frames, uint8.

    python benchmarks/loader_steps.py WAY < PLAN

PLAN is JSON: a list of samples (file, times, square), how large the squares become, where to put
what was made, and how often all samples are gone through. Prints the seconds of CPU of each pass;
before the first, a sample is taken that does not count.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

Sample = dict[str, Any]
Way = Callable[[Sample, int], np.ndarray[Any, Any]]


def kbuild() -> Way:
    """Return the loader of the build that is imported; an older one decodes whole frames."""
    from models.clips.transforms import Cut

    def of(sample: Sample) -> Cut:
        return Cut(**sample["square"], is_mirrored=sample["is_mirrored"])

    def whole(sample: Sample, size: int) -> np.ndarray[Any, Any]:
        frames = decode_at(Path(sample["file"]), np.array(sample["times"]), sample["short_side"])
        return of(sample).of(frames, size).numpy()

    def square(sample: Sample, size: int) -> np.ndarray[Any, Any]:
        times = np.array(sample["times"])
        return decode_cut(Path(sample["file"]), times, size, lambda height, width: of(sample))

    try:
        from models.clips.cropping import decode_cut
    except ImportError:
        from models.clips.decode import decode_at

        return whole
    return square


def torchcodec(**options: Any) -> Way:
    """Return torchcodec's decoder, one thread, frames as they lie in memory."""
    from torchcodec.decoders import VideoDecoder

    def load(sample: Sample, size: int) -> np.ndarray[Any, Any]:
        decoder = VideoDecoder(
            sample["file"], dimension_order="NHWC", num_ffmpeg_threads=1, **options
        )
        return _cut(decoder.get_frames_played_at(sample["times"]).data, sample, size)

    return load


def decord2() -> Way:
    """Return decord2's reader, one thread; its own times of frames say which are shown."""
    import decord

    def load(sample: Sample, size: int) -> np.ndarray[Any, Any]:
        reader = decord.VideoReader(sample["file"], num_threads=1)
        begins = reader.get_frame_timestamp(range(len(reader)))[:, 0]
        places = np.searchsorted(begins, np.add(sample["times"], 1e-3), "right") - 1
        return _cut(torch.from_numpy(reader.get_batch(places).asnumpy()), sample, size)

    return load


def pyav() -> Way:
    """Return a loop over PyAV's frames from the key frame before, each wanted one made RGB."""
    import av

    def load(sample: Sample, size: int) -> np.ndarray[Any, Any]:
        frames, times = [], sample["times"]
        with av.open(sample["file"]) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            container.seek(int(times[0] / stream.time_base), stream=stream)
            last = None
            for frame in container.decode(stream):
                while last is not None and times[len(frames)] < frame.time - 1e-3:
                    frames.append(last.to_ndarray(format="rgb24"))
                    if len(frames) == len(times):
                        break
                if len(frames) == len(times):
                    break
                last = frame
        frames += [last.to_ndarray(format="rgb24")] * (len(times) - len(frames))
        return _cut(torch.from_numpy(np.stack(frames)), sample, size)

    return load


def _cut(frames_THWC: torch.Tensor, sample: Sample, size: int) -> np.ndarray[Any, Any]:
    """Cut, scale and mirror as torchvision does it with uint8."""
    top, left, side = (sample["square"][name] for name in ("top", "left", "side"))
    square = frames_THWC[:, top : top + side, left : left + side]
    if sample["is_mirrored"]:
        square = square.flip(2)
    if side != size:
        planes = square.permute(0, 3, 1, 2)
        small = F.interpolate(planes, size=(size, size), mode="bilinear", antialias=True)
        square = small.permute(0, 2, 3, 1)
    return square.contiguous().numpy()


WAYS: dict[str, Callable[[], Way]] = {
    "kbuild": kbuild,
    "torchcodec": torchcodec,
    "torchcodec-approximate": partial(torchcodec, seek_mode="approximate"),
    "decord2": decord2,
    "pyav": pyav,
}


def main() -> None:
    """Go through the samples, and print what it took."""
    plan = json.load(sys.stdin)
    torch.set_num_threads(1)
    load, size = WAYS[sys.argv[1]](), plan["size"]
    load(plan["samples"][0], size)
    if plan["target"]:
        np.save(plan["target"], np.stack([load(one, size) for one in plan["samples"][:4]]))
    passes = []
    for _ in range(plan["passes"]):
        begun = time.process_time()
        for sample in plan["samples"]:
            load(sample, size)
        passes.append(time.process_time() - begun)
    print(json.dumps(passes))


if __name__ == "__main__":
    main()
