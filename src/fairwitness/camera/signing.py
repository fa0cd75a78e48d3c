"""The camera signs what it recorded, then gives it its final name: in that order.

A dock that sees `NAME.mp4` therefore always finds its statement. Each step is durable before the
next; a cut between any two is mended by `recovery`.
"""

from datetime import datetime

from fairwitness.camera import journal
from fairwitness.camera.identity import Identity
from fairwitness.camera.storing import sync_folder, write_whole
from fairwitness.camera.volume import Volume
from fairwitness.formats.docking import DeviceKind, EnrolmentRequest
from fairwitness.formats.docking import sign_claim as sign_request
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.recording import RecordingClaim
from fairwitness.formats.statement import Statement, sign_statement


def sign_claim(claim: RecordingClaim, *, key: SigningKey) -> bytes:
    """The recording statement in its DSSE envelope, as bytes."""
    return sign_statement(Statement(claim), key=key).encode()


def publish(claim: RecordingClaim, *, volume: Volume, identity: Identity) -> str:
    """Sign a finished file, name it, and forget its journal; gives its name.

    The file lies complete and synced under its unfinished name.
    """
    name = f"{claim.camera}-{claim.counter}-{claim.part}"
    write_whole(volume.statement(name), sign_claim(claim, key=identity.key))
    finish(name, volume=volume, identity=identity)
    return name


def finish(name: str, *, volume: Volume, identity: Identity) -> None:
    """The last steps once the statement is there. May be repeated."""
    if volume.unfinished(name).exists():
        volume.unfinished(name).replace(volume.video(name))
        sync_folder(volume.recordings)
    journal.forget(identity.journal)


def sign_enrolment(identity: Identity, *, at: datetime) -> bytes:
    """The camera's wish to be known, signed by the key it asks to be known by.

    Args:
        identity: the camera.
        at: its time, UTC.
    """
    request = EnrolmentRequest(
        kind=DeviceKind.CAMERA,
        serial=identity.serial,
        profile=identity.card.profile,
        station=None,
        public_key=identity.key.public.pem().decode(),
        at=at,
    )
    return sign_request(request, key=identity.key).encode()
