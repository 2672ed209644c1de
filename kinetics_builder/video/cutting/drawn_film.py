"""A small film of pictures that were drawn, as bytes: H.264 in MP4, which any browser plays.

Shapes, as name suffixes: T pictures, H height, W width, C = 3 colours.
"""

import io
from fractions import Fraction

import numpy as np
from av.codec.context import Flags
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from kinetics_builder.video.cutting.clip_file import X264, open_in_memory

Pictures = NDArray[np.uint8]
_OPTIONS = {"preset": "medium", "bf": "0", "threads": "1", "x264-params": X264}


def drawn_film(pictures_THWC: Pictures, frames_per_second: float, *, crf: int = 26) -> bytes:
    """Return a film of the pictures, each shown as long; equal pictures give equal bytes.

    H.264 wants even sides: of an odd one the last row or column is there twice.
    """
    num_pictures, height, width = pictures_THWC.shape[:3]
    if not num_pictures:
        raise ValueError("a film needs a picture")
    even_THWC = np.pad(
        pictures_THWC, ((0, 0), (0, height % 2), (0, width % 2), (0, 0)), mode="edge"
    )
    rate = Fraction(frames_per_second).limit_denominator(1001)
    with io.BytesIO() as file:
        with open_in_memory(file) as container:
            stream = container.add_stream(
                "libx264", rate=rate, options=_OPTIONS | {"crf": str(crf)}
            )
            assert isinstance(stream, VideoStream)
            stream.height, stream.width = even_THWC.shape[1:3]
            stream.pix_fmt = "yuv420p"
            stream.codec_context.flags |= Flags.bitexact
            for picture_HWC in even_THWC:
                frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture_HWC), format="rgb24")
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return file.getvalue()
