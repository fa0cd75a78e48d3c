"""Our signed statements in other people's tools, and theirs in ours.

`openssl` is what a court's expert has at hand; `securesystemslib` is the reference implementation
of DSSE that in-toto itself uses.
"""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import (  # type: ignore[attr-defined]  # it does not list them
    CryptoSigner,
    SSlibKey,
)

from fairwitness.formats import canonical, dsse, recording, statement
from fairwitness.formats.keys import PublicKey, SignatureInvalid, SigningKey

VECTORS = Path(__file__).parents[1] / "vectors" / "statements" / "vectors.json"
CASES: list[dict[str, Any]] = [
    case for group in ("statements", "claims") for case in json.loads(VECTORS.read_bytes())[group]
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))


def their_key(pem: bytes, keyid: str) -> SSlibKey:
    return SSlibKey(keyid, "ecdsa", "ecdsa-sha2-nistp256", {"public": pem.decode()})


def openssl(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["openssl", *arguments], cwd=folder, check=False, capture_output=True, text=True
    )


@each_case
def test_openssl_verifies_what_we_sign(case: dict[str, Any], tmp_path: Path) -> None:
    envelope = json.loads(base64.b64decode(case["data"]))
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    (tmp_path / "pub.pem").write_text(case["public_key"])
    (tmp_path / "sig.bin").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    (tmp_path / "pae.bin").write_bytes(
        b"DSSEv1 " + b" ".join([b"%d" % len(kind), kind, b"%d" % len(payload), payload])
    )
    verify = ["dgst", "-sha256", "-verify", "pub.pem", "-signature", "sig.bin"]
    assert openssl(*verify, "pae.bin", folder=tmp_path).stdout == "Verified OK\n"
    (tmp_path / "pae.bin").write_bytes((tmp_path / "pae.bin").read_bytes() + b" ")
    assert openssl(*verify, "pae.bin", folder=tmp_path).returncode == 1


def test_openssl_shows_the_key_id(tmp_path: Path) -> None:
    case = CASES[0]
    (tmp_path / "pub.pem").write_text(case["public_key"])
    openssl(
        "pkey", "-pubin", "-in", "pub.pem", "-outform", "DER", "-out", "pub.der", folder=tmp_path
    )
    shown = openssl("dgst", "-sha256", "-r", "pub.der", folder=tmp_path).stdout
    assert shown.split()[0] == case["keyid"]


def test_we_read_and_verify_with_keys_that_openssl_made(tmp_path: Path) -> None:
    made = openssl(
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-out",
        "key.pem",
        folder=tmp_path,
    )
    assert made.returncode == 0
    openssl("pkey", "-in", "key.pem", "-pubout", "-out", "pub.pem", folder=tmp_path)
    (tmp_path / "pae.bin").write_bytes(dsse.pae(dsse.STATEMENT_TYPE, b"{}"))
    openssl("dgst", "-sha256", "-sign", "key.pem", "-out", "sig.bin", "pae.bin", folder=tmp_path)
    key = SigningKey.from_pem((tmp_path / "key.pem").read_bytes())
    public = PublicKey.from_pem((tmp_path / "pub.pem").read_bytes())
    assert key.public == public
    signature = dsse.Signature(keyid=public.keyid, sig=(tmp_path / "sig.bin").read_bytes())
    envelope = dsse.Envelope(dsse.STATEMENT_TYPE, b"{}", (signature,))
    assert dsse.verify(envelope, {public.keyid: public}) == public.keyid


@each_case
def test_securesystemslib_verifies_what_we_sign(case: dict[str, Any]) -> None:
    theirs = TheirEnvelope.from_dict(json.loads(base64.b64decode(case["data"])))
    key = their_key(case["public_key"].encode(), case["keyid"])
    assert theirs.pae().hex() == case["pae"]
    assert set(theirs.verify([key], 1)) == {case["keyid"]}
    theirs.payload += b" "
    with pytest.raises(VerificationError):
        theirs.verify([key], 1)


def test_we_verify_what_securesystemslib_signs() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    key = SigningKey(private)
    payload = base64.b64decode(json.loads(base64.b64decode(CASES[0]["data"]))["payload"])
    theirs = TheirEnvelope(payload, dsse.STATEMENT_TYPE, {})
    theirs.sign(CryptoSigner(private, their_key(key.public.pem(), key.keyid)))
    envelope = dsse.parse(canonical.encode(theirs.to_dict()))
    keys = {key.keyid: key.public}
    opened = statement.open_statement(envelope, recording.RecordingClaim, keys)
    assert opened.predicate.reference == "00417-2193"
    spoilt = dsse.Envelope(envelope.payload_type, payload + b" ", envelope.signatures)
    with pytest.raises(SignatureInvalid):
        dsse.verify(spoilt, keys)


def test_any_p256_implementation_verifies_a_fresh_signature() -> None:
    key = SigningKey.generate()
    envelope = dsse.sign(b"fresh", key=key)
    loaded = serialization.load_pem_public_key(key.public.pem())
    assert isinstance(loaded, ec.EllipticCurvePublicKey)
    loaded.verify(
        envelope.signatures[0].sig,
        b"DSSEv1 28 application/vnd.in-toto+json 5 fresh",
        ec.ECDSA(hashes.SHA256()),
    )
