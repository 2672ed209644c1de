"""The clips of a release once more, as WebDataset's shards, where somebody asks for them."""

from pathlib import Path

from kinetics_builder.files import file_sha256
from kinetics_builder.formats.clips.kbuild.manifest import read_clips
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.training.webdataset.writing import write_webdataset
from pipelines.publishing.folders.folder import SUMS

SHARDS = "shards"


def add_shards(built: Path, number: int) -> int:
    """Write the clips that lie in a folder as shards, and add these to its checksums.

    Equal clips give equal bytes.

    Args:
        built: The folder, with its lists, its clips and their checksums.
        number: Of shards that each split is dealt out to, at most.

    Returns:
        How many tar files there are.

    """
    manifest, folder = built / MANIFEST, built / SHARDS
    clips = read_clips(manifest, Options(), Problems(manifest))
    write_webdataset(folder, clips, Options(media=built, num_shards=number), Problems(folder))
    with (built / SUMS).open("a", encoding="utf-8") as sums:
        sums.writelines(
            f"{file_sha256(path)}  {SHARDS}/{path.name}\n" for path in sorted(folder.iterdir())
        )
    return count_shards(built)


def count_shards(release: Path) -> int:
    """Return how many tar files of clips a release has."""
    return sum(1 for _ in (release / SHARDS).glob("*.tar"))


def shards_of_a_split(release: Path) -> int:
    """Return how many shards the split has that has most; 0 of a release without any."""
    names = [path.name.partition("-")[0] for path in (release / SHARDS).glob("*.tar")]
    return max(map(names.count, set(names)), default=0)
