"""The copy that anyone may download, check, spoil, and check again.

It is a real bundle of a training recording, made by the code that makes copies for court. It lies
in a folder of its own beside the list of keys that it is checked with; both are of training.
"""

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fairwitness.custody import durable
from fairwitness.errors import FairwitnessError

BUNDLE: Final = "fairwitness-sample.zip"
TRUST: Final = "sample-trust.json"
FOLDER: Final = "fairwitness-sample"
NAMES: Final = {BUNDLE: "application/zip", TRUST: "application/json"}
_MASTERS: Final = "data/masters/"


class SampleInvalid(FairwitnessError):
    """A folder that is no bundle with a master in it."""

    code = "sample.invalid"


@dataclass(frozen=True, slots=True)
class Sample:
    """What there is to download.

    Attributes:
        size: of the zip, in bytes.
        master: the master's path in the unpacked folder.
        middle: the place of the byte in the middle of the master.
        spoiled: another byte than the one that is there, as three octal digits.
    """

    size: int
    master: str
    middle: int
    spoiled: str


def keep(*, bundle: Path, trust: Path, folder: Path) -> Sample:
    """Zip a bundle and lay it down with its list of keys, in place of what is there.

    Raises:
        SampleInvalid: it has no master.
    """
    if not any((bundle / _MASTERS).glob("*")):
        raise SampleInvalid(f"{bundle} is no copy for court with a master in it.")
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{BUNDLE}.new"
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_STORED) as packed:
        for path in sorted(bundle.rglob("*")):
            if path.is_file():
                packed.write(path, f"{FOLDER}/{path.relative_to(bundle)}")
    shutil.copyfile(trust, folder / TRUST)
    fresh.replace(folder / BUNDLE)
    durable.sync_folders({folder})
    found = read(folder)
    if found is None:
        raise SampleInvalid(f"{bundle} is no copy for court.")
    return found


def read(folder: Path) -> Sample | None:
    """What lies in the folder; None when nothing does."""
    path = folder / BUNDLE
    if not (path.is_file() and (folder / TRUST).is_file()):
        return None
    with zipfile.ZipFile(path) as packed:
        for each in packed.infolist():
            if each.filename.startswith(f"{FOLDER}/{_MASTERS}"):
                middle = each.file_size // 2
                with packed.open(each) as master:
                    master.seek(middle)
                    spoiled = f"{master.read(1)[0] ^ 1:03o}"
                return Sample(path.stat().st_size, each.filename, middle, spoiled)
    return None
