"""One example of everything that our formats say, always the same: from these the vectors are made.

The keys are made from small numbers. They are worth nothing and sign nothing but tests.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fairwitness.formats import (
    checkpoint,
    custody,
    derivative,
    disclosure,
    disposal,
    docking,
    manifest,
    merkle,
    note,
    piece,
    proof,
    receipt,
    recording,
    statement,
    trust,
)
from fairwitness.formats.keys import SigningKey


def _key(number: int) -> SigningKey:
    return SigningKey(ec.derive_private_key(number, ec.SECP256R1()))


CAMERA_KEY = _key(1)
DOCK_KEY = _key(2)
RECEIPT_KEY = _key(3)
DERIVATIVE_KEY = _key(4)
DISPOSAL_KEY = _key(5)
DISCLOSURE_KEY = _key(6)
STRANGER_KEY = _key(7)
LOG = note.NoteSigner(
    Ed25519PrivateKey.from_private_bytes(bytes(range(32))), name="log.training.example"
)
WITNESS = note.NoteSigner(
    Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))),
    name="witness.training.example",
    kind=note.SignatureType.COSIGNATURE_V1,
)

MASTER = b"TRAINING, NOT EVIDENCE\n"
MASTER_SHA256 = hashlib.sha256(MASTER).hexdigest()
COPY = b"TRAINING, NOT EVIDENCE, working copy\n"
COPY_SHA256 = hashlib.sha256(COPY).hexdigest()
RECORDING = UUID("0b6f2f2e-5d0c-4c53-9d51-0d7a3f1f4a01")
OFFICER = UUID("6a1f0d7c-37a5-4d6e-8f4e-2d1f7b0a9c02")
DOCK = UUID("c2a9f7de-1d3b-4c8a-b0a4-5e6f7a8b9c03")
CAMERA = UUID("d41c7a55-0f2e-4b6d-9a3c-7e8d9f0a1b04")
DISCLOSURE = UUID("e5b8c3a1-2f4d-4e6a-8b7c-1d2e3f4a5b05")
STARTED = datetime(2017, 6, 8, 22, 12, 40, 123456, tzinfo=UTC)
RECEIVED = datetime(2017, 6, 9, 5, 40, tzinfo=UTC)
ISSUED = datetime(2017, 1, 2, 9, tzinfo=UTC)
LEAVES_BEFORE = tuple(merkle.leaf_hash(bytes([number])) for number in range(4))

RECORDING_CLAIM = recording.RecordingClaim(
    camera="00417",
    profile=recording.Profile.FLEX2,
    firmware="1.4.2",
    volume_id="training-volume",
    mount=recording.Mount.HELMET,
    lens_degrees=120,
    width=1280,
    height=720,
    frames_per_second=30,
    counter=2193,
    activation=2193,
    part=1,
    last_part=True,
    media_type="video/mp4",
    size=len(MASTER),
    sha256=MASTER_SHA256,
    started_at=STARTED,
    ended_at=STARTED + timedelta(seconds=95),
    buffer_ms=30_000,
    mute=(recording.Span(from_ms=61_000, to_ms=64_500, reason="confidential source"),),
    stealth=(),
    events=(
        recording.Event(at_ms=30_000, kind=recording.EventKind.START),
        recording.Event(at_ms=36_200, kind=recording.EventKind.PEOPLE_TOLD),
        recording.Event(at_ms=44_000, kind=recording.EventKind.MARKER, note="1"),
        recording.Event(at_ms=95_000, kind=recording.EventKind.STOP),
    ),
    clock=recording.ClockState(
        set=True, set_at=datetime(2017, 6, 8, 13, 55, 2, tzinfo=UTC), source="dock 0007"
    ),
    settings_version=3,
    interrupted=False,
)

DOCKING_CLAIM = docking.DockingClaim(
    dock="0007",
    station="Lewisham",
    bay=4,
    camera="00417",
    docked_at=datetime(2017, 6, 9, 5, 31, tzinfo=UTC),
    camera_clock_ahead_us_min=-412_000,
    camera_clock_ahead_us_max=-408_500,
    clock_set_at_last_docking=datetime(2017, 6, 8, 13, 55, 2, tzinfo=UTC),
    dock_clock_error_us=2_000,
    counters_missing=(2190,),
    evidential_flag=True,
)

SIGN_IN = docking.SignInClaim(
    dock="0007", nonce="9f2c6b1e0d4a8735", at=datetime(2017, 6, 9, 5, 30, 58, tzinfo=UTC)
)

ENROLMENT = docking.EnrolmentRequest(
    kind=docking.DeviceKind.CAMERA,
    serial="00417",
    profile=recording.Profile.FLEX2,
    station=None,
    public_key=CAMERA_KEY.public.pem().decode(),
    at=ISSUED,
)

BODY = custody.Body(
    actor=f"dock:{DOCK}",
    reason="",
    salt=bytes(range(16)),
    detail={"bay": 4, "camera": "00417", "late": False, "reference": "00417-2193"},
)
ENTRY = custody.Entry(
    subject=custody.recording_subject(RECORDING),
    sequence=1,
    previous=None,
    act=custody.Act.RECORDING_RECEIVED,
    at=RECEIVED,
    body=custody.body_digest(BODY.encode()),
)
ENTRY_LEAF_HASH = custody.leaf_hash(ENTRY.encode(), BODY.salt)
SECOND_BODY = custody.Body(
    actor=f"officer:{OFFICER}",
    reason="Burglary in Catford, statement to write",
    salt=bytes(range(16, 32)),
    detail={"incident": "CAD 1234/08JUN17", "tasks": ["incident", "review"]},
)
SECOND_ENTRY = custody.Entry(
    subject=custody.recording_subject(RECORDING),
    sequence=2,
    previous=ENTRY_LEAF_HASH.hex(),
    act=custody.Act.RECORDING_VIEWED,
    at=RECEIVED + timedelta(hours=9),
    body=custody.body_digest(SECOND_BODY.encode()),
)

RECEIPT_CLAIM = receipt.ReceiptClaim(
    recording=RECORDING,
    camera="00417",
    counter=2193,
    part=1,
    size=len(MASTER),
    sha256=MASTER_SHA256,
    received_at=RECEIVED,
    read_back_at=RECEIVED + timedelta(seconds=2),
    entry_leaf=ENTRY_LEAF_HASH.hex(),
)

DERIVATIVE_CLAIM = derivative.DerivativeClaim(
    parent=derivative.Parent(recording=RECORDING, sha256=MASTER_SHA256, size=len(MASTER)),
    recipe=derivative.Recipe(name="remux", version="1", parameters={"faststart": "yes"}),
    name="00417-2193.mp4",
    media_type="video/mp4",
    sha256=COPY_SHA256,
    size=len(COPY),
    made_at=RECEIVED + timedelta(minutes=3),
)

DISPOSAL_CLAIM = disposal.DisposalClaim(
    recording=RECORDING,
    reference="00417-2193",
    rule="default",
    reason="Nobody needed it within 31 days.",
    due=STARTED + timedelta(days=31),
    disposed_at=STARTED + timedelta(days=30, hours=20),
    key_destroyed_at=STARTED + timedelta(days=30, hours=20, seconds=1),
    ring_copies=2,
    copies_confirmed=2,
    status=disposal.DisposalStatus.CONFIRMED,
    commitment=disposal.commitment(
        secret=bytes(range(32)), master_sha256=bytes.fromhex(MASTER_SHA256)
    ),
    entry_leaf=hashlib.sha256(b"the entry of the disposal").hexdigest(),
)

DISCLOSURE_CLAIM = disclosure.DisclosureClaim(
    disclosure=DISCLOSURE,
    case="01PL/1234/17",
    recipient="Crown Prosecution Service, London South",
    purpose="First appearance",
    produced_by="PC 417PL A. B. Carter",
    made_at=RECEIVED + timedelta(days=2),
    exhibits=(
        disclosure.DisclosedExhibit(
            reference="ABC/1",
            recording=RECORDING,
            recording_reference="00417-2193",
            master_sha256=MASTER_SHA256,
            working_copy_sha256=COPY_SHA256,
        ),
    ),
    tag_manifest_sha256=hashlib.sha256(b"the tag manifest").hexdigest(),
)

STATEMENTS = (
    (RECORDING_CLAIM, CAMERA_KEY),
    (RECEIPT_CLAIM, RECEIPT_KEY),
    (DERIVATIVE_CLAIM, DERIVATIVE_KEY),
    (DISPOSAL_CLAIM, DISPOSAL_KEY),
    (DISCLOSURE_CLAIM, DISCLOSURE_KEY),
)
CLAIMS = ((DOCKING_CLAIM, DOCK_KEY), (SIGN_IN, DOCK_KEY), (ENROLMENT, CAMERA_KEY))

TRUST = trust.make_trust_list(
    force="Training force",
    issued_at=ISSUED,
    log=trust.TrustedLog(vkey=LOG.vkey, origin=LOG.name),
    keys=tuple(
        trust.TrustedKey(
            role=role,
            name=name,
            keyid=key.keyid,
            public_pem=key.public.pem().decode(),
            valid_from=ISSUED,
        )
        for role, name, key in (
            (trust.KeyRole.CAMERA, "00417", CAMERA_KEY),
            (trust.KeyRole.DOCK, "0007", DOCK_KEY),
            (trust.KeyRole.RECEIPT, "receipts 2017", RECEIPT_KEY),
            (trust.KeyRole.DERIVATIVE, "derivatives 2017", DERIVATIVE_KEY),
            (trust.KeyRole.DISPOSAL, "disposals 2017", DISPOSAL_KEY),
            (trust.KeyRole.DISCLOSURE, "disclosures 2017", DISCLOSURE_KEY),
        )
    ),
    witnesses=(trust.TrustedWitness(name=WITNESS.name, vkey=WITNESS.vkey),),
)


def node(leaves: tuple[bytes, ...]) -> merkle.NodeReader:
    """The complete subtrees of a small tree, by counting."""

    def read(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return merkle.node_hash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1))

    return read


LEAVES = (*LEAVES_BEFORE, ENTRY_LEAF_HASH)
OLD_CHECKPOINT = checkpoint.Checkpoint(
    origin=LOG.name, size=4, root=merkle.root(4, node(LEAVES_BEFORE))
)
CHECKPOINT = checkpoint.Checkpoint(origin=LOG.name, size=5, root=merkle.root(5, node(LEAVES)))
RECEIPT = receipt.Receipt(
    statement=statement.sign_statement(statement.Statement(RECEIPT_CLAIM), key=RECEIPT_KEY),
    entry=ENTRY.encode(),
    salt=BODY.salt,
    proof=proof.encode(
        index=4,
        hashes=merkle.inclusion_proof(4, 5, node(LEAVES)),
        checkpoint_note=checkpoint.sign(CHECKPOINT, signer=LOG),
    ),
    consistency=receipt.Consistency(
        old_size=4, hashes=tuple(merkle.consistency_proof(4, 5, node(LEAVES)))
    ),
)

MANIFEST = manifest.Manifest(
    recording=RECORDING,
    reference="00417-2193",
    provenance=manifest.Provenance.SIGNED,
    statement=statement.sign_statement(statement.Statement(RECORDING_CLAIM), key=CAMERA_KEY),
    docking=docking.sign_claim(DOCKING_CLAIM, key=DOCK_KEY),
    camera=manifest.Named(id=str(CAMERA), name="00417"),
    wearer=manifest.Named(id=str(OFFICER), name="PC 417PL A. B. Carter"),
    unit=manifest.Named(id="PL", name="Lewisham"),
    station=manifest.Named(id="lewisham", name="Lewisham"),
    dock=manifest.Named(id=str(DOCK), name="0007"),
    importer=None,
    filename="00417-2193-1.mp4",
    media_type="video/mp4",
    size=len(MASTER),
    sha256=MASTER_SHA256,
    received_at=RECEIVED,
    docked_at=DOCKING_CLAIM.docked_at,
    started_at=RECORDING_CLAIM.started_at,
    ended_at=RECORDING_CLAIM.ended_at,
    clock_started_at=RECORDING_CLAIM.ended_at + timedelta(microseconds=412_000),
    gone_by=RECORDING_CLAIM.ended_at + timedelta(days=31, microseconds=412_000),
    late=False,
    pieces=(
        manifest.PieceRef(
            blob="piece/5f/5fd924625f6ab16a",
            offset=0,
            length=len(MASTER),
            sealed_size=piece.sealed_size(len(MASTER)),
        ),
    ),
    entry_leaf=ENTRY_LEAF_HASH.hex(),
)
