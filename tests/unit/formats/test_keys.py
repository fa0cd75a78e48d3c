import base64
import copy
import pickle
import traceback
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import KeyInvalid, PublicKey, SignatureInvalid, SigningKey

KEY = SigningKey(ec.derive_private_key(11, ec.SECP256R1()))
OTHER = SigningKey(ec.derive_private_key(12, ec.SECP256R1()))
PKCS8 = (
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
)
SPKI = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def test_a_key_comes_back_from_its_file() -> None:
    again = SigningKey.from_pem(KEY.pem())
    assert again.keyid == KEY.keyid
    assert again.pem() == KEY.pem()
    assert PublicKey.from_pem(KEY.public.pem()) == KEY.public


def test_every_generated_key_is_another() -> None:
    assert SigningKey.generate().keyid != SigningKey.generate().keyid


def test_what_is_signed_is_verified_and_nothing_else_is() -> None:
    signature = KEY.sign(b"data")
    KEY.public.verify(b"data", signature)
    for key, data, wrong in (
        (KEY, b"Data", signature),
        (OTHER, b"data", signature),
        (KEY, b"data", signature[:-1]),
        (KEY, b"data", signature + b"\0"),
        (KEY, b"data", b""),
        (KEY, b"data", bytes([0x30, 6, 2, 1, 0, 2, 1, 0])),
    ):
        with pytest.raises(SignatureInvalid):
            key.public.verify(data, wrong)


@given(st.binary(max_size=100))
def test_no_signature_raises_anything_else(signature: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        KEY.public.verify(b"data", signature)


def test_the_same_bytes_are_signed_the_same_way() -> None:
    assert KEY.sign(b"data") == KEY.sign(b"data")
    assert KEY.sign(b"data") != KEY.sign(b"date")


def test_a_private_key_never_shows_itself() -> None:
    secret = ec.derive_private_key(0xC0FFEE_D00D, ec.SECP256R1())
    key = SigningKey(secret)
    pem_middle = key.pem().decode().splitlines()[1]
    for shown in (repr(key), str(key), f"{key}", repr({"key": key}), repr([key.public])):
        assert "c0ffee" not in shown.lower()
        assert pem_middle not in shown
        assert str(0xC0FFEE_D00D) not in shown
        assert key.keyid in shown


def test_a_private_key_is_not_pickled_or_copied() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
    with pytest.raises(TypeError):
        copy.deepcopy(KEY)


def test_a_spoilt_private_key_is_not_quoted_in_the_error() -> None:
    lines = KEY.pem().decode().splitlines()
    spoilt = "\n".join([lines[0], lines[1][:-4] + "!!!!", *lines[2:]]).encode()
    with pytest.raises(KeyInvalid) as refusal:
        SigningKey.from_pem(spoilt)
    told = "".join(traceback.format_exception(refusal.value))
    assert lines[1][:20] not in told
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    "private",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256K1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["P-384", "secp256k1", "Ed25519", "RSA"],
)
def test_other_kinds_of_keys_are_refused(
    private: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey,
) -> None:
    with pytest.raises(KeyInvalid):
        SigningKey.from_pem(private.private_bytes(*PKCS8))
    with pytest.raises(KeyInvalid):
        PublicKey.from_pem(private.public_key().public_bytes(*SPKI))


def test_a_key_file_that_is_far_too_long_is_not_even_parsed() -> None:
    with pytest.raises(KeyInvalid, match="too long"):
        SigningKey.from_pem(KEY.pem() * 100)


def test_an_encrypted_key_file_is_refused() -> None:
    private = ec.derive_private_key(11, ec.SECP256R1())
    locked = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )
    with pytest.raises(KeyInvalid):
        SigningKey.from_pem(locked)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda pem: pem + b"\n",
        lambda pem: pem.rstrip(b"\n"),
        lambda pem: b"comment\n" + pem,
        lambda pem: pem.replace(b"\n", b"\r\n"),
        lambda pem: pem + pem,
        lambda pem: pem * 1000,
        lambda _pem: b"",
        lambda _pem: KEY.pem(),
    ],
    ids=["line after", "no end", "comment", "CRLF", "two keys", "long", "empty", "private"],
)
def test_a_public_key_has_one_spelling(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(KeyInvalid):
        PublicKey.from_pem(spoil(KEY.public.pem()))


def test_a_compressed_point_is_another_spelling_and_refused() -> None:
    prefix = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
    point = KEY.public._key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    )
    body = base64.b64encode(prefix + point).decode()
    lines = ["-----BEGIN PUBLIC KEY-----", body[:64], body[64:], "-----END PUBLIC KEY-----", ""]
    pem = "\n".join(lines).encode()
    serialization.load_pem_public_key(pem)  # a good key, in another spelling
    with pytest.raises(KeyInvalid):
        PublicKey.from_pem(pem)


@given(st.binary(max_size=300))
def test_no_file_raises_anything_but_a_format_error(data: bytes) -> None:
    for read in (PublicKey.from_pem, SigningKey.from_pem):
        with pytest.raises(FormatError):
            read(data)


@given(st.integers(0, 177), st.binary(max_size=3))
def test_no_spoilt_file_raises_anything_but_a_format_error(at: int, noise: bytes) -> None:
    for read, pem in ((PublicKey.from_pem, KEY.public.pem()), (SigningKey.from_pem, KEY.pem())):
        try:
            read(pem[:at] + noise + pem[at + 1 :])
        except FormatError:
            continue


def test_the_key_id_is_the_digest_of_the_subject_public_key_info() -> None:
    der = KEY.public._key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    assert digest.finalize().hex() == KEY.keyid


def test_public_keys_are_equal_by_what_they_are() -> None:
    assert KEY.public == SigningKey.from_pem(KEY.pem()).public
    assert KEY.public != OTHER.public
    assert KEY.public != KEY.keyid
    assert len({KEY.public, SigningKey.from_pem(KEY.pem()).public}) == 1
