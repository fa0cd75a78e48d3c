"""Log proofs: that a leaf is in a log, as one text that is checked offline.

Adopts c2sp.org/tlog-proof: the leaf's index, its inclusion proof and the checkpoint, verbatim.

Specification: docs/specs/log-proof.md.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle, note
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.errors import FormatError
from fairwitness.formats.merkle import ProofInvalid
from fairwitness.formats.note import NoteVerifier

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PROOF_BYTES: Final = 128 * 1024
MAX_HASHES: Final = 63
_INDEX: Final = re.compile("index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class LogProof:
    """A log proof taken apart; nothing in it is verified.

    Attributes:
        index: zero-based position of the leaf.
        hashes: the inclusion proof, from the leaf's sibling upwards.
        checkpoint: the signed checkpoint, byte for byte.
        extra: data that no signature covers, or None.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


def encode(
    *, index: int, hashes: Sequence[bytes], checkpoint_note: bytes, extra: bytes | None = None
) -> str:
    """Write a log proof as text.

    Raises:
        FormatError: if what it is given can't make a proof that `parse` reads.
    """
    lines = [HEADER]
    if extra is not None:
        lines.append(f"extra {base64.b64encode(extra).decode()}")
    lines.append(f"index {index}")
    lines.extend(base64.b64encode(each).decode() for each in hashes)
    try:
        text = "\n".join([*lines, "", checkpoint_note.decode()])
    except UnicodeDecodeError as error:
        raise ProofInvalid("The checkpoint is not UTF-8.") from error
    parse(text)
    return text


def parse(text: str) -> LogProof:
    """Take a log proof apart without believing it.

    Raises:
        FormatError: if it is malformed, or its checkpoint is.
    """
    if len(text) > MAX_PROOF_BYTES:
        raise ProofInvalid("The log proof is larger than any that we accept.")
    head, blank, tail = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != HEADER:
        raise ProofInvalid(f"A log proof begins with {HEADER}.")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = _base64(lines.pop(0).removeprefix("extra "))
    match = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if match is None or int(match[1]) > merkle.MAX_SIZE:
        raise ProofInvalid("The log proof does not say at which index its leaf lies.")
    if len(lines) > MAX_HASHES:
        raise ProofInvalid("The log proof has more hashes than any tree needs.")
    hashes = tuple(_base64(line) for line in lines)
    if any(len(each) != merkle.HASH_SIZE for each in hashes):
        raise ProofInvalid("A hash in the log proof has the wrong length.")
    try:
        raw = tail.encode()
    except UnicodeEncodeError as error:
        raise ProofInvalid("The log proof is not UTF-8.") from error
    checkpoints.parse(raw)
    return LogProof(int(match[1]), hashes, raw, extra)


def _base64(text: str) -> bytes:
    try:
        return note.decode_base64(text)
    except FormatError as error:
        raise ProofInvalid("The log proof contains something that is not base64.") from error


def verify(proof: LogProof, *, leaf_hash: bytes, verifier: NoteVerifier) -> Checkpoint:
    """Check that the leaf is in the log whose key the verifier holds.

    Cosignatures are a separate question: see `checkpoint.cosignatures`.

    Returns:
        The verified checkpoint under which the leaf lies.

    Raises:
        FormatError: if the checkpoint is not that log's, or the proof does not hold.
    """
    opened = checkpoints.open_checkpoint(proof.checkpoint, verifier=verifier)
    merkle.verify_inclusion(
        index=proof.index,
        size=opened.size,
        leaf_hash=leaf_hash,
        proof=proof.hashes,
        root=opened.root,
    )
    return opened
