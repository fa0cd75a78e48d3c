"""A seal in a video: what its camera says, under its signature, of the pictures before it.

A seal travels in a unit of user data. Two schemes are read: ONVIF Media Signing, and Axis Signed
Video, whose version 1 is known but its signature can't be checked. Everything in a seal is
hostile until its signature holds; what can't be read becomes a seal that says so, so that damage
to a seal is told of the pictures that it belonged to. Specification: docs/specs/signed-video.md.
"""

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fairwitness.formats.errors import FormatError
from fairwitness.formats.picture_units import UserData, unescape

DIGEST: Final = 32
ONVIF_UUID: Final = bytes.fromhex("005bc93f2d715e95ada4796f90877a6f")
AXIS_UUID: Final = b"Signed Video...0"
SHA256_OID: Final = bytes.fromhex("0609608648016503040201")

GENERAL, SIGNATURE = 1, 3
_ONVIF_LIST, _ONVIF_CRYPTO, _ONVIF_MAKER, _ONVIF_CERTIFICATES = 2, 4, 5, 6
_AXIS_KEY, _AXIS_PRODUCT, _AXIS_LIST, _AXIS_SIGNATURE, _AXIS_CRYPTO = 2, 3, 4, 5, 7
_CERTIFICATE_UNIT, _ONVIF_ESCAPED, _AXIS_ESCAPED = 0x80, 0x40, 0x80
_STOP: Final = 0x80


class SealInvalid(FormatError):
    """A seal that is not as its scheme says."""

    code = "format.seal"


class Scheme(StrEnum):
    """How a video is signed."""

    ONVIF = "onvif"
    AXIS = "axis"
    AXIS_1 = "axis_1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What one seal says.

    Attributes:
        scheme: how it is made.
        fault: why it can't be read, in words; empty when it can. Then the rest says nothing.
        document: SHA-256 of what is signed.
        signature: over it, ECDSA in DER; None when this seal is not signed itself.
        unit: SHA-256 of the unit, by which a later seal covers one that is not signed itself.
        counter: number of the group, counted by the camera.
        card: it holds only certificates and seals nothing.
        partial: it is for `count` units, not for all up to the next group.
        count: how many units it is for.
        group: SHA-256 of the digests of these units; None if it does not say.
        link: digest of the first unit of the pictures sealed before; None if it does not say.
        listed: the digest of each unit; None in the scheme's short form.
        began: claimed time of the first picture, microseconds since 1970; None if not said.
        ended: claimed end; the same.
        certificates: PEM of the signer's certificate and those between it and the root.
        public_key: PEM of the signer's key, in the scheme that has no certificates.
        maker: maker, serial number and firmware, as the camera writes them.
    """

    scheme: Scheme
    fault: str = ""
    document: bytes = b""
    signature: bytes | None = None
    unit: bytes = b""
    counter: int = 0
    card: bool = False
    partial: bool = False
    count: int = 0
    group: bytes | None = None
    link: bytes | None = None
    listed: tuple[bytes, ...] | None = None
    began: int | None = None
    ended: int | None = None
    certificates: bytes = b""
    public_key: bytes = b""
    maker: str = ""

    @property
    def begins_stream(self) -> bool:
        """True when it says that nothing was sealed before."""
        return self.link == bytes(DIGEST)


_EPOCH_1601: Final = 11_644_473_600_000_000
"""Microseconds from 1601 to 1970."""


def read_seal(data: UserData) -> Seal | None:
    """Read a seal; None for user data that is none."""
    if data.uuid == ONVIF_UUID:
        scheme = Scheme.ONVIF
    elif data.uuid == AXIS_UUID:
        scheme = Scheme.AXIS
    else:
        return None
    try:
        return _read_onvif(data) if scheme is Scheme.ONVIF else _read_axis(data)
    except SealInvalid as error:
        return Seal(scheme=scheme, fault=error.message)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A seal taken apart: its reserved byte, its fields, and what is signed of it."""

    reserved: int
    fields: dict[int, bytes]
    document: bytes
    unit: bytes


def _open(data: UserData, *, lengths: frozenset[int], signature: int, escaped: int) -> _Opened:
    """Take it apart.

    Args:
        data: the unit.
        lengths: tags whose length is one byte instead of two.
        signature: tag of the signature.
        escaped: bit of the reserved byte that says that escaped bytes were signed.
    """
    stored = data.unit
    beyond = len(stored) - data.begins - data.size - (stored[-1] == _STOP)
    unit = stored if beyond <= 0 else unescape(stored)
    end = data.begins + data.size
    place = data.begins + len(data.uuid)
    if end > len(unit) or place >= end:
        raise SealInvalid("it is cut short")
    reserved, place = unit[place], place + 1
    fields: dict[int, bytes] = {}
    signed = end + 1
    while place < end:
        tag, width = unit[place], 1 if unit[place] in lengths else 2
        length = int.from_bytes(unit[place + 1 : place + 1 + width], "big")
        value = place + 1 + width
        if tag in fields or value + length > end:
            raise SealInvalid("its fields do not fit into it")
        if tag == signature:
            signed = place
        fields[tag] = unit[value : value + length]
        place = value + length
    if reserved & escaped and unit is not stored:
        document = stored[: _stored_place(stored, signed)]
    else:
        document = unit[:signed]
    whole = hashlib.sha256(document).digest()
    return _Opened(reserved, fields, whole, whole)


def _stored_place(stored: bytes, place: int) -> int:
    """How many stored bytes make the first `place` bytes without the escaping ones."""
    start = 0
    while (found := stored.find(b"\0\0\3", start)) >= 0 and found + 2 < place:
        place += 1
        start = found + 3
    return place


class _Fields:
    """Numbers and strings one after the other out of one field."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def take(self, length: int) -> bytes:
        data = self._data[self._place : self._place + length]
        if len(data) < length:
            raise SealInvalid("a field is cut short")
        self._place += length
        return data

    def number(self, length: int, *, signed: bool = False) -> int:
        return int.from_bytes(self.take(length), "big", signed=signed)

    def text(self) -> str:
        """A string after its length, unprintable characters left out."""
        words = self.take(self.number(1)).decode("utf-8", "replace")
        return "".join(letter for letter in words if letter.isprintable())

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._place)


def _read_onvif(data: UserData) -> Seal:
    opened = _open(data, lengths=frozenset(), signature=SIGNATURE, escaped=_ONVIF_ESCAPED)
    fields = opened.fields
    certificates = fields.get(_ONVIF_CERTIFICATES, b"")
    if opened.reserved & _CERTIFICATE_UNIT:
        return Seal(scheme=Scheme.ONVIF, card=True, certificates=certificates[2:])
    seal = _onvif_general(_Fields(fields.get(GENERAL, b"")))
    _demand_sha256(fields.get(_ONVIF_CRYPTO))
    maker = ""
    if _ONVIF_MAKER in fields:
        strings = _Fields(fields[_ONVIF_MAKER])
        strings.take(1)
        firmware, serial, company = (strings.text() for _ in range(3))
        maker = ", ".join(word for word in (company, serial, firmware) if word)
    signature = None
    if SIGNATURE in fields:
        value = _Fields(fields[SIGNATURE])
        value.take(1)
        signature = value.take(value.number(2))
    return replace(
        seal,
        document=opened.document,
        unit=opened.unit,
        signature=signature,
        listed=_listed(fields.get(_ONVIF_LIST)),
        certificates=certificates[2:],
        maker=maker,
    )


def _onvif_general(value: _Fields) -> Seal:
    version = value.number(1)
    if version not in {1, 2}:
        raise SealInvalid("it is of a version that we don't know")
    value.take(3)
    partial = bool(value.number(1))
    began = value.number(8, signed=True) // 10 - _EPOCH_1601
    ended = value.number(8, signed=True) // 10 - _EPOCH_1601 if version > 1 else began
    counter, count = value.number(4), value.number(2)
    group, link = value.take(DIGEST), value.take(DIGEST)
    return Seal(
        scheme=Scheme.ONVIF,
        counter=counter,
        partial=partial,
        count=count,
        group=group,
        link=link,
        began=began,
        ended=ended,
    )


def _read_axis(data: UserData) -> Seal:
    opened = _open(
        data,
        lengths=frozenset({GENERAL, _AXIS_CRYPTO}),
        signature=_AXIS_SIGNATURE,
        escaped=_AXIS_ESCAPED,
    )
    fields = opened.fields
    seal = _axis_general(_Fields(fields.get(GENERAL, b"")))
    _demand_sha256(fields.get(_AXIS_CRYPTO))
    key = fields.get(_AXIS_KEY, b"")
    maker = ""
    if _AXIS_PRODUCT in fields:
        strings = _Fields(fields[_AXIS_PRODUCT])
        strings.take(1)
        _, firmware, serial, company, _ = (strings.text() for _ in range(5))
        maker = ", ".join(word for word in (company, serial, firmware) if word)
    signature = None
    if _AXIS_SIGNATURE in fields:
        value = _Fields(fields[_AXIS_SIGNATURE])
        value.take(2 if value.number(1) < 2 else 1)  # noqa: PLR2004 (version 1 has one byte more)
        signature = value.take(value.number(2))
    return replace(
        seal,
        document=opened.document,
        unit=opened.unit,
        signature=signature,
        listed=_listed(fields.get(_AXIS_LIST)),
        public_key=key[1:] if key[:1] == b"\2" else key[2:],
        maker=maker,
    )


def _axis_general(value: _Fields) -> Seal:
    version = value.number(1)
    if version not in {1, 2, 3, 4}:
        raise SealInvalid("it is of a version that we don't know")
    counter, count = value.number(4), value.number(2)
    made_by = value.number(3) >> 16
    flags = value.number(1) if version > 1 else 0
    began = ended = None
    if flags & 1:
        began = ended = value.number(8, signed=True)
        if version > 3:  # noqa: PLR2004 (only then an end)
            ended = value.number(8, signed=True)
    group = link = None
    if version > 2:  # noqa: PLR2004 (only then digests)
        link, group = value.take(DIGEST), value.take(DIGEST)
    return Seal(
        scheme=Scheme.AXIS if made_by > 1 and group is not None else Scheme.AXIS_1,
        counter=counter,
        partial=bool(flags & 2),
        count=count,
        group=group,
        link=link,
        began=began,
        ended=ended,
    )


def _demand_sha256(crypto: bytes | None) -> None:
    """Refuse other digests than SHA-256, which is what a seal uses that says nothing."""
    if crypto is None:
        return
    value = _Fields(crypto)
    value.take(1)
    if value.take(value.number(1)) != SHA256_OID:
        raise SealInvalid("it uses another digest than SHA-256")


def _listed(value: bytes | None) -> tuple[bytes, ...] | None:
    if value is None or len(value) <= 1:
        return None
    if value[0] != 1 or (len(value) - 1) % DIGEST:
        raise SealInvalid("its list of pictures is not whole")
    return tuple(value[at : at + DIGEST] for at in range(1, len(value), DIGEST))
