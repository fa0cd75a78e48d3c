"""The published vectors: read as the specifications say, and made again without a difference."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.vectors import (
    make_canonical_json,
    make_custody_entry,
    make_manifest,
    make_receipt,
    make_statements,
    make_trust_list,
    writing,
)

from fairwitness.formats import (
    canonical,
    custody,
    derivative,
    disclosure,
    disposal,
    docking,
    dsse,
    keys,
    manifest,
    receipt,
    recording,
    records,
    statement,
    trust,
)
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.errors import FormatError

VECTORS = Path(__file__).parents[2] / "vectors"
MAKERS = (
    make_canonical_json,
    make_custody_entry,
    make_manifest,
    make_receipt,
    make_statements,
    make_trust_list,
)
PREDICATES: dict[str, Any] = {
    "recording": recording.RecordingClaim,
    "receipt": receipt.ReceiptClaim,
    "derivative": derivative.DerivativeClaim,
    "disposal": disposal.DisposalClaim,
    "disclosure": disclosure.DisclosureClaim,
}
CLAIMS: dict[str, Any] = {
    "DockingClaim": docking.DockingClaim,
    "SignInClaim": docking.SignInClaim,
    "EnrolmentRequest": docking.EnrolmentRequest,
}


def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((VECTORS / name / "vectors.json").read_bytes())
    return content


def cases(name: str, group: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", load(name)[group], ids=lambda case: str(case["name"]))


def assert_refused(case: dict[str, Any], read: Callable[[bytes], object]) -> None:
    with pytest.raises(FormatError) as refusal:
        read(base64.b64decode(case["data"]))
    assert refusal.value.stable_code == case["code"]


def known_keys() -> dict[str, keys.PublicKey]:
    """The camera's and the dock's keys, which sign the recording and the docking."""
    content = load("statements")
    pems = [content["statements"][0]["public_key"], content["claims"][0]["public_key"]]
    found = [keys.PublicKey.from_pem(pem.encode()) for pem in pems]
    return {key.keyid: key for key in found}


def open_recording(data: bytes) -> object:
    return statement.open_statement(dsse.parse(data), recording.RecordingClaim, known_keys())


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: str(maker.NAME))
def test_made_again_without_a_difference(maker: ModuleType) -> None:
    stored = (VECTORS / maker.NAME / "vectors.json").read_text(encoding="utf-8")
    assert writing.text(maker.make()) == stored


@cases("canonical-json", "valid")
def test_canonical_json(case: dict[str, Any]) -> None:
    data = base64.b64decode(case["data"])
    value = canonical.decode(data)
    assert value == json.loads(data)
    assert canonical.encode(value) == data


@cases("canonical-json", "invalid")
def test_json_that_is_not_canonical(case: dict[str, Any]) -> None:
    assert_refused(case, canonical.decode)


@cases("statements", "statements")
def test_statement(case: dict[str, Any]) -> None:
    key = keys.PublicKey.from_pem(case["public_key"].encode())
    envelope = dsse.parse(base64.b64decode(case["data"]))
    assert dsse.pae(envelope.payload_type, envelope.payload).hex() == case["pae"]
    assert key.keyid == case["keyid"]
    opened = statement.open_statement(envelope, PREDICATES[case["name"]], {key.keyid: key})
    assert records.to_json(opened.predicate) == case["predicate"]
    assert statement.predicate_of(envelope.payload) == case["name"]


@cases("statements", "claims")
def test_claim(case: dict[str, Any]) -> None:
    key = keys.PublicKey.from_pem(case["public_key"].encode())
    envelope = dsse.parse(base64.b64decode(case["data"]))
    opened: object = docking.open_claim(envelope, CLAIMS[case["name"]], {key.keyid: key})
    assert records.to_json(opened) == case["claim"]


@cases("statements", "invalid_envelopes")
def test_envelope_to_refuse(case: dict[str, Any]) -> None:
    assert_refused(case, open_recording)


@cases("statements", "invalid_recordings")
def test_recording_to_refuse(case: dict[str, Any]) -> None:
    assert_refused(case, lambda data: statement.parse(data, recording.RecordingClaim))


@cases("custody-entry", "valid")
def test_custody_entry(case: dict[str, Any]) -> None:
    entry_bytes, body_bytes = case["entry"].encode(), case["body"].encode()
    body = custody.parse_body(body_bytes)
    assert body.encode() == body_bytes
    assert body.salt.hex() == case["salt"]
    assert custody.body_digest(body_bytes) == case["body_sha256"]
    assert custody.parse_entry(entry_bytes).body == case["body_sha256"]
    assert custody.leaf(entry_bytes, body.salt).hex() == case["leaf"]
    assert custody.leaf_hash(entry_bytes, body.salt).hex() == case["leaf_hash"]


def test_custody_entries_of_a_subject_are_chained() -> None:
    first, second = load("custody-entry")["valid"]
    assert custody.parse_entry(second["entry"].encode()).previous == first["leaf_hash"]


def test_acts_are_those_published() -> None:
    assert sorted(custody.Act) == load("custody-entry")["acts"]


@cases("custody-entry", "invalid_entries")
def test_entry_to_refuse(case: dict[str, Any]) -> None:
    assert_refused(case, custody.parse_entry)


@cases("custody-entry", "invalid_bodies")
def test_body_to_refuse(case: dict[str, Any]) -> None:
    assert_refused(case, custody.parse_body)


@cases("manifest", "valid")
def test_manifest(case: dict[str, Any]) -> None:
    data = base64.b64decode(case["data"])
    assert manifest.encode(manifest.parse(data)) == data


@cases("manifest", "invalid")
def test_manifest_to_refuse(case: dict[str, Any]) -> None:
    assert_refused(case, manifest.parse)


@cases("trust-list", "valid")
def test_trust_list(case: dict[str, Any]) -> None:
    data = base64.b64decode(case["data"])
    parsed = trust.parse(data)
    assert trust.encode(parsed) == data
    assert trust.fingerprint(parsed) == case["fingerprint"]


@cases("trust-list", "invalid")
def test_trust_list_to_refuse(case: dict[str, Any]) -> None:
    assert_refused(case, trust.parse)


def check_receipt(data: bytes) -> Checkpoint:
    content = load("receipt")
    last = content["last_checkpoint"]
    return receipt.check_receipt(
        receipt.parse(data),
        trust=trust.parse(base64.b64decode(content["trust"])),
        sha256=content["sha256"],
        size=content["size"],
        last_checkpoint=Checkpoint(
            origin=last["origin"], size=last["size"], root=bytes.fromhex(last["root"])
        ),
    )


@cases("receipt", "valid")
def test_receipt(case: dict[str, Any]) -> None:
    checkpoint = check_receipt(base64.b64decode(case["data"]))
    assert checkpoint.size == case["checkpoint_size"]
    assert checkpoint.root.hex() == case["checkpoint_root"]


@cases("receipt", "invalid")
def test_receipt_to_refuse(case: dict[str, Any]) -> None:
    assert_refused(case, check_receipt)
