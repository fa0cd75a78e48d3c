"""The disposal statement: the record of deletion of a recording.

It says what was to be deleted, by which rule, by when, and which copies of its key are confirmed
destroyed. It does not say that no copy of the plaintext was ever made elsewhere: nobody can.

Specification: docs/specs/statements.md.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

from fairwitness.formats.invariants import require, require_between, require_sha256, require_text
from fairwitness.formats.statement import Subject

_CODE = "format.disposal"
_COPIES = 16
COMMITMENT_CONTEXT = b"fairwitness.org/commitment/v1"


class DisposalStatus(StrEnum):
    """How far the deletion has come."""

    PENDING = "pending"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalClaim:
    """That a recording was deleted.

    Attributes:
        recording: its id.
        reference: how people named it.
        rule: which rule made it due.
        reason: the same in a sentence.
        due: by when it had to be gone.
        disposed_at: from when on no running system could open it.
        key_destroyed_at: when the last copy of its key was confirmed destroyed; None while pending.
        ring_copies: how many copies the key ring has.
        copies_confirmed: how many of them have confirmed.
        status: confirmed when all have.
        commitment: keyed digest of the master's digest, in hexadecimal; see `commitment`.
        entry_leaf: leaf hash of the `recording.disposed` entry, in hexadecimal.
    """

    PREDICATE: ClassVar[str] = "disposal"

    recording: UUID
    reference: str
    rule: str
    reason: str
    due: datetime
    disposed_at: datetime
    key_destroyed_at: datetime | None
    ring_copies: int
    copies_confirmed: int
    status: DisposalStatus
    commitment: str
    entry_leaf: str

    def __post_init__(self) -> None:
        require_text(self.reference, "reference", code=_CODE)
        require_text(self.rule, "rule", code=_CODE)
        require_text(self.reason, "reason", code=_CODE)
        require_sha256(self.commitment, "commitment", code=_CODE)
        require_sha256(self.entry_leaf, "entry_leaf", code=_CODE)
        require_between(self.ring_copies, "ring_copies", 1, _COPIES, code=_CODE)
        require_between(self.copies_confirmed, "copies_confirmed", 0, self.ring_copies, code=_CODE)
        confirmed = self.status is DisposalStatus.CONFIRMED
        complete = self.copies_confirmed == self.ring_copies
        require(confirmed == complete, "Confirmed means that every copy has.", code=_CODE)
        known = self.key_destroyed_at is not None
        require(confirmed == known, "key_destroyed_at is known once confirmed.", code=_CODE)

    def subjects(self) -> tuple[Subject, ...]:
        """The recording, by the keyed digest that outlives it."""
        name = f"recording:{self.recording}"
        return (Subject(name=name, digest=self.commitment, algorithm="hmac-sha256"),)


def commitment(*, secret: bytes, master_sha256: bytes) -> str:
    """The keyed digest that stays when a master's digest goes.

    Whoever has the secret and the footage can tell that this was it; nobody else learns anything.

    Args:
        secret: the site secret, at least 32 bytes.
        master_sha256: the 32 bytes of the master's SHA-256.

    Raises:
        FormatError: the secret is too short or the digest not 32 bytes.
    """
    require(len(secret) >= sha256().digest_size, "The secret is too short.", code=_CODE)
    require(len(master_sha256) == sha256().digest_size, "Not a SHA-256.", code=_CODE)
    return hmac.new(secret, COMMITMENT_CONTEXT + master_sha256, sha256).hexdigest()
