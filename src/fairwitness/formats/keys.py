"""Keys that sign statements: ECDSA on the curve P-256 with SHA-256 (ADR 0003).

Everything that anyone needs to check one of our signatures is in plain OpenSSL: the public key is
an ordinary PEM file, the signature ordinary DER. A private key never shows itself: not when
printed, not in a traceback, not when pickled.
"""

import hashlib
from typing import ClassVar, NoReturn, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fairwitness.formats.errors import FormatError

PEM_LIMIT = 4096
"""Bytes of a key file, at most; ours have some 250."""


class KeyInvalid(FormatError):
    """A key file that holds no P-256 key in the form that we write."""

    code: ClassVar[str] = "format.key"


class SignatureInvalid(FormatError):
    """A signature that its key did not make over these bytes."""

    code: ClassVar[str] = "format.signature"


class KeyUnknown(FormatError):
    """A signature by a key that the reader has no reason to trust."""

    code: ClassVar[str] = "format.key_unknown"


def _algorithm() -> ec.ECDSA:
    """ECDSA with SHA-256; with nonces by RFC 6979 where the OpenSSL beneath can do it.

    A deterministic nonce asks nothing of a small device's randomness, and signing the same bytes
    twice gives the same signature.
    """
    try:
        return ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    except UnsupportedAlgorithm:  # pragma: no cover -- OpenSSL before 3.2
        return ec.ECDSA(hashes.SHA256())


_SIGNING = _algorithm()
_VERIFYING = ec.ECDSA(hashes.SHA256())


class PublicKey:
    """A P-256 public key, known by its key id: the SHA-256 of its SubjectPublicKeyInfo in DER."""

    __slots__ = ("_key", "keyid")

    keyid: str

    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        if not isinstance(key.curve, ec.SECP256R1):
            raise KeyInvalid("The key is not on the curve P-256.")
        self._key = key
        der = key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.keyid = hashlib.sha256(der).hexdigest()

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Read a public key in PEM, exactly as `pem` and `openssl ec -pubout` write it.

        Raises:
            KeyInvalid: anything else, another curve or algorithm included.
        """
        key = _load(pem)
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise KeyInvalid("The file holds no elliptic-curve public key.")
        public = cls(key)
        if public.pem() != pem:
            raise KeyInvalid("The public key is not in the one form that we read.")
        return public

    def pem(self) -> bytes:
        """The key as a PEM file (SubjectPublicKeyInfo), ending in a new line."""
        return self._key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def verify(self, data: bytes, signature: bytes) -> None:
        """Check that this key's owner signed these bytes.

        Args:
            data: the bytes themselves, not their digest.
            signature: ECDSA in DER.

        Raises:
            SignatureInvalid: they did not.
        """
        try:
            self._key.verify(signature, data, _VERIFYING)
        except InvalidSignature as error:
            raise SignatureInvalid(f"The signature by key {self.keyid[:16]} is wrong.") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and other.keyid == self.keyid

    def __hash__(self) -> int:
        return hash(self.keyid)

    def __repr__(self) -> str:
        return f"PublicKey(keyid={self.keyid!r})"


class SigningKey:
    """A P-256 private key. It signs, and shows its key id; nothing else of it leaves by itself."""

    __slots__ = ("_key", "public")

    public: PublicKey

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self.public = PublicKey(key.public_key())
        self._key = key

    @classmethod
    def generate(cls) -> Self:
        """A new key from the operating system's randomness."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Read a private key in PEM (PKCS #8, not encrypted).

        Raises:
            KeyInvalid: anything else.
        """
        if len(pem) > PEM_LIMIT:
            raise KeyInvalid("The key file is too long.")
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # Without its cause: what a parser says of a private key may quote it.
            raise KeyInvalid("The file holds no private key that we read.") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise KeyInvalid("The file holds no elliptic-curve private key.")
        return cls(key)

    def pem(self) -> bytes:
        """The private key as an unencrypted PKCS #8 PEM file, for a file that only we can read."""
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    @property
    def keyid(self) -> str:
        """The key id of the public half, in 64 hexadecimal digits."""
        return self.public.keyid

    def sign(self, data: bytes) -> bytes:
        """Sign these bytes (not their digest); the signature is ECDSA in DER."""
        return self._key.sign(data, _SIGNING)

    def certify(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """Sign a certificate for this very key; the same request gives the same certificate."""
        return builder.public_key(self._key.public_key()).sign(
            self._key, hashes.SHA256(), ecdsa_deterministic=_SIGNING.deterministic_signing or None
        )

    def __repr__(self) -> str:
        return f"SigningKey(keyid={self.keyid!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not pickled or copied")


def _load(pem: bytes) -> object:
    if len(pem) > PEM_LIMIT:
        raise KeyInvalid("The key file is too long.")
    try:
        return serialization.load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyInvalid("The file holds no public key that we read.") from error
