import dataclasses
from uuid import UUID

import pytest
from tests.vectors import samples

from fairwitness.formats import canonical, docking, dsse, statement, trust
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import KeyUnknown
from fairwitness.formats.recording import RecordingClaim
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


def test_a_receipt_knows_a_camera_wholly_or_not_at_all() -> None:
    unsigned = dataclasses.replace(samples.RECEIPT_CLAIM, camera=None, counter=None, part=None)
    assert unsigned.subjects() == samples.RECEIPT_CLAIM.subjects()
    with pytest.raises(FormatError):
        dataclasses.replace(samples.RECEIPT_CLAIM, counter=None)


def test_subject_names_of_recordings_follow_their_ids() -> None:
    other = dataclasses.replace(samples.RECEIPT_CLAIM, recording=UUID(int=5))
    assert other.subjects()[0].name == "recording:00000000-0000-0000-0000-000000000005"
