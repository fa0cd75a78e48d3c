"""What an upload is, before its first byte (docs/adr/0013-identity-of-a-recording.md).

A signed recording *is* (camera, counter, part); the statement sent at creation binds that to a
digest. But only once the statement verifies under the key of a camera that we know: a statement
that does not is somebody's word, and its footage is known by who sent it and by its digest, so that
a forged statement can never touch the upload of the real one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from fairwitness.errors import FairwitnessError
from fairwitness.force.models import Camera, CameraStatus, Dock, EnrolmentStatus, Officer, Volume
from fairwitness.formats import dsse, statement
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import PublicKey
from fairwitness.formats.recording import RecordingClaim
from fairwitness.ingest.axis.models import AxisSystem

_DIGEST_SIZE = 32
_FILENAME_LENGTH = 200

Sender = Dock | Officer
"""Who sends over tus, or imports."""


class IdentityMissing(FairwitnessError):
    """An upload that says neither by a statement nor by a digest what it is."""

    code = "upload.identity"


class VolumeRefused(FairwitnessError):
    """Footage of a volume that is not enrolled, or no longer."""

    code = "volume.not_enrolled"


class Doubt(StrEnum):
    """Why a statement does not count."""

    UNREADABLE = "signature.unreadable"
    CAMERA_UNKNOWN = "camera.unknown"
    SIGNATURE_BAD = "signature.bad"
    CAMERA_REVOKED = "camera.revoked"


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a statement comes to: its claim if it can be read, and whether it counts.

    Attributes:
        claim: what the camera is said to claim; None when it can't be read.
        camera: whose key signed it; None unless the signature is that camera's.
        doubt: why it does not count; None when it does.
    """

    claim: RecordingClaim | None
    camera: Camera | None
    doubt: Doubt | None


@dataclass(frozen=True, slots=True)
class Identity:
    """What an upload is known by.

    Attributes:
        text: `camera:<uuid>/<counter>/<part>`, or the enrolled volume, or the sender (with a number
            when it came again).
        signed: a camera's signature stands behind it.
        sha256: the digest its bytes must have, hexadecimal.
        filename: as sent, for people; never a path.
        lasting: the same in words that no database gave, by which a kept receipt is found.
        volume: the enrolled volume that it lies on; None for all else.
    """

    text: str
    signed: bool
    sha256: str
    filename: str
    lasting: str
    volume: Volume | None = None


def sender_text(sender: Sender | AxisSystem) -> str:
    """The sender as custody names it."""
    if isinstance(sender, AxisSystem):
        return f"axis:{sender.pk}"
    return f"{'dock' if isinstance(sender, Dock) else 'officer'}:{sender.pk}"


def identify(*, values: Mapping[str, bytes], sender: Sender) -> Identity:
    """Tell what an upload is from its metadata.

    Args:
        values: `Upload-Metadata`, decoded: `statement`, `sha256`, `filename`; from a dock also
            `volume`, the enrolled volume that it lies on; from an importing officer also `again`,
            how often the same bytes came from them and were deleted since.
        sender: the dock signed in, or the importing officer.

    Raises:
        IdentityMissing: neither a readable statement nor a digest; or both of a camera's statement
            and a volume.
        VolumeRefused: the volume is not approved.
    """
    filename = _filename(values.get("filename", b""))
    digest = values.get("sha256", b"")
    if values.get("volume") and isinstance(sender, Dock):
        return _on_volume(values, digest, filename)
    vouched = vouch(values["statement"]) if values.get("statement") else None
    if vouched and vouched.claim and vouched.camera:
        claim = vouched.claim
        text = f"camera:{vouched.camera.pk}/{claim.counter}/{claim.part}"
        return Identity(
            text,
            signed=True,
            sha256=claim.sha256,
            filename=filename,
            lasting=signed_name(claim),
        )
    if vouched and vouched.claim:
        digest = bytes.fromhex(vouched.claim.sha256)
    if len(digest) != _DIGEST_SIZE:
        raise IdentityMissing(
            "Say what this is: send the camera's statement, or sha256 with the digest of the bytes."
        )
    text = sender_text(sender)
    if isinstance(sender, Officer) and values.get("again"):
        text += f"/{int(values['again'])}"
    lasting = f"dock:{sender.serial}" if isinstance(sender, Dock) else text
    return Identity(text, signed=False, sha256=digest.hex(), filename=filename, lasting=lasting)


def signed_name(claim: RecordingClaim) -> str:
    """What a signed recording is known by, whatever database it is in."""
    return f"camera:{claim.camera}/{claim.counter}/{claim.part}"


def _on_volume(values: Mapping[str, bytes], digest: bytes, filename: str) -> Identity:
    """Footage that lies on an enrolled volume: no camera's statement goes with that."""
    if values.get("statement") or len(digest) != _DIGEST_SIZE:
        raise IdentityMissing("What lies on a volume is told by sha256, its digest, alone.")
    try:
        pk = UUID(values["volume"].decode("ascii"))
    except ValueError as error:
        raise IdentityMissing("volume is the id of an enrolled volume.") from error
    volume = Volume.objects.filter(pk=pk).first()
    if volume is None or volume.status != EnrolmentStatus.APPROVED:
        standing = "unknown here" if volume is None else volume.get_status_display()
        raise VolumeRefused(
            f"This volume is {standing}: nothing is taken from it until it is approved."
        )
    return Identity(
        f"volume:{pk}",
        signed=False,
        sha256=digest.hex(),
        filename=filename,
        lasting=f"volume:{pk}",  # its card says so, whatever database there is
        volume=volume,
    )


def vouch(envelope: bytes) -> Vouched:
    """Read a camera's statement and check its signature against the cameras we know.

    A revoked camera's signature is still that camera's: the identity holds, the doubt says why the
    footage needs a person's eye.
    """
    try:
        parsed = dsse.parse(envelope)
        claim = statement.parse(statement.statement_payload(parsed), RecordingClaim).predicate
    except FormatError:
        return Vouched(None, None, Doubt.UNREADABLE)
    camera = Camera.objects.filter(serial=claim.camera).first()
    if camera is None or camera.approved_at is None or not camera.public_key:
        return Vouched(claim, None, Doubt.CAMERA_UNKNOWN)
    key = PublicKey.from_pem(camera.public_key.encode())
    try:
        dsse.verify(parsed, {key.keyid: key})
    except FormatError:
        return Vouched(claim, None, Doubt.SIGNATURE_BAD)
    refused = camera.status in {CameraStatus.REVOKED, CameraStatus.DECLINED, CameraStatus.PENDING}
    return Vouched(claim, camera, Doubt.CAMERA_REVOKED if refused else None)


def _filename(raw: bytes) -> str:
    text = raw.decode("utf-8", errors="replace").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in text if letter.isprintable())[:_FILENAME_LENGTH]
