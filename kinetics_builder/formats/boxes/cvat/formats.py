"""CVAT: the annotation tool most teams draw boxes with."""

from kinetics_builder.formats.boxes.cvat.images import NAME as IMAGES
from kinetics_builder.formats.boxes.cvat.images import read_images, write_images
from kinetics_builder.formats.boxes.cvat.video_reading import read_videos
from kinetics_builder.formats.boxes.cvat.video_writing import NAME as VIDEOS
from kinetics_builder.formats.boxes.cvat.video_writing import write_videos
from kinetics_builder.formats.format import Format
from kinetics_builder.formats.records import Kind

_SOURCE = "docs.cvat.ai, XML annotation format 1.1; cvat/apps/dataset_manager/formats/cvat.py"

FORMATS = (
    Format(
        name=VIDEOS,
        kind=Kind.BOXES,
        what="CVAT for video 1.1: annotations.xml of a task or project, or a folder of such files",
        source=_SOURCE,
        traps=(
            "Boxes are in pixels and times are frame numbers, and the file does not say the "
            "frame rate. Boxes between key frames are CVAT's own interpolation and are not read; "
            "CVAT itself writes 0.01 pixel and drops attributes its task does not declare "
            "(paste labels.json into the task's label editor first)."
        ),
        read=read_videos,
        write=write_videos,
        is_folder=True,
    ),
    Format(
        name=IMAGES,
        kind=Kind.BOXES,
        what="CVAT for images 1.1: annotations.xml of a task on the key frames of videos",
        source=_SOURCE,
        traps=(
            "CVAT finds an image by its name, so frames must be uploaded as "
            "VIDEO/VIDEO_NUMBER.jpg, counted from 1; the images of a task that was made of a "
            "video are frame_000030, counted from 0, and the video stands in <source>. The "
            "frame rate is not in the file. Without "
            "tracks, who a box is stands in its attribute person_id alone."
        ),
        read=read_images,
        write=write_images,
    ),
)
