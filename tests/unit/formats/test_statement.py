import dataclasses
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from tests.vectors import samples

from fairwitness.formats import canonical, disposal, docking, dsse, recording, statement, trust
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import KeyUnknown, SignatureInvalid
from fairwitness.formats.recording import Event, EventKind, RecordingClaim, Span
from fairwitness.formats.statement import Statement, Subject

PREDICATES = tuple(type(predicate) for predicate, _ in samples.STATEMENTS)
CAMERA = {samples.CAMERA_KEY.keyid: samples.CAMERA_KEY.public}


def refused(message: str) -> "pytest.RaisesExc[FormatError]":
    return pytest.raises(FormatError, match=message)


def test_a_statement_of_one_kind_is_never_read_as_another() -> None:
    for predicate, _ in samples.STATEMENTS:
        data = statement.encode(Statement(predicate))
        for other in PREDICATES:
            if isinstance(predicate, other):
                assert statement.parse(data, other).predicate == predicate
            else:
                with refused("This is no"):
                    statement.parse(data, other)


def test_a_key_for_one_purpose_does_not_open_another() -> None:
    for predicate, key in samples.STATEMENTS:
        envelope = statement.sign_statement(Statement(predicate), key=key)
        for role in trust.KeyRole:
            keys = samples.TRUST.keys_for(role)
            if role == predicate.PREDICATE or (role, predicate.PREDICATE) == (
                "camera",
                "recording",
            ):
                statement.open_statement(envelope, type(predicate), keys)
            else:
                with pytest.raises(KeyUnknown):
                    statement.open_statement(envelope, type(predicate), keys)


def test_a_claim_is_never_read_as_a_statement_nor_the_other_way_round() -> None:
    claim = docking.sign_claim(samples.DOCKING_CLAIM, key=samples.CAMERA_KEY)
    with refused("holds no statement"):
        statement.open_statement(claim, RecordingClaim, CAMERA)
    signed = statement.sign_statement(Statement(samples.RECORDING_CLAIM), key=samples.CAMERA_KEY)
    with refused("holds no application/vnd.fairwitness.docking"):
        docking.open_claim(signed, docking.DockingClaim, CAMERA)
    with refused("holds no application/vnd.fairwitness.sign-in"):
        docking.open_claim(claim, docking.SignInClaim, CAMERA)


def test_a_statement_under_a_claims_payload_type_is_refused_even_when_signed() -> None:
    data = statement.encode(Statement(samples.RECORDING_CLAIM))
    envelope = dsse.sign(
        data, key=samples.CAMERA_KEY, payload_type=docking.DockingClaim.PAYLOAD_TYPE
    )
    with refused("DockingClaim lacks"):
        docking.open_claim(envelope, docking.DockingClaim, CAMERA)


def test_the_predicate_is_told_before_the_statement_is_read() -> None:
    for predicate, _ in samples.STATEMENTS:
        data = statement.encode(Statement(predicate))
        assert statement.predicate_of(data) == predicate.PREDICATE


@pytest.mark.parametrize(
    "kind",
    [
        "https://slsa.dev/provenance/v1",
        "https://fairwitness.org/statement/recording/v2",
        "https://fairwitness.org/statement/Recording/v1",
        "https://fairwitness.org/statement//v1",
        "https://fairwitness.org/statement/a/b/v1",
        None,
        ["https://fairwitness.org/statement/recording/v1"],
    ],
    ids=repr,
)
def test_predicates_of_others_are_refused(kind: canonical.Json) -> None:
    data = canonical.encode(
        {"_type": statement.STATEMENT_V1, "predicate": {}, "predicateType": kind, "subject": []}
    )
    with refused("predicate that we do not know"):
        statement.predicate_of(data)


def test_statements_are_in_toto_v1() -> None:
    value = canonical.decode(statement.encode(Statement(samples.DISPOSAL_CLAIM)))
    assert isinstance(value, dict)
    assert value["_type"] == "https://in-toto.io/Statement/v1"
    assert value["predicateType"] == "https://fairwitness.org/statement/disposal/v1"
    assert value["subject"] == [
        {
            "digest": {"hmac-sha256": samples.DISPOSAL_CLAIM.commitment},
            "name": f"recording:{samples.RECORDING}",
        }
    ]


@pytest.mark.parametrize(("digest", "algorithm"), [("0" * 63, "sha256"), ("0" * 64, "md5")])
def test_a_subject_needs_a_digest_we_know(digest: str, algorithm: str) -> None:
    with pytest.raises(FormatError):
        Subject(name="x", digest=digest, algorithm=algorithm)


def test_an_envelope_is_bound_by_every_signature() -> None:
    payload = statement.encode(Statement(samples.RECORDING_CLAIM))
    first = dsse.sign(payload, key=samples.CAMERA_KEY)
    second = dsse.sign(payload, key=samples.DOCK_KEY)
    both = dataclasses.replace(first, signatures=first.signatures + second.signatures)
    keys = CAMERA | {samples.DOCK_KEY.keyid: samples.DOCK_KEY.public}
    assert dsse.verify(both, keys) == samples.CAMERA_KEY.keyid
    assert dsse.parse(both.encode()) == both
    with pytest.raises(KeyUnknown):
        dsse.verify(both, CAMERA)
    wrong = dsse.Signature(keyid=samples.DOCK_KEY.keyid, sig=first.signatures[0].sig)
    with pytest.raises(SignatureInvalid):
        dsse.verify(dataclasses.replace(both, signatures=(*first.signatures, wrong)), keys)


def test_a_key_filed_under_another_id_is_not_used() -> None:
    envelope = dsse.sign(b"{}", key=samples.CAMERA_KEY)
    with pytest.raises(KeyUnknown):
        dsse.verify(envelope, {samples.CAMERA_KEY.keyid: samples.DOCK_KEY.public})


def test_limits_of_an_envelope() -> None:
    one = dsse.sign(b"", key=samples.CAMERA_KEY).signatures
    with refused("too long"):
        dsse.Envelope(dsse.STATEMENT_TYPE, bytes(dsse.PAYLOAD_LIMIT + 1), one)
    with refused("signatures"):
        dsse.Envelope(dsse.STATEMENT_TYPE, b"", one * 5)
    with refused("short list"):
        dsse.Envelope.from_json({"payload": "", "payloadType": "x", "signatures": [1] * 5})
    with refused("payload type"):
        dsse.sign(b"", key=samples.CAMERA_KEY, payload_type="text/plain")
    with refused("length"):
        dsse.Signature(keyid="0" * 64, sig=b"")


def test_the_greatest_recording_claim_fits_into_an_envelope() -> None:
    longest = "\U0001f600"
    spans = tuple(
        Span(from_ms=10**8 + place, to_ms=10**8 + place, reason=longest * 100)
        for place in range(1000)
    )
    event = Event(at_ms=10**8, kind=EventKind.BATTERY_CHECKED, note=longest * 100)
    claim = dataclasses.replace(
        samples.RECORDING_CLAIM,
        firmware=longest * 4096,
        volume_id=longest * 4096,
        mute=spans,
        stealth=spans,
        events=(event,) * 2000,
    )
    envelope = statement.sign_statement(Statement(claim), key=samples.CAMERA_KEY)
    parsed = dsse.parse(envelope.encode())
    assert statement.open_statement(parsed, RecordingClaim, CAMERA).predicate == claim


@pytest.mark.parametrize(
    "change",
    [
        {"events": (Event(at_ms=0, kind=EventKind.MARKER),) * 2001},
        {"mute": (Span(from_ms=0, to_ms=0),) * 1001},
        {"width": 0},
        {"lens_degrees": 361},
        {"frames_per_second": 0},
        {"part": 0},
        {"size": -1},
        {"firmware": ""},
        {"volume_id": "x" * 4097},
        {"media_type": "video"},
        {"camera": "00417-"},
        {"camera": "4" * 33},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_no_camera_can_mean_is_refused(change: dict[str, object]) -> None:
    fields = {
        field.name: getattr(samples.RECORDING_CLAIM, field.name)
        for field in dataclasses.fields(samples.RECORDING_CLAIM)
    }
    with pytest.raises(FormatError):
        RecordingClaim(**fields | change)


def test_how_people_name_a_recording() -> None:
    assert samples.RECORDING_CLAIM.reference == "00417-2193"
    assert recording.reference(camera="00417", counter=2193, part=2) == "00417-2193/2"


def test_a_clock_that_was_never_set_has_no_time_of_setting() -> None:
    at = datetime(2017, 1, 1, tzinfo=UTC)
    with pytest.raises(FormatError):
        recording.ClockState(set=False, set_at=at, source=None)


@pytest.mark.parametrize(
    "change",
    [
        {"copies_confirmed": 1},
        {"copies_confirmed": 3},
        {"status": disposal.DisposalStatus.PENDING},
        {"key_destroyed_at": None},
        {"ring_copies": 0},
        {"reason": ""},
    ],
    ids=repr,
)
def test_a_record_of_deletion_does_not_claim_more_than_is_confirmed(
    change: dict[str, object],
) -> None:
    fields = {
        field.name: getattr(samples.DISPOSAL_CLAIM, field.name)
        for field in dataclasses.fields(samples.DISPOSAL_CLAIM)
    }
    with pytest.raises(FormatError):
        disposal.DisposalClaim(**fields | change)


def test_the_commitment_depends_on_secret_and_digest() -> None:
    one = disposal.commitment(secret=bytes(32), master_sha256=bytes(32))
    assert one == disposal.commitment(secret=bytes(32), master_sha256=bytes(32))
    assert one != disposal.commitment(secret=bytes(31) + b"\1", master_sha256=bytes(32))
    assert one != disposal.commitment(secret=bytes(32), master_sha256=bytes(31) + b"\1")
    for secret, digest in ((bytes(31), bytes(32)), (bytes(32), bytes(31))):
        with pytest.raises(FormatError):
            disposal.commitment(secret=secret, master_sha256=digest)


def test_exhibits_are_named_as_courts_name_them() -> None:
    exhibit = samples.DISCLOSURE_CLAIM.exhibits[0]
    for reference in ("ABC/", "/1", "../1", "ABC/1/2/3", "A B/1", ""):
        with pytest.raises(FormatError):
            dataclasses.replace(exhibit, reference=reference)
    with pytest.raises(FormatError):
        dataclasses.replace(samples.DISCLOSURE_CLAIM, exhibits=(exhibit, exhibit))


def test_an_enrolment_is_signed_by_the_very_key_it_names() -> None:
    envelope = docking.sign_claim(samples.ENROLMENT, key=samples.CAMERA_KEY)
    assert docking.open_enrolment(envelope) == samples.ENROLMENT
    assert samples.ENROLMENT.key == samples.CAMERA_KEY.public
    with pytest.raises(KeyUnknown):
        docking.open_enrolment(docking.sign_claim(samples.ENROLMENT, key=samples.STRANGER_KEY))
    forged = dsse.Signature(keyid=samples.CAMERA_KEY.keyid, sig=b"\x30\x06\x02\x01\x01\x02\x01\x01")
    with pytest.raises(SignatureInvalid):
        docking.open_enrolment(dataclasses.replace(envelope, signatures=(forged,)))


@pytest.mark.parametrize(
    "change",
    [
        {"camera_clock_ahead_us_min": None},
        {"camera_clock_ahead_us_max": -500_000},
        {"dock_clock_error_us": -1},
        {"bay": 0},
        {"counters_missing": (5, 5)},
        {"counters_missing": (0,)},
        {"counters_missing": (6, 5)},
        {"version": 2},
    ],
    ids=repr,
)
def test_what_no_dock_can_mean_is_refused(change: dict[str, object]) -> None:
    fields = {
        field.name: getattr(samples.DOCKING_CLAIM, field.name)
        for field in dataclasses.fields(samples.DOCKING_CLAIM)
    }
    with pytest.raises(FormatError):
        docking.DockingClaim(**fields | change)


def test_only_cameras_have_profiles_and_nonces_are_not_short() -> None:
    with pytest.raises(FormatError):
        dataclasses.replace(samples.ENROLMENT, profile=None)
    with pytest.raises(FormatError):
        dataclasses.replace(samples.ENROLMENT, kind=docking.DeviceKind.DOCK)
    for nonce in ("short", "x" * 201, "ä" * 20):
        with pytest.raises(FormatError):
            dataclasses.replace(samples.SIGN_IN, nonce=nonce)


def test_a_receipt_knows_a_camera_wholly_or_not_at_all() -> None:
    unsigned = dataclasses.replace(samples.RECEIPT_CLAIM, camera=None, counter=None, part=None)
    assert unsigned.subjects() == samples.RECEIPT_CLAIM.subjects()
    with pytest.raises(FormatError):
        dataclasses.replace(samples.RECEIPT_CLAIM, counter=None)


def test_a_trusted_key_is_believed_between_its_times() -> None:
    key = dataclasses.replace(
        samples.TRUST.keys[0],
        valid_until=samples.ISSUED + timedelta(days=10),
        revoked_at=samples.ISSUED + timedelta(days=5),
    )
    believed = [key.valid_at(samples.ISSUED + timedelta(days=day)) for day in (-1, 0, 4, 5, 10)]
    assert believed == [False, True, True, False, False]
    expired = dataclasses.replace(key, revoked_at=None)
    assert expired.valid_at(samples.ISSUED + timedelta(days=9))
    assert not expired.valid_at(samples.ISSUED + timedelta(days=10))


def test_keys_of_a_role_at_a_time() -> None:
    role = trust.KeyRole.RECEIPT
    before = samples.ISSUED - timedelta(seconds=1)
    assert list(samples.TRUST.keys_for(role)) == [samples.RECEIPT_KEY.keyid]
    assert list(samples.TRUST.keys_for(role, at=samples.ISSUED)) == [samples.RECEIPT_KEY.keyid]
    assert not samples.TRUST.keys_for(role, at=before)
    assert samples.TRUST.find(role, samples.CAMERA_KEY.keyid) is None


def test_the_fingerprint_is_what_sha256sum_begins_with() -> None:
    groups = trust.fingerprint(samples.TRUST).split(" ")
    assert [len(group) for group in groups] == [4] * 8
    changed = dataclasses.replace(samples.TRUST, force="Another force")
    assert trust.fingerprint(changed) != trust.fingerprint(samples.TRUST)


def test_log_and_witness_keys_make_their_verifiers() -> None:
    assert samples.TRUST.log.verifier.name == samples.LOG.name
    assert samples.TRUST.witnesses[0].verifier.name == samples.WITNESS.name
    with pytest.raises(FormatError):
        trust.TrustedWitness(name="w", vkey="w+00000000+AA==")


def test_subject_names_of_recordings_follow_their_ids() -> None:
    other = dataclasses.replace(samples.RECEIPT_CLAIM, recording=UUID(int=5))
    assert other.subjects()[0].name == "recording:00000000-0000-0000-0000-000000000005"
