"""Every document of our formats: how hypothesis makes one, how it is written and read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import strategies as st

from fairwitness.formats import (
    custody,
    derivative,
    disclosure,
    disposal,
    docking,
    dsse,
    manifest,
    note,
    piece,
    receipt,
    recording,
    statement,
    trust,
)
from fairwitness.formats.keys import SigningKey

KEYS = tuple(SigningKey(ec.derive_private_key(n, ec.SECP256R1())) for n in range(1, 6))
SIGNER = note.NoteSigner.generate("log.example/training")
WITNESS = note.NoteSigner.generate("witness.example", kind=note.SignatureType.COSIGNATURE_V1)

texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"),
    min_size=1,
    max_size=20,
)
maybe_texts = st.none() | texts
serials = st.from_regex(r"[0-9A-Za-z]{1,6}(-[0-9A-Za-z]{1,6})?", fullmatch=True)
times = st.datetimes(timezones=st.just(UTC))
clock_times = st.datetimes(datetime(1970, 1, 1), datetime(2499, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone
maybe_times = st.none() | times
counts = st.integers(1, 2**53 - 1)
sizes = st.integers(0, 2**53 - 1)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
maybe_digests = st.none() | digests
uuids = st.uuids(version=4)
payload_types = st.sampled_from(
    [dsse.STATEMENT_TYPE, docking.DockingClaim.PAYLOAD_TYPE, docking.SignInClaim.PAYLOAD_TYPE]
)
envelopes = st.builds(
    dsse.Envelope,
    payload_type=payload_types,
    payload=st.binary(max_size=60),
    signatures=st.lists(
        st.builds(dsse.Signature, keyid=digests, sig=st.binary(min_size=1, max_size=72)),
        min_size=1,
        max_size=4,
        unique_by=lambda signature: signature.keyid,
    ).map(tuple),
)


@st.composite
def spans(draw: st.DrawFn) -> tuple[recording.Span, ...]:
    edges = sorted(draw(st.lists(st.integers(0, 10**6), max_size=8)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(
        recording.Span(from_ms=start, to_ms=end, reason=draw(maybe_texts)) for start, end in pairs
    )


@st.composite
def recordings(draw: st.DrawFn) -> recording.RecordingClaim:
    started_at = draw(clock_times)
    counter = draw(counts)
    is_set = draw(st.booleans())
    events = st.builds(
        recording.Event,
        at_ms=st.integers(0, 10**6),
        kind=st.sampled_from(recording.EventKind),
        note=maybe_texts,
    )
    return recording.RecordingClaim(
        camera=draw(serials),
        profile=draw(st.sampled_from(recording.Profile)),
        firmware=draw(texts),
        volume_id=draw(texts),
        mount=draw(st.sampled_from(recording.Mount)),
        lens_degrees=draw(st.integers(1, 360)),
        width=draw(st.integers(1, 4096)),
        height=draw(st.integers(1, 4096)),
        frames_per_second=draw(st.integers(1, 240)),
        counter=counter,
        activation=draw(st.integers(1, counter)),
        part=draw(counts),
        last_part=draw(st.booleans()),
        media_type=draw(st.sampled_from(["video/mp4", "video/x-matroska"])),
        size=draw(sizes),
        sha256=draw(digests),
        started_at=started_at,
        ended_at=started_at + draw(st.timedeltas(timedelta(0), timedelta(days=1))),
        buffer_ms=draw(st.integers(0, 120_000)),
        mute=draw(spans()),
        stealth=draw(spans()),
        events=tuple(sorted(draw(st.lists(events, max_size=5)), key=lambda event: event.at_ms)),
        clock=recording.ClockState(
            set=is_set, set_at=draw(maybe_times) if is_set else None, source=draw(maybe_texts)
        ),
        settings_version=draw(sizes),
        interrupted=draw(st.booleans()),
    )


@st.composite
def receipt_claims(draw: st.DrawFn) -> receipt.ReceiptClaim:
    signed = draw(st.booleans())
    return receipt.ReceiptClaim(
        recording=draw(uuids),
        camera=draw(serials) if signed else None,
        counter=draw(counts) if signed else None,
        part=draw(counts) if signed else None,
        size=draw(sizes),
        sha256=draw(digests),
        received_at=draw(times),
        read_back_at=draw(times),
        entry_leaf=draw(digests),
    )


derivatives = st.builds(
    derivative.DerivativeClaim,
    parent=st.builds(derivative.Parent, recording=uuids, sha256=digests, size=sizes),
    recipe=st.builds(
        derivative.Recipe,
        name=texts,
        version=texts,
        parameters=st.dictionaries(texts, texts, max_size=4),
    ),
    name=texts,
    media_type=st.just("image/jpeg"),
    sha256=digests,
    size=sizes,
    made_at=times,
)


@st.composite
def disposals(draw: st.DrawFn) -> disposal.DisposalClaim:
    copies = draw(st.integers(1, 4))
    confirmed = draw(st.integers(0, copies))
    done = confirmed == copies
    status = disposal.DisposalStatus
    return disposal.DisposalClaim(
        recording=draw(uuids),
        reference=draw(texts),
        rule=draw(texts),
        reason=draw(texts),
        due=draw(times),
        disposed_at=draw(times),
        key_destroyed_at=draw(times) if done else None,
        ring_copies=copies,
        copies_confirmed=confirmed,
        status=status.CONFIRMED if done else status.PENDING,
        commitment=draw(digests),
        entry_leaf=draw(digests),
    )


disclosures = st.builds(
    disclosure.DisclosureClaim,
    disclosure=uuids,
    case=texts,
    recipient=texts,
    purpose=texts,
    produced_by=texts,
    made_at=times,
    exhibits=st.lists(
        st.builds(
            disclosure.DisclosedExhibit,
            reference=st.from_regex(r"[A-Z]{2,3}/[1-9][0-9]?", fullmatch=True),
            recording=uuids,
            recording_reference=texts,
            master_sha256=digests,
            working_copy_sha256=maybe_digests,
        ),
        max_size=4,
        unique_by=lambda exhibit: exhibit.reference,
    ).map(lambda exhibits: tuple(sorted(exhibits, key=lambda exhibit: exhibit.reference))),
    tag_manifest_sha256=digests,
)


@st.composite
def dockings(draw: st.DrawFn) -> docking.DockingClaim:
    bounds = draw(st.none() | st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 10**9)))
    gaps = draw(st.sets(counts, max_size=4))
    return docking.DockingClaim(
        dock=draw(serials),
        station=draw(texts),
        bay=draw(st.integers(1, 1000)),
        camera=draw(serials),
        docked_at=draw(clock_times),
        camera_clock_ahead_us_min=bounds[0] if bounds else None,
        camera_clock_ahead_us_max=bounds[0] + bounds[1] if bounds else None,
        clock_set_at_last_docking=draw(maybe_times),
        dock_clock_error_us=draw(st.none() | sizes),
        counters_missing=tuple(sorted(gaps)),
        evidential_flag=draw(st.booleans()),
    )


sign_ins = st.builds(
    docking.SignInClaim,
    dock=serials,
    nonce=st.text("abcdef0123456789", min_size=16, max_size=64),
    at=times,
)


@st.composite
def enrolments(draw: st.DrawFn) -> docking.EnrolmentRequest:
    kind = draw(st.sampled_from(docking.DeviceKind))
    is_camera = kind is docking.DeviceKind.CAMERA
    return docking.EnrolmentRequest(
        kind=kind,
        serial=draw(serials),
        profile=draw(st.sampled_from(recording.Profile)) if is_camera else None,
        station=draw(maybe_texts),
        public_key=draw(st.sampled_from(KEYS)).public.pem().decode(),
        at=draw(times),
    )


@st.composite
def entries(draw: st.DrawFn) -> custody.Entry:
    sequence = draw(counts)
    return custody.Entry(
        subject=draw(uuids.map(custody.recording_subject) | st.sampled_from(["log", "force"])),
        sequence=sequence,
        previous=None if sequence == 1 else draw(digests),
        act=draw(st.sampled_from(custody.Act)),
        at=draw(times),
        body=draw(digests),
    )


details = st.none() | texts | st.booleans() | sizes | st.lists(texts, max_size=3)
bodies = st.builds(
    custody.Body,
    actor=st.sampled_from(["system:retention", f"officer:{UUID(int=7)}", "dock:0007"]),
    reason=texts | st.just(""),
    salt=st.binary(min_size=16, max_size=16),
    detail=st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True), details, max_size=4
    ),
)


@st.composite
def manifests(draw: st.DrawFn) -> manifest.Manifest:
    named = st.none() | st.builds(manifest.Named, id=texts, name=texts)
    lengths = draw(st.lists(st.integers(1, piece.PIECE_PLAINTEXT), max_size=4))
    pieces = tuple(
        manifest.PieceRef(
            blob=f"piece/{number:04x}",
            offset=sum(lengths[:number]),
            length=length,
            sealed_size=piece.sealed_size(length),
        )
        for number, length in enumerate(lengths)
    )
    statement_envelope = draw(st.none() | envelopes)
    provenances = st.sampled_from([manifest.Provenance.UNSIGNED, manifest.Provenance.IMPORTED])
    return manifest.Manifest(
        recording=draw(uuids),
        reference=draw(texts),
        provenance=manifest.Provenance.SIGNED if statement_envelope else draw(provenances),
        statement=statement_envelope,
        docking=draw(st.none() | envelopes),
        camera=draw(named),
        wearer=draw(named),
        unit=draw(named),
        station=draw(named),
        dock=draw(named),
        importer=draw(named),
        filename=draw(maybe_texts),
        media_type="video/mp4",
        size=sum(lengths),
        sha256=draw(digests),
        received_at=draw(times),
        docked_at=draw(maybe_times),
        started_at=draw(maybe_times),
        ended_at=draw(maybe_times),
        clock_started_at=draw(times),
        gone_by=draw(maybe_times),
        late=draw(st.booleans()),
        pieces=pieces,
        entry_leaf=draw(maybe_digests),
    )


receipts = st.builds(
    receipt.Receipt,
    statement=envelopes,
    entry=st.binary(max_size=40),
    salt=st.binary(min_size=16, max_size=16),
    proof=texts,
    consistency=st.none()
    | st.builds(
        receipt.Consistency,
        old_size=sizes,
        hashes=st.lists(st.binary(min_size=32, max_size=32), max_size=3).map(tuple),
    ),
)


@st.composite
def trusted_keys(draw: st.DrawFn) -> trust.TrustedKey:
    key = draw(st.sampled_from(KEYS)).public
    valid_from = draw(times)
    later = st.datetimes(min_value=valid_from.replace(tzinfo=None), timezones=st.just(UTC))
    return trust.TrustedKey(
        role=draw(st.sampled_from(trust.KeyRole)),
        name=draw(texts),
        keyid=key.keyid,
        public_pem=key.pem().decode(),
        valid_from=valid_from,
        valid_until=draw(st.none() | later),
        revoked_at=draw(maybe_times),
    )


trust_lists = st.builds(
    trust.make_trust_list,
    force=texts,
    issued_at=times,
    log=st.just(trust.TrustedLog(vkey=SIGNER.vkey, origin=SIGNER.name)),
    keys=st.lists(
        trusted_keys(), max_size=4, unique_by=lambda trusted: (trusted.role, trusted.keyid)
    ).map(tuple),
    witnesses=st.sampled_from(
        [(), (trust.TrustedWitness(name="witness.example", vkey=WITNESS.vkey),)]
    ),
)


@dataclass(frozen=True)
class Document:
    """One kind of document: examples of it, its writer and its reader."""

    name: str
    examples: st.SearchStrategy[Any]
    write: Callable[[Any], bytes]
    read: Callable[[bytes], Any]


def _statements(predicate: type[Any], examples: st.SearchStrategy[Any]) -> Document:
    return Document(
        f"{predicate.PREDICATE} statement",
        examples.map(statement.Statement),
        statement.encode,
        lambda data: statement.parse(data, predicate),
    )


def _claims(claim: type[Any], examples: st.SearchStrategy[Any]) -> Document:
    signature = dsse.Signature(keyid="0" * 64, sig=b"unchecked")
    return Document(
        claim.__name__,
        examples,
        docking.encode,
        lambda data: docking.parse_claim(
            dsse.Envelope(claim.PAYLOAD_TYPE, data, (signature,)), claim
        ),
    )


DOCUMENTS = (
    _statements(recording.RecordingClaim, recordings()),
    _statements(receipt.ReceiptClaim, receipt_claims()),
    _statements(derivative.DerivativeClaim, derivatives),
    _statements(disposal.DisposalClaim, disposals()),
    _statements(disclosure.DisclosureClaim, disclosures),
    _claims(docking.DockingClaim, dockings()),
    _claims(docking.SignInClaim, sign_ins),
    _claims(docking.EnrolmentRequest, enrolments()),
    Document("envelope", envelopes, dsse.Envelope.encode, dsse.parse),
    Document("custody entry", entries(), custody.Entry.encode, custody.parse_entry),
    Document("custody body", bodies, custody.Body.encode, custody.parse_body),
    Document("manifest", manifests(), manifest.encode, manifest.parse),
    Document("receipt", receipts, receipt.Receipt.encode, receipt.parse),
    Document("trust list", trust_lists, trust.encode, trust.parse),
)
