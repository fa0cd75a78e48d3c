"""What docks and new devices say, signed in DSSE: docking, sign-in, enrolment.

These are not statements about files, so they are no in-toto statements: each has a payload type
of its own, and none can be mistaken for another (docs/specs/statements.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol, TypeVar

from fairwitness.formats import canonical, dsse, records
from fairwitness.formats.dsse import Envelope
from fairwitness.formats.errors import FormatError
from fairwitness.formats.invariants import (
    require,
    require_ascending,
    require_between,
    require_clock_year,
    require_serial,
    require_text,
)
from fairwitness.formats.keys import PublicKey, SigningKey
from fairwitness.formats.recording import Profile

_CODE = "format.docking"
_LARGEST = 2**53 - 1
_GAPS = 20_000
_BAYS = 1000
_NONCE = (16, 200)


class Claim(Protocol):
    """A frozen dataclass with a payload type of its own."""

    PAYLOAD_TYPE: ClassVar[str]


C = TypeVar("C", bound=Claim)


@dataclass(frozen=True, slots=True, kw_only=True)
class DockingClaim:
    """What a dock saw when a camera was put into it.

    Attributes:
        dock: serial number of the dock.
        station: where it stands.
        bay: which of its bays, from 1.
        camera: serial number of the camera.
        docked_at: by the dock's clock.
        camera_clock_ahead_us_min: camera time less true time in microseconds, at least, the dock's
            own error included; None when the camera's clock could not be read.
        camera_clock_ahead_us_max: the same, at most.
        clock_set_at_last_docking: when a dock last set this camera's clock, by that dock's clock;
            None if no dock ever has.
        dock_clock_error_us: how far the dock's own clock may be off, either way; None if unknown.
        counters_missing: counters of this camera that were neither received nor on it.
        evidential_flag: whether the officer marked something on the camera as evidence.
    """

    PAYLOAD_TYPE: ClassVar[str] = "application/vnd.fairwitness.docking+json"

    dock: str
    station: str
    bay: int
    camera: str
    docked_at: datetime
    camera_clock_ahead_us_min: int | None
    camera_clock_ahead_us_max: int | None
    clock_set_at_last_docking: datetime | None
    dock_clock_error_us: int | None
    counters_missing: tuple[int, ...] = ()
    evidential_flag: bool = False
    version: int = 1

    def __post_init__(self) -> None:
        require(self.version == 1, "We know only version 1 of a docking.", code=_CODE)
        require_serial(self.dock, "dock", code=_CODE)
        require_serial(self.camera, "camera", code=_CODE)
        require_text(self.station, "station", code=_CODE)
        require_between(self.bay, "bay", 1, _BAYS, code=_CODE)
        require_clock_year(self.docked_at, "docked_at", code=_CODE)
        require_between(self.dock_clock_error_us, "dock_clock_error_us", 0, _LARGEST, code=_CODE)
        low, high = self.camera_clock_ahead_us_min, self.camera_clock_ahead_us_max
        if low is None or high is None:
            require(low is high, "Both clock bounds or neither.", code=_CODE)
        else:
            require(low <= high, "The clock bounds are the wrong way round.", code=_CODE)
        require(len(self.counters_missing) <= _GAPS, "Too many gaps for one docking.", code=_CODE)
        require_ascending((0, *self.counters_missing), "counters_missing", code=_CODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInClaim:
    """A dock's answer to a server's nonce.

    Attributes:
        dock: serial number of the dock.
        nonce: as the server gave it.
        at: the dock's time.
    """

    PAYLOAD_TYPE: ClassVar[str] = "application/vnd.fairwitness.sign-in+json"

    dock: str
    nonce: str
    at: datetime
    version: int = 1

    def __post_init__(self) -> None:
        require(self.version == 1, "We know only version 1 of a sign-in.", code=_CODE)
        require_serial(self.dock, "dock", code=_CODE)
        low, high = _NONCE
        good = low <= len(self.nonce) <= high and self.nonce.isascii()
        require(good, f"The nonce has {low} to {high} ASCII characters.", code=_CODE)


class DeviceKind(StrEnum):
    """What asks to be enrolled."""

    DOCK = "dock"
    CAMERA = "camera"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentRequest:
    """A device's wish to be known, signed by the very key it asks to be known by.

    Attributes:
        kind: dock or camera.
        serial: its serial number.
        profile: of a camera; None for a dock.
        station: where a dock stands; may be None for a camera.
        public_key: its public key in PEM.
        at: the device's time.
    """

    PAYLOAD_TYPE: ClassVar[str] = "application/vnd.fairwitness.enrolment+json"

    kind: DeviceKind
    serial: str
    profile: Profile | None
    station: str | None
    public_key: str
    at: datetime
    version: int = 1

    def __post_init__(self) -> None:
        require(self.version == 1, "We know only version 1 of an enrolment.", code=_CODE)
        require_serial(self.serial, "serial", code=_CODE)
        require_text(self.station, "station", code=_CODE)
        is_camera = self.kind is DeviceKind.CAMERA
        require(is_camera == (self.profile is not None), "Only cameras have profiles.", code=_CODE)
        PublicKey.from_pem(self.public_key.encode())

    @property
    def key(self) -> PublicKey:
        """The key that it asks to be known by."""
        return PublicKey.from_pem(self.public_key.encode())


def encode(claim: Claim) -> bytes:
    """The claim as canonical JSON: what is signed."""
    return canonical.encode(records.to_json(claim))


def sign_claim(claim: Claim, *, key: SigningKey) -> Envelope:
    """Sign a claim under its own payload type."""
    return dsse.sign(encode(claim), key=key, payload_type=claim.PAYLOAD_TYPE)


def parse_claim(envelope: Envelope, claim_cls: type[C]) -> C:
    """Read a claim without checking who signed it, to find which key should have.

    Raises:
        FormatError: the envelope holds another payload type, or no such claim.
    """
    if envelope.payload_type != claim_cls.PAYLOAD_TYPE:
        raise FormatError(f"The envelope holds no {claim_cls.PAYLOAD_TYPE}.", code=_CODE)
    return records.from_json(
        claim_cls, canonical.decode(envelope.payload, limit=dsse.PAYLOAD_LIMIT)
    )


def open_claim(envelope: Envelope, claim_cls: type[C], keys: Mapping[str, PublicKey]) -> C:
    """Check an envelope's signatures, then read its claim.

    Raises:
        KeyUnknown: signed by another key.
        SignatureInvalid: a signature is wrong.
        FormatError: the payload is no such claim.
    """
    dsse.verify(envelope, keys)
    return parse_claim(envelope, claim_cls)


def open_enrolment(envelope: Envelope) -> EnrolmentRequest:
    """Read an enrolment request that is signed by the very key it names.

    This proves that the sender holds the key, not that the device is ours: a person approves it.

    Raises:
        KeyUnknown: signed by another key than the one it names.
        SignatureInvalid: the signature is wrong.
        FormatError: the payload is no enrolment request.
    """
    request = parse_claim(envelope, EnrolmentRequest)
    dsse.verify(envelope, {request.key.keyid: request.key})
    return request
