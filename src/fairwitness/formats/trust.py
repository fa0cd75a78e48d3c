"""The trust list: every public key of a force, in one published file (docs/specs/trust-list.md).

Who holds the right trust list needs nothing else from us to check a bundle or a receipt. Its
fingerprint is short enough to read aloud. Old keys stay in it, with the times of their validity.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fairwitness.formats import canonical, records
from fairwitness.formats.invariants import require, require_sha256, require_text
from fairwitness.formats.keys import PublicKey
from fairwitness.formats.note import NoteVerifier, SignatureType

LIMIT = 64 * 1024 * 1024
"""Bytes of a trust list, at most: some hundred thousand keys."""

_CODE = "format.trust"
_GROUPS = 8


class KeyRole(StrEnum):
    """What a key may state."""

    RECEIPT = "receipt"
    DISCLOSURE = "disclosure"
    DISPOSAL = "disposal"
    DERIVATIVE = "derivative"
    CAMERA = "camera"
    DOCK = "dock"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKey:
    """One key, what it may state, and when.

    Attributes:
        role: what it may state.
        name: serial number of the camera or dock, or a name for people.
        keyid: SHA-256 of the SubjectPublicKeyInfo, in hexadecimal.
        public_pem: the public key in PEM.
        valid_from: from when on.
        valid_until: until when (not included); None while in use.
        revoked_at: from when on it is not to be believed, because it was stolen or lost.
    """

    role: KeyRole
    name: str
    keyid: str
    public_pem: str
    valid_from: datetime
    valid_until: datetime | None = None
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        require_text(self.name, "name", code=_CODE)
        require_sha256(self.keyid, "keyid", code=_CODE)
        require(self.key.keyid == self.keyid, "The keyid is not that of the key.", code=_CODE)
        until = self.valid_until
        require(until is None or self.valid_from <= until, "It ends before it starts.", code=_CODE)

    @property
    def key(self) -> PublicKey:
        """The public key itself."""
        return PublicKey.from_pem(self.public_pem.encode())

    def valid_at(self, at: datetime) -> bool:
        """Whether something signed at that time is to be believed.

        The time must come from someone other than the holder of the key: from the log, say.
        """
        ends = [end for end in (self.valid_until, self.revoked_at) if end is not None]
        return self.valid_from <= at and all(at < end for end in ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedLog:
    """The force's custody log: its origin line, and the key of its checkpoints as a vkey."""

    vkey: str
    origin: str

    def __post_init__(self) -> None:
        require(self.verifier.name == self.origin, "The log's key has another name.", code=_CODE)
        signs = self.verifier.kind is SignatureType.ED25519
        require(signs, "The log's key is not one that signs checkpoints.", code=_CODE)

    @property
    def verifier(self) -> NoteVerifier:
        """What checks the log's signature on a checkpoint."""
        return NoteVerifier(self.vkey)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedWitness:
    """Someone outside who follows the log and countersigns its checkpoints."""

    name: str
    vkey: str

    def __post_init__(self) -> None:
        require_text(self.name, "name", code=_CODE)
        cosigns = NoteVerifier(self.vkey).kind is SignatureType.COSIGNATURE_V1
        require(cosigns, "The witness's key is not one that cosigns.", code=_CODE)

    @property
    def verifier(self) -> NoteVerifier:
        """What checks the witness's cosignature."""
        return NoteVerifier(self.vkey)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """All keys of one force.

    Attributes:
        force: the force's name, for people.
        issued_at: when the last change to it was made.
        log: the custody log.
        keys: in order of role, then name, then valid_from, then keyid; old ones kept.
        witnesses: in order of name.
    """

    force: str
    issued_at: datetime
    log: TrustedLog
    keys: tuple[TrustedKey, ...]
    witnesses: tuple[TrustedWitness, ...] = ()
    version: int = 1

    def __post_init__(self) -> None:
        require(self.version == 1, "We know only version 1 of the trust list.", code=_CODE)
        require_text(self.force, "force", code=_CODE)
        order = [(key.role, key.name, key.valid_from, key.keyid) for key in self.keys]
        require(order == sorted(order), "keys must be in order.", code=_CODE)
        stated = {(key.role, key.keyid) for key in self.keys}
        require(len(stated) == len(self.keys), "A key stands twice in one role.", code=_CODE)
        names = [witness.name for witness in self.witnesses]
        require(names == sorted(set(names)), "witnesses must be in order.", code=_CODE)

    def keys_for(self, role: KeyRole, *, at: datetime | None = None) -> Mapping[str, PublicKey]:
        """The keys of a role by key id: all of them, or those to be believed at a time."""
        return _Keys(
            {
                key.keyid: key
                for key in self.keys
                if key.role is role and (at is None or key.valid_at(at))
            }
        )

    def find(self, role: KeyRole, keyid: str) -> TrustedKey | None:
        """The entry of one key in one role, or None."""
        for key in self.keys:
            if key.role is role and key.keyid == keyid:
                return key
        return None


class _Keys(Mapping[str, PublicKey]):
    """Public keys by key id, each read from its PEM only when it is asked for."""

    def __init__(self, entries: dict[str, TrustedKey]) -> None:
        self._entries = entries

    def __getitem__(self, keyid: str) -> PublicKey:
        return self._entries[keyid].key

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def make_trust_list(
    *,
    force: str,
    issued_at: datetime,
    log: TrustedLog,
    keys: "tuple[TrustedKey, ...]",
    witnesses: tuple[TrustedWitness, ...] = (),
) -> TrustList:
    """A trust list of these keys and witnesses, put in order."""
    return TrustList(
        force=force,
        issued_at=issued_at,
        log=log,
        keys=tuple(sorted(keys, key=lambda key: (key.role, key.name, key.valid_from, key.keyid))),
        witnesses=tuple(sorted(witnesses, key=lambda witness: witness.name)),
    )


def encode(trust: TrustList) -> bytes:
    """The trust list as canonical JSON: the bytes of `trust.json`."""
    return canonical.encode(records.to_json(trust))


def parse(data: bytes) -> TrustList:
    """Read a trust list from its canonical JSON.

    Raises:
        FormatError: anything else; a key whose id is not its own included.
    """
    return records.from_json(TrustList, canonical.decode(data, limit=LIMIT))


def fingerprint(trust: TrustList) -> str:
    """The list's fingerprint, to read aloud: eight groups of four hexadecimal digits.

    It is the first 16 bytes of the SHA-256 of `trust.json`, so that
    `sha256sum trust.json` shows it too.
    """
    return fingerprint_of(encode(trust))


def fingerprint_of(data: bytes) -> str:
    """The fingerprint of the list with these bytes."""
    digits = hashlib.sha256(data).hexdigest().upper()
    return " ".join(digits[place * 4 : place * 4 + 4] for place in range(_GROUPS))
