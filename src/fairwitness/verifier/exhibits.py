"""Checks 4, 5, 8 and 9, of one exhibit: master, receipt, working copy and facts.

Each is a function of what was read and measured; none touches a file.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from fairwitness.formats import bundle, custody, docking, dsse, exhibit, receipt, statement
from fairwitness.formats.bundle import Digest
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.derivative import DerivativeClaim
from fairwitness.formats.disclosure import DisclosedExhibit, DisclosureClaim
from fairwitness.formats.docking import DockingClaim
from fairwitness.formats.errors import FormatError
from fairwitness.formats.exhibit import ExhibitFacts
from fairwitness.formats.keys import PublicKey
from fairwitness.formats.manifest import Provenance
from fairwitness.formats.receipt import Receipt, ReceiptClaim
from fairwitness.formats.recording import RecordingClaim
from fairwitness.formats.statement import Predicate
from fairwitness.formats.trust import KeyRole, TrustedKey, TrustList
from fairwitness.verifier.findings import (
    Fault,
    Finding,
    changed,
    conclude,
    day,
    from_error,
    unknown,
)

P = TypeVar("P", bound=Predicate)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitFiles:
    """What a bundle holds of one exhibit.

    Attributes:
        facts: its `exhibit.json`, read.
        master: what the master was measured to be; None if it is not there.
        working_copy: the same of the working copy.
        recording: bytes of the camera's statement; None if there is none.
        docking: bytes of the dock's claim; None if there is none.
        receipt: bytes of the receipt; None if there is none.
        derivative: bytes of the working copy's statement; None if there is none.
    """

    facts: ExhibitFacts
    master: Digest | None
    working_copy: Digest | None
    recording: bytes | None
    docking: bytes | None
    receipt: bytes | None
    derivative: bytes | None

    def path(self, file: str) -> str:
        """Where one of its proofs lies in the bundle."""
        return bundle.proof_path(self.facts.reference, file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What a checked receipt establishes.

    Attributes:
        claim: what it states.
        at: the time in the log entry.
        leaf_hash: of the log entry.
        entry: the log entry's bytes.
        checkpoint: the checkpoint that holds it, verified.
        note: that checkpoint's bytes.
    """

    claim: ReceiptClaim
    at: datetime
    leaf_hash: bytes
    entry: bytes
    checkpoint: Checkpoint
    note: bytes


def master_as_signed(files: ExhibitFiles, *, trust: TrustList, received_at: datetime) -> Finding:
    """Check 4: the master is what its camera signed, or no camera signed it, as is said."""
    facts, where = files.facts, files.path(bundle.RECORDING_FILE)
    if facts.provenance is not Provenance.SIGNED:
        faults = []
        if files.recording is not None:
            faults.append(changed("A camera signed it, though the facts say none did.", where))
        return conclude(
            4,
            faults,
            passed="No camera signed this recording. What it was before we received it, nobody"
            " can check.",
            exhibit=facts.reference,
        )
    claim, faults = _open(files.recording, where, RecordingClaim, KeyRole.CAMERA, trust)
    if claim is not None:
        key = _signer(files.recording, KeyRole.CAMERA, trust)
        faults += _key_faults(key, claim.camera, at=received_at, where=where)
        faults += _other_bytes(files.master, claim.sha256, claim.size, facts.master.path)
    return conclude(
        4,
        faults,
        passed=f"The master is what camera {facts.camera} signed.",
        exhibit=facts.reference,
    )


def receipt_holds(files: ExhibitFiles, *, trust: TrustList) -> tuple[Finding, Received | None]:
    """Check 5: the force's receipt is for these bytes, and its entry is in the log.

    Returns:
        The finding, and what the receipt establishes if it holds.
    """
    facts, where = files.facts, files.path(bundle.RECEIPT_FILE)
    if files.receipt is None:
        missing = changed(f"{where} is missing.", where)
        return conclude(5, [missing], passed="", exhibit=facts.reference), None
    if files.master is None:
        missing = changed(f"{facts.master.path} is missing.", facts.master.path)
        return conclude(5, [missing], passed="", exhibit=facts.reference), None
    try:
        parsed = receipt.parse(files.receipt)
        claim = receipt.open_claim(parsed, trust=trust)
        checkpoint = receipt.check_receipt(
            parsed, trust=trust, sha256=files.master.sha256, size=files.master.size
        )
        received = _received(parsed, claim, checkpoint)
    except FormatError as error:
        fault = _receipt_fault(error, facts.master.path, where)
        return conclude(5, [fault], passed="", exhibit=facts.reference), None
    faults = []
    if claim.recording != facts.recording:
        faults.append(changed("The receipt is for another recording.", where))
    finding = conclude(
        5,
        faults,
        passed=f"The receipt of {day(received.at)} is for these bytes, and in the log.",
        exhibit=facts.reference,
    )
    return finding, received


def _received(parsed: Receipt, claim: ReceiptClaim, checkpoint: Checkpoint) -> Received:
    note = parsed.proof.partition("\n\n")[2].encode()
    return Received(
        claim=claim,
        at=custody.parse_entry(parsed.entry).at,
        leaf_hash=custody.leaf_hash(parsed.entry, parsed.salt),
        entry=parsed.entry,
        checkpoint=checkpoint,
        note=note,
    )


def _receipt_fault(error: FormatError, master: str, where: str) -> Fault:
    if error.stable_code == "receipt.bytes":
        return changed("The master is not the file that the receipt is for.", master)
    return from_error(error, where)


def copy_from_master(
    files: ExhibitFiles,
    *,
    trust: TrustList,
    received_at: datetime,
    disclosed_at: datetime | None,
) -> Finding:
    """Check 8: the force states that the working copy was made from this master."""
    facts, where = files.facts, files.path(bundle.DERIVATIVE_FILE)
    stated = facts.working_copy
    if stated is None:
        faults = []
        if files.derivative is not None:
            faults.append(changed("It states a working copy that the facts do not know.", where))
        return conclude(
            8,
            faults,
            passed="There is no working copy: the master can't be played as it is.",
            exhibit=facts.reference,
        )
    claim, faults = _open(files.derivative, where, DerivativeClaim, KeyRole.DERIVATIVE, trust)
    if claim is not None:
        key = _signer(files.derivative, KeyRole.DERIVATIVE, trust)
        faults += _key_faults(key, None, at=claim.made_at, where=where)
        if claim.made_at < received_at or (
            disclosed_at is not None and disclosed_at < claim.made_at
        ):
            faults.append(changed("It is stated for a time that can't be.", where))
        parent = claim.parent
        faults += _other_bytes(files.master, parent.sha256, parent.size, facts.master.path)
        faults += _other_bytes(files.working_copy, claim.sha256, claim.size, stated.path)
        if parent.recording != facts.recording:
            faults.append(changed("It is stated to be made from another recording.", where))
    recipe = "" if claim is None else f" ({claim.recipe.name} {claim.recipe.version})"
    return conclude(
        8,
        faults,
        passed=f"The working copy {stated.path} was made from the master{recipe}, as the force"
        " states.",
        exhibit=facts.reference,
    )


def facts_agree(
    files: ExhibitFiles,
    *,
    trust: TrustList,
    received: Received | None,
    disclosure: DisclosureClaim | None,
    page: str | None,
) -> Finding:
    """Check 9: page and facts say what camera, dock, receipt and disclosure statement say."""
    facts, where = files.facts, files.path(bundle.FACTS_FILE)
    faults = _file_faults(files)
    faults += _camera_differences(files, where)
    notes: tuple[str, ...] = ()
    if files.docking is not None:
        at = facts.received_at if received is None else received.at
        faults += _docking_faults(files, trust, at=at)
    elif facts.clock_ahead_us_min is not None:
        notes = ("How far the clock was off is the force's word: no dock signed it.",)
    if received is not None and received.claim.received_at != facts.received_at:
        faults.append(changed("The facts and the receipt differ in: received_at.", where))
    if disclosure is not None and not _is_disclosed(facts, disclosure):
        faults.append(changed("The facts and the disclosure statement differ.", where))
    if page is None:
        faults.append(changed(f"{bundle.PAGE} is missing or is not text.", bundle.PAGE))
    elif facts.reference not in page or facts.master.sha256 not in page:
        faults.append(changed("The page does not show this exhibit and its digest.", bundle.PAGE))
    return conclude(
        9,
        faults,
        passed="The facts say what was signed; the page shows this exhibit and its digest.",
        exhibit=facts.reference,
        notes=notes,
    )


def _file_faults(files: ExhibitFiles) -> list[Fault]:
    facts = files.facts
    faults = _other_bytes(files.master, facts.master.sha256, facts.master.size, facts.master.path)
    stated = facts.working_copy
    if stated is not None:
        faults += _other_bytes(files.working_copy, stated.sha256, stated.size, stated.path)
    return faults


def _camera_differences(files: ExhibitFiles, where: str) -> list[Fault]:
    """Compare with the camera's words; whether it signed them is check 4."""
    if files.recording is None:
        return []
    try:
        payload = statement.statement_payload(dsse.parse(files.recording))
        claim = statement.parse(payload, RecordingClaim).predicate
    except FormatError:
        return []  # check 4 tells why
    names = exhibit.differences_from_claim(files.facts, claim)
    return _differ(names, "the camera's statement", where)


def _docking_faults(files: ExhibitFiles, trust: TrustList, *, at: datetime) -> list[Fault]:
    where = files.path(bundle.DOCKING_FILE)
    try:
        envelope = dsse.parse(files.docking or b"")
        claim = docking.open_claim(envelope, DockingClaim, _keys(envelope, KeyRole.DOCK, trust))
    except FormatError as error:
        return [from_error(error, where)]
    key = _signer(files.docking, KeyRole.DOCK, trust)
    faults = _key_faults(key, claim.dock, at=at, where=where)
    if _is_before(claim, files.facts):
        faults.append(
            changed("The dock's claim is of a docking before the recording ended.", where)
        )
    names = exhibit.differences_from_docking(files.facts, claim)
    return faults + _differ(names, "the dock's claim", files.path(bundle.FACTS_FILE))


def _is_before(claim: DockingClaim, facts: ExhibitFacts) -> bool:
    """Whether the dock speaks of a docking before the camera recorded this."""
    ended, ahead = facts.ended_at, facts.clock_ahead_us_max
    if ended is None or ahead is None:
        return False
    slack = timedelta(microseconds=ahead + (claim.dock_clock_error_us or 0))
    return ended - claim.docked_at > slack


def _differ(names: tuple[str, ...], other: str, where: str) -> list[Fault]:
    if not names:
        return []
    return [changed(f"The facts and {other} differ in: {', '.join(names)}.", where)]


def _is_disclosed(facts: ExhibitFacts, disclosure: DisclosureClaim) -> bool:
    copy = facts.working_copy
    said = DisclosedExhibit(
        reference=facts.reference,
        recording=facts.recording,
        recording_reference=facts.recording_reference,
        master_sha256=facts.master.sha256,
        working_copy_sha256=None if copy is None else copy.sha256,
    )
    return said in disclosure.exhibits and facts.case == disclosure.case


def _open(
    data: bytes | None, where: str, kind: type[P], role: KeyRole, trust: TrustList
) -> tuple[P | None, list[Fault]]:
    """Open a signed statement, or say why it can't be."""
    if data is None:
        return None, [changed(f"{where} is missing.", where)]
    try:
        envelope = dsse.parse(data)
        opened = statement.open_statement(envelope, kind, _keys(envelope, role, trust))
    except FormatError as error:
        return None, [from_error(error, where)]
    return opened.predicate, []


def _keys(envelope: dsse.Envelope, role: KeyRole, trust: TrustList) -> dict[str, PublicKey]:
    """The keys of a role that an envelope names; a force has too many cameras to load them all."""
    found = (trust.find(role, signature.keyid) for signature in envelope.signatures)
    return {entry.keyid: entry.key for entry in found if entry is not None}


def _signer(data: bytes | None, role: KeyRole, trust: TrustList) -> TrustedKey | None:
    """The trust list's entry of the key that signed an envelope already opened."""
    return None if data is None else trust.find(role, dsse.parse(data).signatures[0].keyid)


def _key_faults(
    key: TrustedKey | None, name: str | None, *, at: datetime, where: str
) -> list[Fault]:
    """Why a key may not be believed for something signed by then."""
    if key is None or not key.valid_at(at):
        return [unknown("It is signed by a key that was not valid then.", where)]
    if name is not None and key.name != name:
        return [changed(f"It is signed by the key of {key.name}, but says {name}.", where)]
    if name is None and key.revoked_at is not None:
        # The force's own keys sign with their own clock: a thief's date proves nothing.
        return [unknown("It is signed by a key that has been revoked since.", where)]
    return []


def _other_bytes(found: Digest | None, sha256: str, size: int, path: str) -> list[Fault]:
    if found is None:
        return [changed(f"{path} is missing.", path)]
    if (found.sha256, found.size) != (sha256, size):
        return [changed(f"{path} is not the file that was signed.", path)]
    return []
