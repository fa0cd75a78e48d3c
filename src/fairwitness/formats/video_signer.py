"""Who signed a video: the key in it, and the certificates that vouch for that key.

A video names its own key, which proves nothing: anyone can sign with a key of their own. Whose key
it is, is answered from outside the file: by the force's trust list, or by a root certificate that
the reader has. Certificates are looked at for the time that the video claims.
"""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509.oid import NameOID

from fairwitness.formats.keys import SigningKey
from fairwitness.formats.video_seal import Seal, SealInvalid

_DOCUMENT: Final = ec.ECDSA(Prehashed(hashes.SHA256()))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_CERTIFICATES: Final = 8
CHAIN_LIMIT: Final = 16 << 10
"""Bytes of a video's certificates that are kept beside it, at most."""
_MOST_ROOTS: Final = 200
ROOTS_LIMIT: Final = 1 << 20
"""Bytes of a file of root certificates, at most."""
_LONGEST_NAME: Final = 200
_BAD: Final = (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature)
"""What `cryptography` raises for certificates that can't be."""
VALID_FROM: Final = datetime(1970, 1, 1, tzinfo=UTC)
VALID_UNTIL: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""A camera's certificate says nothing of time: the trust list does."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, as the video says.

    Attributes:
        keyid: SHA-256 of the public key (SubjectPublicKeyInfo), hexadecimal.
        name: common name of its certificate; empty without one.
        certificates: the signer's and those between it and the root, in PEM; empty without one.
    """

    keyid: str
    name: str
    certificates: bytes


class SignatureCheck:
    """Checks seals' signatures against the one key that the video names first.

    Attributes:
        signer: who that is; None before the first seal that says so.
    """

    def __init__(self) -> None:
        self.signer: Signer | None = None
        self._key: ec.EllipticCurvePublicKey | None = None
        self._named = b""
        self._fault = "it names no key"

    def introduce(self, seal: Seal) -> str:
        """Take in the key that a seal names; says what is wrong with it, "" if nothing."""
        named = seal.certificates or seal.public_key
        if not named or named == self._named:
            return ""
        if self._named:
            return "it is signed by another key than what came before"
        self._named = named
        try:
            self._key, self.signer = _read_signer(seal)
        except SealInvalid as error:
            self._fault = error.message
        return ""

    def __call__(self, seal: Seal) -> str:
        """Why a seal's signature does not hold; "" when it does."""
        fault = self.introduce(seal)
        if fault:
            return fault
        if self._key is None:
            return self._fault
        try:
            self._key.verify(seal.signature or b"", seal.document, _DOCUMENT)
        except _BAD:
            return "its signature is wrong"
        return ""


def _read_signer(seal: Seal) -> tuple[ec.EllipticCurvePublicKey, Signer]:
    try:
        if seal.certificates:
            leaf = read_certificates(seal.certificates)[0]
            name, key = _common_name(leaf), _curve_key(leaf.public_key())
        else:
            name, key = "", _curve_key(serialization.load_pem_public_key(seal.public_key))
    except _BAD as error:
        raise SealInvalid("its certificate or key can't be read") from error
    return key, Signer(_keyid(key), name, seal.certificates)


def _curve_key(key: object) -> ec.EllipticCurvePublicKey:
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise SealInvalid("it is signed with a kind of key that we don't know")
    return key


def read_certificates(pem: bytes) -> list[x509.Certificate]:
    """Read certificates in PEM.

    Raises:
        SealInvalid: there are none, too many, or one can't be read.
    """
    if not 0 < pem.count(b"-----BEGIN") <= _MOST_CERTIFICATES:
        raise SealInvalid("it has no certificate, or too many")
    try:
        return x509.load_pem_x509_certificates(pem)
    except _BAD as error:
        raise SealInvalid("its certificate or key can't be read") from error


def read_roots(pem: bytes) -> tuple[x509.Certificate, ...]:
    """Read the root certificates that a reader trusts, in PEM.

    Raises:
        SealInvalid: there are none, too many, or one can't be read.
    """
    if len(pem) > ROOTS_LIMIT or not 0 < pem.count(b"-----BEGIN") <= _MOST_ROOTS:
        raise SealInvalid("it holds no root certificate, or too many")
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except _BAD as error:
        raise SealInvalid("a root certificate in it can't be read") from error


def rooted(signer: Signer, *, roots: Sequence[x509.Certificate], claimed_us: int | None) -> str:
    """Why no root of the reader's vouches for the signer at the time claimed; "" if one does.

    Args:
        signer: who signed, as the video says.
        roots: certificates that the reader trusts, from outside the file.
        claimed_us: the time that the video claims, microseconds since 1970; None when it claims
            none.
    """
    if not signer.certificates:
        return "the video has no certificate"
    if claimed_us is None:
        return "the video claims no time"
    try:
        chain = read_certificates(signer.certificates)
        trusted = [*(root for root in roots if root == chain[-1]), *_issuers(chain[-1], roots)]
        if not trusted:
            return "no root certificate that you trust vouches for it"
        whole = [*chain, trusted[0]] if trusted[0] != chain[-1] else chain
        for lower, upper in itertools.pairwise(whole):
            _demand_issued(lower, upper)
        claimed = _EPOCH + timedelta(microseconds=claimed_us)
        for each in whole:
            if not each.not_valid_before_utc <= claimed <= each.not_valid_after_utc:
                return "its certificate was not valid at the time that the video claims"
    except OverflowError:
        return "the video claims a time that can't be"
    except _BAD:
        return "its certificates do not vouch for one another"
    except SealInvalid as error:
        return error.message
    return ""


def _issuers(last: x509.Certificate, roots: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    found = []
    for root in roots:
        try:
            last.verify_directly_issued_by(root)
        except _BAD:
            continue
        found.append(root)
    return found


def _demand_issued(lower: x509.Certificate, upper: x509.Certificate) -> None:
    lower.verify_directly_issued_by(upper)
    try:
        constraints = upper.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        raise SealInvalid("its certificate was issued by one that may issue none") from None
    if not constraints.ca:
        raise SealInvalid("its certificate was issued by one that may issue none")


def _common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    words = str(names[0].value) if names else ""
    return "".join(letter for letter in words if letter.isprintable())[:_LONGEST_NAME]


def _keyid(key: ec.EllipticCurvePublicKey) -> str:
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(der).hexdigest()


@dataclass(frozen=True, slots=True)
class CameraCertificates:
    """What a camera says of its own key, in PEM.

    `leaf` goes into every seal. `root` stays outside the video, as the scheme wants it; readers
    that know nothing of a trust list can be given it.
    """

    leaf: bytes
    root: bytes


def camera_certificates(key: SigningKey, *, serial: str) -> CameraCertificates:
    """The certificates that a camera makes of its own key, both for that key; always the same.

    They prove nothing by themselves: who vouches for the key is the trust list, by the key's id.

    Args:
        key: the camera's.
        serial: the camera's serial number.
    """
    subject, issuer = _name(f"Camera {serial}"), _name(f"Camera {serial} root")
    leaf, root = (
        key.certify(
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .serial_number(int(key.keyid[place : place + 32], 16) | 1)
            .not_valid_before(VALID_FROM)
            .not_valid_after(VALID_UNTIL)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(_usage(ca=ca), critical=True)
        ).public_bytes(serialization.Encoding.PEM)
        for name, place, ca in ((subject, 0, False), (issuer, 32, True))
    )
    return CameraCertificates(leaf, root)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Fairwitness"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
