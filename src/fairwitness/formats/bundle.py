"""The court bundle: a BagIt 1.0 bag whose list of files the force has signed.

This module knows names and lists: which paths a bundle may have, and how its lists are written and
strictly read; `bundle_folder` reaches the files. What the files say is checked by `verifier`. The
chain that covers every byte is short:

    proofs/disclosure.dsse.json   signs the SHA-256 of
    tagmanifest-sha256.txt        which lists every file but the payload, and
    manifest-sha256.txt           (itself listed there) which lists the payload: the masters.

The disclosure statement is the one file in no list, since it signs the list.

`BagWriter` keeps digests only, so that a bundle can be streamed to whoever asked for it without
ever lying on a disk in the clear.

Specification: docs/specs/bundle.md.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from fairwitness.formats.errors import FormatError

DECLARATION: Final = "bagit.txt"
INFO: Final = "bag-info.txt"
MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
PAGE: Final = "index.html"
TRUST: Final = "proofs/trust.json"
README: Final = "proofs/README-VERIFY.txt"
DISCLOSURE: Final = "proofs/disclosure.dsse.json"
MASTERS: Final = "data/masters/"

FACTS_FILE: Final = "exhibit.json"
RECORDING_FILE: Final = "recording.dsse.json"
DOCKING_FILE: Final = "docking.dsse.json"
RECEIPT_FILE: Final = "receipt.json"
CUSTODY_FILE: Final = "custody.jsonl"
DERIVATIVE_FILE: Final = "derivative.dsse.json"

DECLARATION_BYTES: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
DROPPINGS: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
MAX_FILES: Final = 20_000
MAX_LIST_BYTES: Final = 8 * 1024 * 1024
MAX_INFO_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 6
_SEGMENT: Final = re.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_LINE: Final = re.compile("([0-9a-f]{64})  ([A-Za-z0-9._/-]{1,400})")
_INFO_LINE: Final = re.compile("([A-Za-z][A-Za-z-]{0,60}): ([^\\x00-\\x1f\\x7f]{1,500})")
_OXUM: Final = re.compile("(0|[1-9][0-9]{0,18})\\.(0|[1-9][0-9]{0,8})")
_EXHIBIT: Final = re.compile("[0-9A-Za-z]{1,12}(?:/[0-9A-Za-z]{1,12}){0,2}")
_DEVICE_NAME: Final = re.compile("(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\..*)?", re.IGNORECASE)


class BundleInvalid(FormatError):
    """A bundle, one of its lists or one of its names breaks its specification."""

    code = "format.bundle"


@dataclass(frozen=True, slots=True)
class Digest:
    """What a file is: its size in bytes and its SHA-256 in lower-case hex."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class BagInfo:
    """What `bag-info.txt` says.

    Attributes:
        source: the force that made the bundle.
        identifier: the disclosure's id.
        made_on: the day it was made (UTC).
        payload: size in bytes and number of all masters.
        training: whether everything in it is made up.
    """

    source: str
    identifier: str
    made_on: date
    payload: tuple[int, int]
    training: bool = False


def exhibit_name(reference: str) -> str:
    """The file name of an exhibit reference: `ABC/1` is `ABC-1`, its part 2 `ABC/1/2` is `ABC-1-2`.

    Raises:
        BundleInvalid: if the reference is not one to three short groups of letters and digits.
    """
    if _EXHIBIT.fullmatch(reference) is None:
        raise BundleInvalid(f"{reference!r} is not an exhibit reference such as ABC/1.")
    return reference.replace("/", "-")


def working_copy_path(reference: str) -> str:
    """Where the working copy of an exhibit lies."""
    return f"{exhibit_name(reference)}.mp4"


def summary_path(reference: str) -> str:
    """Where the two pages about an exhibit lie."""
    return f"{exhibit_name(reference)}.pdf"


def proof_path(reference: str, file: str) -> str:
    """Where one of an exhibit's proofs lies, `proofs/ABC-1/receipt.json`."""
    return f"proofs/{exhibit_name(reference)}/{file}"


def master_path(recording: str) -> str:
    """Where the master of a recording lies, by the recording's reference (`00417-2193`).

    Raises:
        BundleInvalid: if the reference can't be a file name.
    """
    return demand_path(f"{MASTERS}{recording.replace('/', '-')}.mp4")


def demand_path(path: str) -> str:
    """Hand back a path that a bundle may have.

    A path is relative, of ASCII letters, digits, `.`, `_` and `-` between slashes. No part of it
    begins with a dot or a dash, ends in a dot, or is a name that Windows keeps for devices.

    Raises:
        BundleInvalid: if it is any other.
    """
    parts = path.split("/")
    if len(parts) > MAX_DEPTH or not all(is_name(part) for part in parts):
        raise BundleInvalid(f"{path!r} is not a path that a bundle may have.")
    return path


def is_name(part: str) -> bool:
    """Whether one part of a path may stand in a bundle."""
    return (
        _SEGMENT.fullmatch(part) is not None
        and not part.endswith(".")
        and _DEVICE_NAME.fullmatch(part) is None
        and part not in DROPPINGS
    )


def encode_manifest(digests: Mapping[str, str]) -> bytes:
    """Write a manifest: one line a file, `digest`, two spaces, path, in the order of the paths.

    `sha256sum -c` reads the result as it is.

    Raises:
        BundleInvalid: if a path or a digest can't stand in one, or two paths differ in case only.
    """
    lines = [f"{digests[path]}  {path}\n" for path in sorted(digests)]
    data = "".join(lines).encode()
    if parse_manifest(data) != digests:
        raise BundleInvalid("This list can't be written.")
    return data


def parse_manifest(data: bytes) -> dict[str, str]:
    """Read a manifest into digests by path, in its order.

    Raises:
        BundleInvalid: unless it is exactly what `encode_manifest` writes.
    """
    if len(data) > MAX_LIST_BYTES:
        raise BundleInvalid("The list of files is larger than any that we accept.")
    try:
        lines = data.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise BundleInvalid(
            "The list of files has characters that no bundle's path has."
        ) from error
    if lines.pop():
        raise BundleInvalid("The list of files does not end in a newline.")
    digests: dict[str, str] = {}
    folded: set[str] = set()
    previous = ""
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            raise BundleInvalid("A line in the list of files is malformed.")
        path = demand_path(match[2])
        if path <= previous or path.lower() in folded:
            raise BundleInvalid(f"The list of files is out of order or doubled at {path}.")
        digests[path] = match[1]
        folded.add(path.lower())
        previous = path
    if len(digests) > MAX_FILES:
        raise BundleInvalid(f"The list names more than {MAX_FILES} files.")
    return digests


def parse_declaration(data: bytes) -> None:
    """Check that `bagit.txt` is that of a BagIt 1.0 bag in UTF-8.

    Raises:
        BundleInvalid: if it is anything else.
    """
    if data != DECLARATION_BYTES:
        raise BundleInvalid(f"{DECLARATION} is not that of a BagIt 1.0 bag.")


def encode_info(info: BagInfo) -> bytes:
    """Write `bag-info.txt`.

    Raises:
        BundleInvalid: if a value can't stand on one line.
    """
    lines = [
        ("Source-Organization", info.source),
        ("Bagging-Date", info.made_on.isoformat()),
        ("External-Identifier", info.identifier),
        ("Payload-Oxum", f"{info.payload[0]}.{info.payload[1]}"),
    ]
    if info.training:
        lines.append(("Fairwitness-Training", "TRAINING, NOT EVIDENCE"))
    data = "".join(f"{label}: {value}\n" for label, value in lines).encode()
    parse_info(data)
    return data


def parse_info(data: bytes) -> BagInfo:
    """Read `bag-info.txt`.

    Raises:
        BundleInvalid: unless it is exactly what `encode_info` writes.
    """
    if len(data) > MAX_INFO_BYTES:
        raise BundleInvalid(f"{INFO} is larger than any that we accept.")
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError as error:
        raise BundleInvalid(f"{INFO} is not UTF-8.") from error
    if lines.pop():
        raise BundleInvalid(f"{INFO} does not end in a newline.")
    pairs = [_INFO_LINE.fullmatch(line) for line in lines]
    values = [pair[2] for pair in pairs if pair is not None]
    labels = [pair[1] for pair in pairs if pair is not None]
    required = ["Source-Organization", "Bagging-Date", "External-Identifier", "Payload-Oxum"]
    training = labels == [*required, "Fairwitness-Training"]
    if len(labels) != len(lines) or not (training or labels == required):
        raise BundleInvalid(f"{INFO} does not have the lines that it must have.")
    if training and values[4] != "TRAINING, NOT EVIDENCE":
        raise BundleInvalid(f"{INFO} has an unknown training mark.")
    oxum = _OXUM.fullmatch(values[3])
    try:
        made_on = date.fromisoformat(values[1])
    except ValueError as error:
        raise BundleInvalid(f"{INFO} has an impossible date.") from error
    if oxum is None or made_on.isoformat() != values[1]:
        raise BundleInvalid(f"{INFO} has a malformed date or payload size.")
    return BagInfo(values[0], values[2], made_on, (int(oxum[1]), int(oxum[2])), training)


class BagWriter:
    """Collects digests and writes a bag's own four files; it touches no disk.

    Call `add` for every file in any order, then `close` once.
    """

    def __init__(self) -> None:
        self._files: dict[str, Digest] = {}
        self._folded: set[str] = set()

    def add(self, path: str, digest: Digest) -> None:
        """Take note of one file.

        Raises:
            BundleInvalid: as `demand_free`.
        """
        self.demand_free(path)
        self._folded.add(path.lower())
        self._files[path] = digest

    def demand_free(self, path: str) -> None:
        """Make sure that a file may be added under this path.

        Raises:
            BundleInvalid: if the path is not allowed, is taken, or is written by `close`.
        """
        demand_path(path)
        if path in {DECLARATION, INFO, MANIFEST, TAG_MANIFEST, DISCLOSURE}:
            raise BundleInvalid(f"{path} is written last, not added.")
        if path.lower() in self._folded:
            raise BundleInvalid(f"The bundle has a file {path} already.")
        if path.startswith("data/") and not path.startswith(MASTERS):
            raise BundleInvalid("A bundle's payload is its masters, and nothing else.")

    def close(
        self, *, source: str, identifier: str, made_on: date, training: bool = False
    ) -> dict[str, bytes]:
        """Write the bag's own files, in the order in which they should be stored.

        Returns:
            Bytes by path; the last is the tag manifest, whose SHA-256 the disclosure signs.
        """
        payload = {path: each for path, each in self._files.items() if path.startswith(MASTERS)}
        total = (sum(each.size for each in payload.values()), len(payload))
        tags = {
            DECLARATION: DECLARATION_BYTES,
            INFO: encode_info(BagInfo(source, identifier, made_on, total, training)),
            MANIFEST: encode_manifest({path: each.sha256 for path, each in payload.items()}),
        }
        listed = {path: each.sha256 for path, each in self._files.items() if path not in payload}
        listed |= {path: hashlib.sha256(data).hexdigest() for path, data in tags.items()}
        return {**tags, TAG_MANIFEST: encode_manifest(listed)}
