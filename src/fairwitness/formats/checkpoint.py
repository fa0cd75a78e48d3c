"""Checkpoints: a log's signed statement of its size and root, and witnesses' cosignatures.

Adopts c2sp.org/tlog-checkpoint@v1.0.0 without extension lines, and Ed25519 `cosignature/v1` of
c2sp.org/tlog-cosignature. Two rules are ours: the log's key name equals the origin, and a reader
refuses extension lines, because nobody can audit them.

Specification: docs/specs/transparency-log.md.
"""

import base64
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fairwitness.formats import merkle, note
from fairwitness.formats.errors import FormatError
from fairwitness.formats.note import Note, NoteSignature, NoteSigner, NoteVerifier, SignatureType

MAX_CHECKPOINT_BYTES: Final = 64 * 1024
_SIZE: Final = re.compile("0|[1-9][0-9]{0,18}")
_LINES: Final = 3
_TIMESTAMP_SIZE: Final = 8
_LATEST: Final = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())


class CheckpointInvalid(FormatError):
    """A checkpoint or a cosignature is malformed, or not signed as it must be."""

    code = "format.checkpoint"


class LogUnknown(CheckpointInvalid):
    """A checkpoint of another log than the one whose key one holds."""

    code = "format.log_unknown"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: its origin, how many leaves it has, and their root hash."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's word that it saw this checkpoint, consistent with all before, at this time."""

    name: str
    at: datetime


def sign(checkpoint: Checkpoint, *, signer: NoteSigner) -> bytes:
    """Sign a checkpoint with the log's own key.

    Raises:
        CheckpointInvalid: if the key's name is not the origin, or the checkpoint can't be written.
    """
    if signer.name != checkpoint.origin:
        raise CheckpointInvalid("A log signs only under its own origin.")
    parse_text(checkpoint.text())
    return signer.sign(checkpoint.text()).encode()


def parse_text(text: str) -> Checkpoint:
    """Read a checkpoint's note text; says nothing of signatures.

    Raises:
        CheckpointInvalid: if it is not exactly origin, size and root.
    """
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[-1]:
        raise CheckpointInvalid("A checkpoint has three lines: origin, size and root.")
    origin, size, root = lines[:_LINES]
    if not origin or _SIZE.fullmatch(size) is None or int(size) > merkle.MAX_SIZE:
        raise CheckpointInvalid("The checkpoint's origin or size is malformed.")
    try:
        digest = note.decode_base64(root)
    except FormatError as error:
        raise CheckpointInvalid("The checkpoint's root hash is malformed.") from error
    if len(digest) != merkle.HASH_SIZE or (size == "0" and digest != merkle.EMPTY_ROOT):
        raise CheckpointInvalid("The checkpoint's root hash is malformed.")
    return Checkpoint(origin, int(size), digest)


def parse(data: bytes) -> tuple[Checkpoint, Note]:
    """Take a signed checkpoint apart without believing it.

    Raises:
        FormatError: if it is not a note or not a checkpoint.
    """
    if len(data) > MAX_CHECKPOINT_BYTES:
        raise CheckpointInvalid("The checkpoint is larger than any that we accept.")
    signed = note.parse(data)
    return parse_text(signed.text), signed


def open_checkpoint(data: bytes, *, verifier: NoteVerifier) -> Checkpoint:
    """Read a checkpoint and check the log's signature on it.

    Raises:
        LogUnknown: if it is of another origin.
        NoteUnsigned: if this log's key did not sign it at all.
        FormatError: if it is malformed, or the log's signature on it is false.
    """
    checkpoint, signed = parse(data)
    if checkpoint.origin != verifier.name:
        raise LogUnknown(f"The checkpoint is of log {checkpoint.origin}, not of {verifier.name}.")
    verifier.verify(signed)
    return checkpoint


def cosign(data: bytes, *, signer: NoteSigner, at: datetime) -> bytes:
    """Add a witness's cosignature/v1 to a signed checkpoint.

    The caller has checked the log's signature and its consistency with every checkpoint this
    witness cosigned before: that is what a cosignature says.

    Args:
        data: the signed checkpoint.
        signer: the witness's key, of kind COSIGNATURE_V1.
        at: the time of cosigning; whole seconds are kept.

    Raises:
        FormatError: if the checkpoint is malformed or the key is of another kind.
    """
    _, signed = parse(data)
    if signer.kind is not SignatureType.COSIGNATURE_V1:
        raise CheckpointInvalid("Only a witness's key cosigns checkpoints.")
    seconds = int(at.timestamp())
    raw = struct.pack(">Q", seconds) + signer.sign_message(_cosigned(seconds, signed.text))
    added = NoteSignature(signer.name, signer.key_id, raw)
    return note.add_signatures(signed, [added]).encode()


def gather(notes: Sequence[bytes]) -> list[bytes]:
    """One note for each text, in the order given, with all signatures that its notes have.

    Raises:
        FormatError: if one of them is not a note.
    """
    gathered: dict[str, Note] = {}
    for each in map(note.parse, notes):
        known = gathered.setdefault(each.text, each)
        gathered[each.text] = note.add_signatures(known, each.signatures)
    return [each.encode() for each in gathered.values()]


def cosignatures(data: bytes, *, witnesses: Iterable[NoteVerifier]) -> tuple[Cosignature, ...]:
    """Check the cosignatures of the witnesses that the caller knows.

    Cosignatures of witnesses unknown to the caller are ignored.

    Returns:
        One entry for each known witness that cosigned, in the order given, with its latest time.

    Raises:
        FormatError: if the checkpoint is malformed, or a known witness's cosignature is false.
    """
    _, signed = parse(data)
    seen = []
    for witness in witnesses:
        if witness.kind is not SignatureType.COSIGNATURE_V1:
            raise CheckpointInvalid(f"The key of {witness.name} is not a witness's key.")
        times = [_open_cosignature(each, signed.text, witness) for each in witness.find(signed)]
        if times:
            seen.append(Cosignature(witness.name, max(times)))
    return tuple(seen)


def _open_cosignature(line: NoteSignature, text: str, witness: NoteVerifier) -> datetime:
    if len(line.signature) <= _TIMESTAMP_SIZE:
        raise CheckpointInvalid(f"The cosignature of {witness.name} is too short.")
    (seconds,) = struct.unpack(">Q", line.signature[:_TIMESTAMP_SIZE])
    if seconds > _LATEST:
        raise CheckpointInvalid(f"The cosignature of {witness.name} has an impossible time.")
    witness.check(_cosigned(seconds, text), line.signature[_TIMESTAMP_SIZE:])
    return datetime.fromtimestamp(seconds, tz=UTC)


def _cosigned(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
