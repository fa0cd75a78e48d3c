"""A whole-force export as a folder: parts that are whole or not there, and its lists.

Specification: docs/specs/force-export.md.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Final
from uuid import UUID

from fairwitness.disclosure.refusing import ExportFailed
from fairwitness.formats import bundle
from fairwitness.formats.bundle import Digest

DATA: Final = "data"
README: Final = "README.txt"
FILES: Final = "files.sha256"
EXPORT: Final = "export.json"
_PART: Final = ".part"
_README_SOURCE: Final = "README-FORCE.txt"
_CHUNK: Final = 1 << 20


class ForceFolder:
    """Writes an export's folder; begun again, it keeps what is whole."""

    FILES: Final = FILES

    def __init__(self, root: Path) -> None:
        self.root = root
        self._recordings = root / DATA / "recordings"

    def begin(self, said: Mapping[str, object]) -> dict[str, object]:
        """Make the folder, or go on with it; what its `export.json` says, from the first time.

        Raises:
            ExportFailed: something else lies there, or the export of another force.
        """
        known = self.root / EXPORT
        if known.exists():
            told = _read_export(known)
            if any(told.get(name) != said[name] for name in ("force", "log")):
                raise ExportFailed(
                    f"{self.root} holds the export of another force.", code="export.other_force"
                )
            return told
        if self.root.exists() and any(each.suffix != _PART for each in self.root.iterdir()):
            raise ExportFailed(
                f"There is something at {self.root} already, and it is no export that was begun.",
                code="export.folder_exists",
            )
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._replace(known, _json(said))
        return dict(said)

    def open(self) -> None:
        """Make room for the recordings; until `close` it is not whole, and has no lists."""
        for name in (bundle.DISCLOSURE, bundle.TAG_MANIFEST, bundle.MANIFEST):
            (self.root / name).unlink(missing_ok=True)
        for each in self.root.glob(f".*{_PART}"):
            each.unlink()
        self._recordings.mkdir(parents=True, exist_ok=True)

    def place(self, recording: UUID) -> Path:
        """Where a recording's folder lies."""
        return self._recordings / recording.hex[:2] / str(recording)

    def has(self, recording: UUID) -> bool:
        """Whether a recording's folder is there, and so whole."""
        return self.place(recording).is_dir()

    def part(self, recording: UUID) -> "Part":
        """A recording's folder to be written, with nothing of an earlier try in it."""
        place = self.place(recording)
        part = place.with_name(place.name + _PART)
        _remove(part)
        part.mkdir(parents=True)
        return Part(part, place)

    def recordings(self) -> Iterator[list[UUID]]:
        """Every recording whose folder is whole, in lists of those whose ids begin alike."""
        for few in sorted(self._recordings.iterdir()):
            names = [each.name for each in few.iterdir() if not each.name.endswith(_PART)]
            yield [UUID(name) for name in sorted(names)]

    def listed(self, recording: UUID) -> dict[str, str]:
        """The digests of a recording's files as its own list says; none when there is no folder."""
        place = self.place(recording)
        return _known(place) if (place / FILES).exists() else {}

    def remove(self, recording: UUID) -> None:
        """Take a recording out again."""
        place = self.place(recording)
        part = place.with_name(place.name + _PART)
        _remove(part)
        place.rename(part)  # whole or not there, here too
        shutil.rmtree(part)

    def write(self, path: str, chunks: Iterable[bytes]) -> Digest:
        """Write a file under `data/`, in place of what an earlier try wrote."""
        target = self.root / DATA / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        return _store(target, chunks)

    def write_lines(self, path: str, lines: Iterable[bytes]) -> int:
        """As `write`, of a line each; how many there were."""
        written = 0

        def counted() -> Iterator[bytes]:
            nonlocal written
            for line in lines:
                written += 1
                yield line

        self.write(path, counted())
        return written

    def forget(self, path: str) -> None:
        """Remove a folder under `data/` that an earlier try wrote."""
        _remove(self.root / DATA / path)

    def close(self, *, source: str, identifier: str, made_on: date, training: bool) -> str:
        """Remove parts, and write the bag's lists; the SHA-256 of the tag manifest."""
        for few in self._recordings.iterdir():
            for folder in few.glob(f"*{_PART}"):
                shutil.rmtree(folder)
        size = number = 0
        with (self.root / bundle.MANIFEST).open("wb") as file:
            for path, digest in self._listed():
                file.write(f"{digest.sha256}  {path}\n".encode())
                size, number = size + digest.size, number + 1
            file.flush()
            os.fsync(file.fileno())
        info = bundle.BagInfo(source, identifier, made_on, (size, number), training)
        tags = {
            bundle.DECLARATION: bundle.DECLARATION_BYTES,
            bundle.INFO: bundle.encode_info(info),
            README: (resources.files("fairwitness.disclosure") / _README_SOURCE).read_bytes(),
        }
        for name, data in tags.items():
            self._replace(self.root / name, data)
        names = (bundle.INFO, bundle.DECLARATION, EXPORT, bundle.MANIFEST, README)
        lines = [f"{_digest(self.root / name).sha256}  {name}\n" for name in sorted(names)]
        data = "".join(lines).encode()
        self._replace(self.root / bundle.TAG_MANIFEST, data)
        return hashlib.sha256(data).hexdigest()

    def sign_off(self, envelope: bytes) -> None:
        """Write the signed statement: the last file, which no list has."""
        target = self.root / bundle.DISCLOSURE
        target.parent.mkdir(exist_ok=True)
        self._replace(target, envelope)

    def _listed(self) -> Iterator[tuple[str, Digest]]:
        """Every payload file with its digest; of recordings as each folder's own list says."""
        for folder, inner, names in os.walk(self.root / DATA):
            inner.sort()
            known = _known(Path(folder)) if FILES in names else {}
            for name in sorted(names):
                path = Path(folder) / name
                digest = known.get(name) or _digest(path).sha256
                yield str(path.relative_to(self.root)), Digest(path.stat().st_size, digest)

    def _replace(self, target: Path, data: bytes) -> None:
        """Write a file whole or not at all, in place of what is there."""
        made = target.with_name(f".{target.name}{_PART}")
        made.unlink(missing_ok=True)
        _store(made, [data])
        made.rename(target)
        _sync_folder(target.parent)


class Part:
    """One recording's folder while it is written."""

    def __init__(self, part: Path, place: Path) -> None:
        self._part, self._place = part, place
        self._digests: dict[str, str] = {}

    def write(self, name: str, chunks: Iterable[bytes]) -> Digest:
        """Write one file, synced."""
        digest = _store(self._part / name, chunks)
        self._digests[name] = digest.sha256
        return digest

    def finish(self) -> None:
        """Write the list, and give the folder its name: from now on it is whole."""
        lines = (f"{digest}  {name}\n" for name, digest in sorted(self._digests.items()))
        _store(self._part / FILES, ["".join(lines).encode()])
        _sync_folder(self._part)
        self._part.rename(self._place)
        _sync_folder(self._place.parent)

    def drop(self) -> None:
        """Leave nothing of it."""
        shutil.rmtree(self._part)


def _read_export(path: Path) -> dict[str, object]:
    try:
        return dict(json.loads(path.read_bytes()))
    except (ValueError, TypeError) as error:
        raise ExportFailed(f"{path} can't be read.", code="export.folder_exists") from error


def _known(folder: Path) -> dict[str, str]:
    lines = (folder / FILES).read_text().splitlines()
    return {name: digest for digest, _, name in (each.partition("  ") for each in lines)}


def _store(target: Path, chunks: Iterable[bytes]) -> Digest:
    hasher, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        for chunk in chunks:
            hasher.update(chunk)
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Digest(size, hasher.hexdigest())


def _digest(path: Path) -> Digest:
    hasher, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            hasher.update(chunk)
            size += len(chunk)
    return Digest(size, hasher.hexdigest())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n"


def _remove(folder: Path) -> None:
    """Remove a folder that may not be there; what can't be removed must not stay unsaid."""
    if folder.exists():
        shutil.rmtree(folder)
