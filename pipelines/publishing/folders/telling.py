"""What is wrong with a release, told by its own README and description, too."""

import json
import os
import shutil
from pathlib import Path

from kinetics_builder.files import file_sha256
from kinetics_builder.formats.croissant.description import CROISSANT
from kinetics_builder.workspace import Workspace
from pipelines.publishing.folders.errata import faults_told
from pipelines.publishing.folders.folder import SUMS, listed_files
from pipelines.publishing.folders.handing_over import SIGNATURE, Wanted, sign_folder
from pipelines.publishing.folders.markdown import escaped
from pipelines.publishing.folders.replacing import replacing

README = "README.md"
_HEADING = "\n## Errata\n"


def tell_errata(workspace: Workspace, folder: Path, key: Path | None = None) -> None:
    """Put a release that tells of its errata in the place of one that does not.

    Its README and its Croissant description are written anew, and its checksums; all else is
    linked. It is signed by `key`; without one its signature goes, for it was of other checksums.

    Raises:
        ConfigError: The key signs nothing.
        WorkspaceError: The release is not as it was made, or another run is writing.

    """
    Wanted(key=key).check()
    lines = faults_told(folder)
    with replacing(workspace, folder) as built:
        shutil.copytree(
            folder,
            built,
            copy_function=os.link,
            ignore=lambda _, names: {SUMS, SIGNATURE, README, CROISSANT} & {*names},
            dirs_exist_ok=True,
        )
        said = (folder / README).read_text("utf-8").partition(_HEADING)[0]
        told = "".join(f"- {escaped(line)}\n" for line in lines)
        (built / README).write_text(f"{said}{_HEADING}\n{told}", "utf-8")
        description = json.loads((folder / CROISSANT).read_text("utf-8"))
        for one in description["distribution"]:
            if one["@id"] == README:
                one["sha256"] = file_sha256(built / README)
                one["contentSize"] = f"{(built / README).stat().st_size} B"
        text = json.dumps(description | {"correction": lines}, indent=1, ensure_ascii=False)
        (built / CROISSANT).write_text(f"{text}\n", "utf-8")
        sums = listed_files(folder)
        sums |= {name: file_sha256(built / name) for name in (README, CROISSANT) if name in sums}
        listed = "".join(f"{sha256}  {name}\n" for name, sha256 in sums.items())
        (built / SUMS).write_text(listed, "utf-8")
        sign_folder(built, key)
