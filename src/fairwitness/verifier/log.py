"""Checks 6 and 7: a recording's history is whole and in the log, and the log is sound.

Entries prove each other: each carries its subject's own number and the leaf hash of the entry
before. So nothing can be missing between the first and the last; the first is the receipt's, and
the making of the bundle must be among them, so that nothing from before it can be missing either.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from fairwitness.formats import bundle, custody, proof
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats.acts import Act
from fairwitness.formats.checkpoint import Checkpoint, Cosignature
from fairwitness.formats.custody import Body, Entry
from fairwitness.formats.errors import FormatError
from fairwitness.formats.exhibit import ExhibitFacts
from fairwitness.formats.history import HistoryLine
from fairwitness.formats.note import NoteVerifier
from fairwitness.formats.proof import LogProof
from fairwitness.formats.trust import TrustList
from fairwitness.verifier.exhibits import Received
from fairwitness.verifier.findings import (
    Fault,
    Finding,
    changed,
    conclude,
    day,
    from_error,
    unknown,
)

MAX_ENTRIES: Final = 200_000


class HistoryBroken(FormatError):
    """A history that has a gap, or an entry that is not what the log holds."""

    code = "bundle.history"


@dataclass(slots=True)
class LogSeen:
    """What all proofs of a bundle show of the log, gathered for check 7.

    Attributes:
        witnesses: whose cosignatures are known and so must hold.
        roots: root hash by tree size, as signed by the log.
        faults: what contradicts itself.
        size: of the largest tree seen; None before the first.
        cosigned: who cosigned the checkpoint of that tree, and when.
        digests: of checkpoints that have been looked at already.
    """

    witnesses: tuple[NoteVerifier, ...] = ()
    roots: dict[int, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    size: int | None = None
    cosigned: tuple[Cosignature, ...] = ()
    digests: set[bytes] = field(default_factory=set)

    def note(self, checkpoint: Checkpoint, data: bytes) -> None:
        """Take in one checkpoint whose signature by the log was checked."""
        digest = hashlib.sha256(data).digest()
        if digest in self.digests:
            return
        self.digests.add(digest)
        if self.roots.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            self.faults.append(
                changed("The log signed two different trees of one size: it was rewritten.")
            )
        try:
            cosigned = checkpoints.cosignatures(data, witnesses=self.witnesses)
        except FormatError as error:
            self.faults.append(from_error(error))
            cosigned = ()
        if self.size is None or self.size < checkpoint.size:
            self.size, self.cosigned = checkpoint.size, ()
        if self.size == checkpoint.size and len(cosigned) >= len(self.cosigned):
            self.cosigned = cosigned


def history_whole(
    lines: Iterator[HistoryLine],
    *,
    facts: ExhibitFacts,
    disclosure: UUID | None,
    trust: TrustList,
    received: Received | None,
    seen: LogSeen,
) -> Finding:
    """Check 6: entries 1 to n without a gap, each in the log, from receipt to this bundle.

    Args:
        lines: the history as it lies in the bundle.
        facts: of the exhibit.
        disclosure: id of the disclosure that made the bundle; None if nobody can tell.
        trust: holds the log's key.
        received: what the receipt established; its entry must be among these.
        seen: gathers the checkpoints met.
    """
    where = bundle.proof_path(facts.reference, bundle.CUSTODY_FILE)
    chain = _Chain(
        facts=facts, where=where, trust=trust, received=received, disclosure=disclosure, seen=seen
    )
    faults = []
    try:
        for line in lines:
            chain.follow(line)
        faults += chain.end()
    except FormatError as error:
        faults.append(from_error(error, where))
    notes = tuple(
        f"Who did act {number} and why was erased; that it happened is in the log."
        for number in chain.erased
    )
    return conclude(
        6,
        faults,
        passed=f"The history has entries 1 to {chain.count}, without a gap, each in the log.",
        exhibit=facts.reference,
        notes=notes,
    )


@dataclass(slots=True, kw_only=True)
class _Chain:
    """A history as far as it has been followed.

    Attributes:
        leaf_hash: of the last entry; None while only the next entry can tell it.
        waiting: the proof of an entry whose leaf hash is not known yet.
        found_receipt: whether the receipt's entry was met.
        found_export: whether the entry of this bundle's making was met.
    """

    facts: ExhibitFacts
    where: str
    trust: TrustList
    received: Received | None
    disclosure: UUID | None
    seen: LogSeen
    count: int = 0
    leaf_hash: bytes | None = None
    index: int = -1
    waiting: LogProof | None = None
    erased: list[int] = field(default_factory=list)
    found_receipt: bool = False
    found_export: bool = False

    def follow(self, line: HistoryLine) -> None:
        """Take one more line into the chain."""
        entry = custody.parse_entry(line.entry)
        self._demand_next(entry)
        if self.waiting is not None and entry.previous is not None:
            self._prove(self.waiting, bytes.fromhex(entry.previous))
            self.waiting = None
        elif self.leaf_hash is not None and entry.previous != self.leaf_hash.hex():
            raise HistoryBroken(f"Entry {entry.sequence} does not follow the one before it.")
        self.count += 1
        parsed = proof.parse(line.proof)
        self.leaf_hash = self._leaf_hash(line, entry)
        if self.leaf_hash is None:
            self.waiting = parsed
        else:
            self._prove(parsed, self.leaf_hash)

    def end(self) -> list[Fault]:
        """What remains to be said when there are no more lines."""
        if self.count == 0:
            return [changed("The history has no entries.", self.where)]
        if self.received is not None and not self.found_receipt:
            return [changed("The receipt's entry is not in the history.", self.where)]
        if self.waiting is not None:
            return [
                unknown(
                    "The last act's details were erased, and no later entry vouches for it.",
                    self.where,
                )
            ]
        if self.disclosure is not None and not self.found_export:
            return [
                unknown(
                    "The history ends before this bundle was made: later acts may be missing.",
                    self.where,
                )
            ]
        return []

    def _demand_next(self, entry: Entry) -> None:
        if entry.subject != custody.recording_subject(self.facts.recording):
            raise HistoryBroken("The history has an entry of another recording.")
        if entry.sequence != self.count + 1:
            raise HistoryBroken(f"Entry {self.count + 1} is missing from the history.")
        if self.count >= MAX_ENTRIES:
            raise HistoryBroken("The history is longer than any that we accept.")

    def _leaf_hash(self, line: HistoryLine, entry: Entry) -> bytes | None:
        """The leaf hash of a line's entry; None if its salt was erased with its body."""
        is_receipts = self.received is not None and self.received.entry == line.entry
        self.found_receipt = self.found_receipt or is_receipts
        if line.body is None:
            self.erased.append(entry.sequence)
            self.found_export = self.found_export or entry.act is Act.RECORDING_EXPORTED
            return self.received.leaf_hash if self.received is not None and is_receipts else None
        if custody.body_digest(line.body) != entry.body:
            raise HistoryBroken(
                f"The body of entry {entry.sequence} is not the one logged with it."
            )
        body = custody.parse_body(line.body)
        if is_receipts:
            self._demand_same_bytes(body)
        if entry.act is Act.RECORDING_EXPORTED:
            made = str(self.disclosure)
            self.found_export = self.found_export or body.detail.get("disclosure") == made
        return custody.leaf_hash(line.entry, body.salt)

    def _demand_same_bytes(self, body: Body) -> None:
        """Compare what the log's entry of the receipt says with the facts."""
        said = (body.detail.get("sha256"), body.detail.get("provenance"))
        if said != (self.facts.master.sha256, self.facts.provenance.value):
            raise HistoryBroken("The log has the receipt of another file than this master.")

    def _prove(self, parsed: LogProof, leaf_hash: bytes) -> None:
        if parsed.index <= self.index:
            raise HistoryBroken("The entries lie in the log in another order.")
        self.index = parsed.index
        opened = proof.verify(parsed, leaf_hash=leaf_hash, verifier=self.trust.log.verifier)
        self.seen.note(opened, parsed.checkpoint)


def log_witnessed(seen: LogSeen) -> Finding:
    """Check 7: the log's own signatures agree, and its witnesses have countersigned.

    That the log signed each checkpoint was checked where the checkpoint was met (5 and 6).
    """
    faults = list(seen.faults)
    if seen.size is None:
        faults.append(unknown("No checkpoint of the log could be checked."))
    notes = tuple(
        f"{each.name} saw it on {day(each.at)} at {each.at:%H:%M} UTC." for each in seen.cosigned
    )
    witnessed = f", and seen by {len(seen.cosigned)} of {len(seen.witnesses)} outside witnesses"
    if not seen.witnesses:
        notes = ("The list of keys names no outside witness: only the force vouches for its log.",)
        witnessed = ""
    return conclude(
        7,
        faults,
        passed=f"The log is signed, up to entry {seen.size}{witnessed}.",
        notes=notes,
    )
