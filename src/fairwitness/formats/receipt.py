"""The receipt: on this, and on nothing less, a dock erases a recording from a camera.

A receipt is a signed statement that these bytes were received and read back from the store, and
the proof that the log holds the entry of it. Checking one takes eight steps (`check_receipt`).

Specification: docs/specs/receipt.md.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from fairwitness.formats import canonical, custody, dsse, merkle, proof, records, statement
from fairwitness.formats.acts import Act
from fairwitness.formats.binarytext import read_base64, write_base64
from fairwitness.formats.canonical import Json
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.dsse import Envelope
from fairwitness.formats.errors import FormatError
from fairwitness.formats.invariants import (
    require,
    require_between,
    require_serial,
    require_sha256,
)
from fairwitness.formats.statement import Subject
from fairwitness.formats.trust import KeyRole, TrustList

LIMIT = dsse.ENVELOPE_LIMIT + 256 * 1024
"""Bytes of a receipt, at most."""

_CODE = "format.receipt"
_LARGEST = 2**53 - 1


class ReceiptInvalid(FormatError):
    """A receipt that does not prove what its bearer needs."""

    code: ClassVar[str] = "receipt.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptClaim:
    """That a recording was received whole.

    Attributes:
        recording: the id that the server gave it.
        camera: serial number; None when no camera signed it.
        counter: of the camera; None when no camera signed it.
        part: of the activation; None when no camera signed it.
        size: bytes, as read back.
        sha256: of the bytes read back from the store, in hexadecimal.
        received_at: when the last byte was durable, by the server's clock.
        read_back_at: when reading back was done.
        entry_leaf: leaf hash of the `recording.received` entry, in hexadecimal.
    """

    PREDICATE: ClassVar[str] = "receipt"

    recording: UUID
    camera: str | None
    counter: int | None
    part: int | None
    size: int
    sha256: str
    received_at: datetime
    read_back_at: datetime
    entry_leaf: str

    def __post_init__(self) -> None:
        if self.camera is not None:
            require_serial(self.camera, "camera", code=_CODE)
        known = {value is None for value in (self.camera, self.counter, self.part)}
        require(len(known) == 1, "camera, counter and part: all or none.", code=_CODE)
        require_between(self.counter, "counter", 1, _LARGEST, code=_CODE)
        require_between(self.part, "part", 1, _LARGEST, code=_CODE)
        require_between(self.size, "size", 0, _LARGEST, code=_CODE)
        require_sha256(self.sha256, "sha256", code=_CODE)
        require_sha256(self.entry_leaf, "entry_leaf", code=_CODE)

    def subjects(self) -> tuple[Subject, ...]:
        """The recording, by the digest of the bytes read back."""
        return (Subject(name=f"recording:{self.recording}", digest=self.sha256),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """The proof that a log which the bearer saw earlier has only grown.

    Attributes:
        old_size: the number of leaves in the tree that the bearer saw.
        hashes: the consistency proof from it to the receipt's checkpoint.
    """

    old_size: int
    hashes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        require_between(self.old_size, "old_size", 0, _LARGEST, code=_CODE)
        require(len(self.hashes) <= proof.MAX_HASHES, "Too many hashes.", code=_CODE)
        good = all(len(one) == merkle.HASH_SIZE for one in self.hashes)
        require(good, "A hash has the wrong length.", code=_CODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt as a file: everything in it is unchecked until `check_receipt`.

    Attributes:
        statement: the signed receipt statement.
        entry: canonical bytes of the `recording.received` entry.
        salt: of that entry's leaf.
        proof: that the leaf is in the log (a C2SP tlog-proof, with its checkpoint).
        consistency: that the log has only grown since the bearer last looked; None if not asked.
    """

    statement: Envelope
    entry: bytes
    salt: bytes
    proof: str
    consistency: Consistency | None = None

    def encode(self) -> bytes:
        """The receipt as canonical JSON."""
        return canonical.encode(self.to_json())

    def to_json(self) -> Json:
        """The receipt as a JSON object."""
        grown = self.consistency
        return {
            "consistency": None
            if grown is None
            else {
                "hashes": [write_base64(one) for one in grown.hashes],
                "old_size": grown.old_size,
            },
            "entry": write_base64(self.entry),
            "proof": self.proof,
            "salt": self.salt.hex(),
            "statement": self.statement.to_json(),
            "version": 1,
        }

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Read what `to_json` gives, strictly.

        Raises:
            FormatError: a field is missing, unknown or of the wrong type.
        """
        shell = records.from_json(_ReceiptShell, value)
        require(shell.version == 1, "We know only version 1 of the receipt.", code=_CODE)
        grown = shell.consistency
        return cls(
            statement=shell.statement,
            entry=read_base64(shell.entry),
            salt=shell.salt,
            proof=shell.proof,
            consistency=None
            if grown is None
            else Consistency(
                old_size=grown.old_size, hashes=tuple(read_base64(one) for one in grown.hashes)
            ),
        )


@dataclass(frozen=True, slots=True)
class _ConsistencyShell:
    """How the consistency proof lies in JSON."""

    hashes: tuple[str, ...]
    old_size: int


@dataclass(frozen=True, slots=True)
class _ReceiptShell:
    """How a receipt lies in JSON."""

    consistency: _ConsistencyShell | None
    entry: str
    proof: str
    salt: bytes
    statement: Envelope
    version: int


def parse(data: bytes) -> Receipt:
    """Read a receipt from its canonical JSON, without believing it.

    Raises:
        FormatError: anything else than `Receipt.encode` writes.
    """
    return Receipt.from_json(canonical.decode(data, limit=LIMIT))


def check_receipt(
    receipt: Receipt,
    *,
    trust: TrustList,
    sha256: str,
    size: int,
    last_checkpoint: Checkpoint | None = None,
) -> Checkpoint:
    """Check that a receipt proves these bytes were received and are in the log for good.

    1. The statement is signed by a key that the force publishes for receipts.
    2. That key was valid when the bytes were received.
    3. Size and digest are those of the bearer's own bytes.
    4. The log entry says `recording.received` of the same recording.
    5. Entry and salt make the very leaf that the statement names.
    6. The leaf is in the tree of a checkpoint that the force's log signed.
    7. That tree is not smaller than one the bearer has seen.
    8. It extends the tree that the bearer has seen.

    Args:
        receipt: as parsed.
        trust: the force's published keys.
        sha256: of the bearer's own bytes, in hexadecimal.
        size: of the bearer's own bytes.
        last_checkpoint: the latest that the bearer has verified; None before the first.

    Returns:
        The receipt's checkpoint, verified: the bearer keeps it as the latest.

    Raises:
        ReceiptInvalid: checks 2, 3, 4, 5, 7, and 8 when the proof is not there.
        FormatError: another check failed, as its own error says.
    """
    claim = _check_statement(receipt, trust)  # checks 1 and 2
    if (claim.sha256, claim.size) != (sha256, size):  # check 3
        raise ReceiptInvalid("The receipt is for other bytes than these.", code="receipt.bytes")
    leaf_hash = _check_entry(receipt, claim)  # checks 4 and 5
    checkpoint = proof.verify(  # check 6
        proof.parse(receipt.proof), leaf_hash=leaf_hash, verifier=trust.log.verifier
    )
    if last_checkpoint is not None:
        _check_growth(receipt.consistency, last_checkpoint, checkpoint)  # checks 7 and 8
    return checkpoint


def open_claim(receipt: Receipt, *, trust: TrustList) -> ReceiptClaim:
    """What a receipt states, once its signature is checked (checks 1 and 2 of eight).

    Raises:
        FormatError: it is not signed by a receipt key of the trust list, or not then valid.
    """
    return _check_statement(receipt, trust)


def _check_statement(receipt: Receipt, trust: TrustList) -> ReceiptClaim:
    keyid = dsse.verify(receipt.statement, trust.keys_for(KeyRole.RECEIPT))
    payload = statement.statement_payload(receipt.statement)
    claim = statement.parse(payload, ReceiptClaim).predicate
    key = trust.find(KeyRole.RECEIPT, keyid)
    if key is None or not key.valid_at(claim.received_at):
        raise ReceiptInvalid("The receipt's key was not valid then.", code="receipt.key")
    return claim


def _check_entry(receipt: Receipt, claim: ReceiptClaim) -> bytes:
    entry = custody.parse_entry(receipt.entry)
    if entry.act not in {Act.RECORDING_RECEIVED, Act.RECORDING_IMPORTED}:
        raise ReceiptInvalid("The log entry is of another act.", code="receipt.entry")
    if entry.subject != custody.recording_subject(claim.recording):
        raise ReceiptInvalid("The log entry is of another recording.", code="receipt.entry")
    leaf_hash = custody.leaf_hash(receipt.entry, receipt.salt)
    if leaf_hash.hex() != claim.entry_leaf:
        raise ReceiptInvalid("The log entry is not the one stated.", code="receipt.entry")
    return leaf_hash


def _check_growth(grown: Consistency | None, old: Checkpoint, new: Checkpoint) -> None:
    if old.origin != new.origin:
        raise ReceiptInvalid("The receipt is from another log.", code="receipt.log")
    if new.size < old.size:
        raise ReceiptInvalid("The log is smaller than it was.", code="receipt.log")
    if old.size == 0:
        return
    same = old.size == new.size
    if not same and (grown is None or grown.old_size != old.size):
        raise ReceiptInvalid("No proof that the log has only grown.", code="receipt.consistency")
    merkle.verify_consistency(
        old_size=old.size,
        new_size=new.size,
        old_root=old.root,
        new_root=new.root,
        proof=() if same or grown is None else grown.hashes,
    )
