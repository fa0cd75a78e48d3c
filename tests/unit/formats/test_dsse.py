import dataclasses

import pytest
from tests.vectors import samples

from fairwitness.formats import dsse, statement
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import KeyUnknown, SignatureInvalid
from fairwitness.formats.statement import Statement

CAMERA = {samples.CAMERA_KEY.keyid: samples.CAMERA_KEY.public}


def refused(message: str) -> "pytest.RaisesExc[FormatError]":
    return pytest.raises(FormatError, match=message)


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
