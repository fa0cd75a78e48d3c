"""Makes the vectors of docs/specs/statements.md: `python -m tests.vectors.make_statements`."""

import json
from typing import Any

from tests.vectors import samples, writing

from fairwitness.formats import canonical, docking, dsse, records, statement
from fairwitness.formats.dsse import Envelope, Signature
from fairwitness.formats.keys import SigningKey

NAME = "statements"
KEYS = {key.keyid: key.public for key in (samples.CAMERA_KEY, samples.DOCK_KEY)}


def make() -> dict[str, Any]:
    """The content of the file."""
    return {
        "about": "Training keys, made from small numbers; they sign nothing but tests.",
        "statements": [_statement(predicate, key) for predicate, key in samples.STATEMENTS],
        "claims": [_claim(claim, key) for claim, key in samples.CLAIMS],
        "invalid_envelopes": _invalid_envelopes(),
        "invalid_recordings": _invalid_recordings(),
    }


def _statement(predicate: Any, key: SigningKey) -> dict[str, Any]:  # noqa: ANN401 -- any predicate
    envelope = statement.sign_statement(statement.Statement(predicate), key=key)
    return _signed(predicate.PREDICATE, envelope, key) | {"predicate": records.to_json(predicate)}


def _claim(claim: Any, key: SigningKey) -> dict[str, Any]:  # noqa: ANN401 -- any claim
    envelope = docking.sign_claim(claim, key=key)
    return _signed(type(claim).__name__, envelope, key) | {"claim": records.to_json(claim)}


def _signed(name: str, envelope: Envelope, key: SigningKey) -> dict[str, Any]:
    return writing.valid(
        name,
        envelope.encode(),
        keyid=key.keyid,
        public_key=key.public.pem().decode(),
        pae=dsse.pae(envelope.payload_type, envelope.payload).hex(),
    )


def _invalid_envelopes() -> list[dict[str, Any]]:
    good = statement.sign_statement(
        statement.Statement(samples.RECORDING_CLAIM), key=samples.CAMERA_KEY
    )
    one = good.signatures[0]
    stranger = dsse.sign(good.payload, key=samples.STRANGER_KEY)
    text = good.encode().decode()
    plain = json.loads(text)
    cases = {
        "payload changed": Envelope(good.payload_type, good.payload + b" ", good.signatures),
        "payload type changed": Envelope("application/json", good.payload, good.signatures),
        "signed by a stranger": stranger,
        "a stranger signed too": Envelope(
            good.payload_type, good.payload, (one, *stranger.signatures)
        ),
        "a stranger under the camera's key id": Envelope(
            good.payload_type,
            good.payload,
            (Signature(keyid=one.keyid, sig=stranger.signatures[0].sig),),
        ),
        "signature cut": Envelope(
            good.payload_type, good.payload, (Signature(keyid=one.keyid, sig=one.sig[:-1]),)
        ),
        "byte after the signature": Envelope(
            good.payload_type, good.payload, (Signature(keyid=one.keyid, sig=one.sig + b"\0"),)
        ),
    }
    rough = {
        "no signature": plain | {"signatures": []},
        "same signature twice": plain | {"signatures": plain["signatures"] * 2},
        "unknown field": plain | {"note": ""},
        "key id missing": plain | {"signatures": [{"sig": plain["signatures"][0]["sig"]}]},
        "base64 without padding": plain | {"payload": "e30"},
        "base64 for addresses": plain | {"payload": "-_-_"},
        "bits left over in base64": plain | {"payload": "e31="},
        "payload is an object": plain | {"payload": {}},
    }
    return [
        *(writing.invalid(name, envelope.encode(), _open) for name, envelope in cases.items()),
        *(writing.invalid(name, canonical.encode(value), _open) for name, value in rough.items()),
        writing.invalid("not canonical", json.dumps(plain).encode(), _open),
    ]


def _invalid_recordings() -> list[dict[str, Any]]:
    good = json.loads(statement.encode(statement.Statement(samples.RECORDING_CLAIM)))
    claim = good["predicate"]
    other = {"digest": {"sha256": "0" * 64}, "name": good["subject"][0]["name"]}
    two = [good["subject"][0], other]
    predicate_changes: dict[str, dict[str, Any]] = {
        "field missing": {name: claim[name] for name in claim if name != "counter"},
        "unknown field": claim | {"colour": "blue"},
        "number as text": claim | {"counter": "2193"},
        "true as a number": claim | {"counter": True},
        "null where it may not be": claim | {"firmware": None},
        "unknown profile": claim | {"profile": "body9"},
        "digest in capitals": claim | {"sha256": claim["sha256"].upper()},
        "another digest than the subject": claim | {"sha256": "0" * 64},
        "time without microseconds": claim | {"started_at": "2017-06-08T22:12:40Z"},
        "time with an offset": claim | {"started_at": "2017-06-08T23:12:40.123456+01:00"},
        "a day that does not exist": claim | {"started_at": "2017-06-31T22:12:40.123456Z"},
        "a leap second": claim | {"started_at": "2016-12-31T23:59:60.000000Z"},
        "ends before it starts": claim | {"ended_at": "2017-06-08T22:12:40.123455Z"},
        "counter zero": claim | {"counter": 0},
        "activation after the counter": claim | {"activation": 2194},
        "mute spans overlap": claim
        | {
            "mute": [
                {"from_ms": 0, "reason": None, "to_ms": 10},
                {"from_ms": 9, "reason": None, "to_ms": 12},
            ]
        },
        "events out of order": claim | {"events": claim["events"][::-1]},
        "serial that is a path": claim | {"camera": "../00417"},
        "control character in text": claim | {"firmware": "1\u0000"},
    }
    values = {
        **{name: good | {"predicate": changed} for name, changed in predicate_changes.items()},
        "another statement version": good | {"_type": "https://in-toto.io/Statement/v0.1"},
        "another predicate": good | {"predicateType": statement.PREDICATES + "receipt/v1"},
        "a later version": good | {"predicateType": statement.PREDICATES + "recording/v2"},
        "no subject": good | {"subject": []},
        "another subject": good | {"subject": [other]},
        "one subject more": good | {"subject": two},
        "unknown field beside": good | {"note": 1},
    }
    return [
        writing.invalid(name, canonical.encode(value), _parse_recording)
        for name, value in values.items()
    ]


def _parse_recording(data: bytes) -> object:
    return statement.parse(data, type(samples.RECORDING_CLAIM))


def _open(data: bytes) -> object:
    return statement.open_statement(dsse.parse(data), type(samples.RECORDING_CLAIM), KEYS)


if __name__ == "__main__":
    writing.write(NAME, make())
