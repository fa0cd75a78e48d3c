"""A small force that makes small bundles, for tests of the verifier: made on the formats alone.

`files_of` gives all files of a bundle as bytes by path, before they are listed and signed, so that
a test can be a dishonest force and change what is then listed and signed properly.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from fairwitness.formats import bundle, custody, docking, exhibit, history, merkle, proof
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import trust as trusts
from fairwitness.formats.acts import Act
from fairwitness.formats.bundle_folder import FolderWriter
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.custody import Body, Detail, Entry
from fairwitness.formats.derivative import DerivativeClaim, Parent, Recipe
from fairwitness.formats.disclosure import DisclosedExhibit, DisclosureClaim
from fairwitness.formats.docking import DockingClaim
from fairwitness.formats.exhibit import ExhibitFacts, FileFacts
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.manifest import Provenance
from fairwitness.formats.note import NoteSigner, SignatureType
from fairwitness.formats.receipt import Receipt, ReceiptClaim
from fairwitness.formats.recording import ClockState, Mount, Profile, RecordingClaim, Span
from fairwitness.formats.statement import Statement, sign_statement
from fairwitness.formats.trust import KeyRole, TrustedKey, TrustedLog, TrustedWitness, TrustList
from fairwitness.verifier.findings import Outcome
from fairwitness.verifier.report import Report

STARTED = datetime(2017, 6, 8, 22, 13, 10, 123456, tzinfo=UTC)
DOCKED = STARTED + timedelta(hours=8)
RECEIVED = DOCKED + timedelta(minutes=20)
COPIED = RECEIVED + timedelta(minutes=1)
DISCLOSED = RECEIVED + timedelta(days=90)
ISSUED = datetime(2016, 10, 17, tzinfo=UTC)
ORIGIN = "met.example/custody"
CASE = "01/803/17"
DISCLOSURE = "5f0c2c86-0f6f-4f37-9d2c-0d3f6a1b2c3d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One exhibit to be made."""

    reference: str = "ABC/1"
    camera: str | None = "00417"
    counter: int = 2193
    part: int = 1
    master: bytes = b"\x00\x00\x00\x18ftypmp42 the master " + bytes(range(256)) * 40
    working_copy: bytes | None = b"\x00\x00\x00\x18ftypisom the working copy"
    docked: bool = True
    acts: int = 5
    erased: tuple[int, ...] = ()

    @property
    def recording(self) -> UUID:
        """The recording's id, the same at every run."""
        return UUID(bytes=hashlib.sha256(f"{self.counter}/{self.part}".encode()).digest()[:16])

    @property
    def recording_reference(self) -> str:
        """How people name it."""
        name = f"{self.camera or 'import'}-{self.counter}"
        return name if self.part == 1 else f"{name}/{self.part}"


@dataclass(slots=True)
class Log:
    """A custody log in memory."""

    signer: NoteSigner = field(default_factory=lambda: NoteSigner.generate(ORIGIN))
    witnesses: tuple[NoteSigner, ...] = ()
    leaves: list[bytes] = field(default_factory=list)

    def append(self, leaf_hash: bytes) -> int:
        """Add one leaf; its index."""
        self.leaves.append(leaf_hash)
        return len(self.leaves) - 1

    def node(self, level: int, index: int) -> bytes:
        """The complete subtree at (level, index)."""
        row = self.leaves[index << level : (index + 1) << level]
        while len(row) > 1:
            row = [merkle.node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        return row[0]

    def proof(self, index: int, size: int | None = None) -> str:
        """The log proof of a leaf under a checkpoint of the tree with `size` leaves."""
        size = size or len(self.leaves)
        here = Checkpoint(self.signer.name, size, merkle.root(size, self.node))
        signed = checkpoints.sign(here, signer=self.signer)
        for witness in self.witnesses:
            signed = checkpoints.cosign(signed, signer=witness, at=RECEIVED)
        hashes = merkle.inclusion_proof(index, size, self.node)
        return proof.encode(index=index, hashes=hashes, checkpoint_note=signed)


def _witness(name: str) -> NoteSigner:
    return NoteSigner.generate(name, kind=SignatureType.COSIGNATURE_V1)


@dataclass(slots=True)
class Force:
    """A force with all its keys."""

    name: str = "Met (made up)"
    log: Log = field(
        default_factory=lambda: Log(witnesses=(_witness("iopc.example"), _witness("mopac.example")))
    )
    cameras: dict[str, SigningKey] = field(
        default_factory=lambda: {"00417": SigningKey.generate(), "00533": SigningKey.generate()}
    )
    dock: SigningKey = field(default_factory=SigningKey.generate)
    receipt: SigningKey = field(default_factory=SigningKey.generate)
    derivative: SigningKey = field(default_factory=SigningKey.generate)
    disclosure: SigningKey = field(default_factory=SigningKey.generate)

    def trust(self, change: Callable[[TrustedKey], TrustedKey] = lambda key: key) -> TrustList:
        """The list of all its keys, each changed as a test wishes."""
        named = [
            (KeyRole.DOCK, "0007", self.dock),
            (KeyRole.RECEIPT, "receipts", self.receipt),
            (KeyRole.DERIVATIVE, "copies", self.derivative),
            (KeyRole.DISCLOSURE, "disclosure", self.disclosure),
            *((KeyRole.CAMERA, serial, key) for serial, key in self.cameras.items()),
        ]
        keys = [
            change(
                TrustedKey(
                    role=role,
                    name=name,
                    keyid=key.keyid,
                    public_pem=key.public.pem().decode(),
                    valid_from=ISSUED,
                )
            )
            for role, name, key in named
        ]
        return trusts.make_trust_list(
            force=self.name,
            issued_at=ISSUED,
            log=TrustedLog(vkey=self.log.signer.vkey, origin=self.log.signer.name),
            keys=tuple(keys),
            witnesses=tuple(
                TrustedWitness(name=each.name, vkey=each.vkey) for each in self.log.witnesses
            ),
        )


def claim_of(spec: Spec) -> RecordingClaim:
    """What the camera says of a recording."""
    return RecordingClaim(
        camera=spec.camera or "",
        profile=Profile.BODY2,
        firmware="4.1",
        volume_id="volume-1",
        mount=Mount.CHEST,
        lens_degrees=120,
        width=1280,
        height=720,
        frames_per_second=30,
        counter=spec.counter,
        activation=spec.counter,
        part=spec.part,
        last_part=True,
        media_type="video/mp4",
        size=len(spec.master),
        sha256=hashlib.sha256(spec.master).hexdigest(),
        started_at=STARTED,
        ended_at=STARTED + timedelta(minutes=7),
        buffer_ms=30_000,
        mute=(Span(from_ms=60_000, to_ms=108_000, reason="speaking to a doctor"),),
        stealth=(),
        events=(),
        clock=ClockState(set=True, set_at=STARTED - timedelta(days=1), source="dock 0007"),
        settings_version=3,
        interrupted=False,
    )


def docking_of(spec: Spec) -> DockingClaim:
    """What the dock says of the camera."""
    return DockingClaim(
        dock="0007",
        station="Brixton",
        bay=3,
        camera=spec.camera or "",
        docked_at=DOCKED,
        camera_clock_ahead_us_min=-1_200_000,
        camera_clock_ahead_us_max=-400_000,
        clock_set_at_last_docking=STARTED - timedelta(days=1),
        dock_clock_error_us=50_000,
    )


def facts_of(spec: Spec) -> ExhibitFacts:
    """What the bundle says of an exhibit."""
    claim = claim_of(spec) if spec.camera else None
    docked = spec.docked and claim is not None
    copy = spec.working_copy
    return ExhibitFacts(
        reference=spec.reference,
        case=CASE,
        title="Stop and search, Windrush Square",
        producer="PC Ada Whitlock, 614LX",
        recording=spec.recording,
        recording_reference=spec.recording_reference,
        provenance=Provenance.SIGNED if claim else Provenance.UNSIGNED,
        camera=spec.camera,
        wearer="PC Ada Whitlock, 614LX" if claim else None,
        unit="Lambeth" if claim else None,
        station="Brixton" if docked else None,
        started_at=claim.started_at if claim else None,
        ended_at=claim.ended_at if claim else None,
        clock_ahead_us_min=-1_250_000 if docked else None,
        clock_ahead_us_max=-350_000 if docked else None,
        received_at=RECEIVED,
        duration_ms=420_000,
        buffer_ms=30_000 if claim else 0,
        mute=claim.mute if claim else (),
        counters_missing=(),
        part=spec.part,
        last_part=True,
        interrupted=False,
        master=FileFacts(
            path=bundle.master_path(spec.recording_reference),
            media_type="video/mp4",
            size=len(spec.master),
            sha256=hashlib.sha256(spec.master).hexdigest(),
        ),
        working_copy=None
        if copy is None
        else FileFacts(
            path=bundle.working_copy_path(spec.reference),
            media_type="video/mp4",
            size=len(copy),
            sha256=hashlib.sha256(copy).hexdigest(),
        ),
        training=True,
    )


def _acts(spec: Spec) -> list[Act]:
    later = [Act.RECORDING_COPY_MADE, Act.RECORDING_VIEWED, Act.RECORDING_MARKED_EVIDENTIAL]
    between = [later[at % 3] for at in range(spec.acts - 2)]
    return [Act.RECORDING_RECEIVED, *between, Act.RECORDING_EXPORTED]


def _detail(spec: Spec, act: Act) -> dict[str, Detail]:
    if act is Act.RECORDING_RECEIVED:
        facts = facts_of(spec)
        return {"sha256": facts.master.sha256, "provenance": facts.provenance.value}
    return {"disclosure": DISCLOSURE} if act is Act.RECORDING_EXPORTED else {}


def _log_history(force: Force, spec: Spec) -> list[tuple[bytes, bytes, bytes, int]]:
    """Log a recording's acts; per act its entry, body, salt and index in the log."""
    logged = []
    previous = None
    for number, act in enumerate(_acts(spec), start=1):
        salt = hashlib.sha256(f"{spec.recording}{number}".encode()).digest()[:16]
        body = Body(actor="system:ingest", reason="", salt=salt, detail=_detail(spec, act)).encode()
        entry = Entry(
            subject=custody.recording_subject(spec.recording),
            sequence=number,
            previous=previous,
            act=act,
            at=RECEIVED + timedelta(minutes=number - 1),
            body=custody.body_digest(body),
        ).encode()
        leaf_hash = custody.leaf_hash(entry, salt)
        force.log.append(hashlib.sha256(entry).digest())  # somebody else's act, in between
        logged.append((entry, body, salt, force.log.append(leaf_hash)))
        previous = leaf_hash.hex()
    return logged


def receipt_of(force: Force, spec: Spec, *, entry: bytes, salt: bytes, proof: str) -> bytes:
    """A receipt for the master, under a log entry that may be another's."""
    claim = ReceiptClaim(
        recording=spec.recording,
        camera=spec.camera,
        counter=spec.counter if spec.camera else None,
        part=spec.part if spec.camera else None,
        size=len(spec.master),
        sha256=hashlib.sha256(spec.master).hexdigest(),
        received_at=RECEIVED,
        read_back_at=RECEIVED,
        entry_leaf=custody.leaf_hash(entry, salt).hex(),
    )
    statement = sign_statement(Statement(claim), key=force.receipt)
    return Receipt(statement=statement, entry=entry, salt=salt, proof=proof).encode()


def _proofs(force: Force, spec: Spec) -> dict[str, bytes]:
    logged = _log_history(force, spec)
    entry, _, salt, index = logged[0]
    early = force.log.proof(index, size=index + 1)
    lines = [
        history.encode(
            history.HistoryLine(
                entry=entry,
                body=None if number in spec.erased else body,
                proof=force.log.proof(index),
            )
        )
        for number, (entry, body, _, index) in enumerate(logged, start=1)
    ]
    files = {
        bundle.RECEIPT_FILE: receipt_of(force, spec, entry=entry, salt=salt, proof=early),
        bundle.CUSTODY_FILE: b"".join(lines),
        bundle.FACTS_FILE: exhibit.encode(facts_of(spec)),
    }
    if spec.camera is not None:
        key = force.cameras[spec.camera]
        envelope = sign_statement(Statement(claim_of(spec)), key=key)
        files[bundle.RECORDING_FILE] = envelope.encode()
        if spec.docked:
            claim = docking.sign_claim(docking_of(spec), key=force.dock)
            files[bundle.DOCKING_FILE] = claim.encode()
    if spec.working_copy is not None:
        files[bundle.DERIVATIVE_FILE] = derivative_of(force, spec)
    return {bundle.proof_path(spec.reference, name): data for name, data in files.items()}


def derivative_of(force: Force, spec: Spec, **changes: object) -> bytes:
    """The working copy's statement, changed as a test wishes."""
    copy = spec.working_copy or b""
    claim = DerivativeClaim(
        parent=Parent(
            recording=spec.recording,
            sha256=hashlib.sha256(spec.master).hexdigest(),
            size=len(spec.master),
        ),
        recipe=Recipe(name="remux", version="1", parameters={}),
        name=bundle.working_copy_path(spec.reference),
        media_type="video/mp4",
        sha256=hashlib.sha256(copy).hexdigest(),
        size=len(copy),
        made_at=COPIED,
    )
    changed = replace(claim, **changes)  # type: ignore[arg-type]  # a test names the fields it changes
    return sign_statement(Statement(changed), key=force.derivative).encode()


def files_of(
    force: Force, specs: Sequence[Spec], trust: TrustList | None = None
) -> dict[str, bytes]:
    """All files of a bundle but those that list and sign the others."""
    files = {
        bundle.TRUST: trusts.encode(trust or force.trust()),
        bundle.README: b"See the guide.\n",
    }
    rows = []
    for spec in specs:
        facts = facts_of(spec)
        files[facts.master.path] = spec.master
        if facts.working_copy is not None and spec.working_copy is not None:
            files[facts.working_copy.path] = spec.working_copy
        files[bundle.summary_path(spec.reference)] = b"%PDF-1.7 two pages\n"
        rows.append(f"<p>{spec.reference} {facts.master.sha256}</p>")
        files |= _proofs(force, spec)
    files[bundle.PAGE] = f"<!doctype html><title>Exhibits</title>{''.join(rows)}".encode()
    return files


def disclosed(specs: Sequence[Spec]) -> tuple[DisclosedExhibit, ...]:
    """What the disclosure statement says of the exhibits."""
    return tuple(
        DisclosedExhibit(
            reference=spec.reference,
            recording=spec.recording,
            recording_reference=spec.recording_reference,
            master_sha256=facts_of(spec).master.sha256,
            working_copy_sha256=None
            if spec.working_copy is None
            else hashlib.sha256(spec.working_copy).hexdigest(),
        )
        for spec in sorted(specs, key=lambda spec: spec.reference)
    )


def write_bundle(
    folder: Path,
    *,
    force: Force,
    files: Mapping[str, bytes],
    exhibits: tuple[DisclosedExhibit, ...],
    made_at: datetime = DISCLOSED,
    disclosure: str = DISCLOSURE,
) -> Path:
    """List and sign these files, and write all to a new folder."""
    writer = FolderWriter(folder)
    for path, data in files.items():
        writer.write(path, [data])
    tag_manifest = writer.close(
        source=force.name,
        identifier=disclosure,
        made_on=made_at.date(),
        training=True,
    )
    claim = DisclosureClaim(
        disclosure=UUID(disclosure),
        case=CASE,
        recipient="Orme & Co, for the defence",
        purpose="R v Carr, initial disclosure",
        produced_by="PC Ada Whitlock, 614LX",
        made_at=made_at,
        exhibits=exhibits,
        tag_manifest_sha256=tag_manifest,
    )
    writer.sign_off(sign_statement(Statement(claim), key=force.disclosure).encode())
    return folder


def make_bundle(folder: Path, *, force: Force, specs: Sequence[Spec] = (Spec(),)) -> Path:
    """An honest bundle."""
    return write_bundle(
        folder, force=force, files=files_of(force, specs), exhibits=disclosed(specs)
    )


def failed(report: Report) -> dict[int, Outcome]:
    """The checks that did not pass, and how they ended."""
    return {
        found.number: found.outcome
        for found in report.findings
        if found.outcome is not Outcome.PASSED
    }


def where(report: Report) -> set[str]:
    """All files that a report names."""
    return {path for found in report.findings for path in found.where}
