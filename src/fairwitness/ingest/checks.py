"""Whether what arrived may be registered: one pure decision over everything that was found out.

The checks are numbered; the first that fails names the reason for quarantine:

1. every piece was there and opened when it was read back;
2. the bytes read back have the digest, and the size, that were promised for them;
3. the statement can be read, is signed by a camera we know, and that camera is not revoked;
4. this counter of this camera has not been used for other bytes;
5. whoever it came from did not reject it, it opened with its key, and its name was not used for
   other bytes (`arrival`: what an Axis body-worn system sends, see `axis.account`);
6. the media can be read to its end; this is not asked of footage from elsewhere, for what
   strangers' cameras make is kept as it is.

A person may let footage in although 2 to 6 fail (`allowed`): then nobody claims that a camera
vouches for it. Nothing lets in what fails 1: those bytes are not there.
"""

from dataclasses import dataclass
from enum import StrEnum

from fairwitness.ingest.identity import Doubt


class Reason(StrEnum):
    """Why footage is in quarantine; stable codes."""

    STORE_DAMAGED = "store.damaged"
    DIGEST_BAD = "digest.bad"
    SIZE_BAD = "size.bad"
    SIGNATURE_UNREADABLE = "signature.unreadable"
    SIGNATURE_BAD = "signature.bad"
    CAMERA_UNKNOWN = "camera.unknown"
    CAMERA_REVOKED = "camera.revoked"
    COUNTER_REUSED = "counter.reused"
    MEDIA_UNREADABLE = "media.unreadable"
    MEDIA_TRUNCATED = "media.truncated"
    CONTENT_REJECTED = "content.rejected"
    OBJECT_REPLACED = "object.replaced"
    ENCRYPTION_KEY_MISSING = "encryption.key_missing"
    ENCRYPTION_BAD = "encryption.bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found out about one upload.

    Attributes:
        store_problem: why reading back failed; None when all of it was read.
        expected_sha256: what statement or sender promised, hexadecimal.
        read_sha256: of the bytes read back, hexadecimal.
        expected_size: by the statement; None when nobody said.
        size: bytes read back.
        doubt: why the statement does not count; None without one, or when it does.
        counter_reused: the camera's counter is registered with other bytes.
        media_problem: why the media can't be read; None when it can.
        truncated: the media ends in the middle, and its camera did not say so.
        allowed: two people have let it in as unsigned.
        from_elsewhere: no camera of ours made it, and a person answers for its being brought in.
        arrival: what was wrong with how it came, decided before; None when nothing was.
    """

    store_problem: str | None
    expected_sha256: str
    read_sha256: str
    expected_size: int | None
    size: int
    doubt: Doubt | None
    counter_reused: bool
    media_problem: str | None
    truncated: bool
    allowed: bool
    from_elsewhere: bool = False
    arrival: "Bad | None" = None


@dataclass(frozen=True, slots=True)
class Good:
    """It may be registered."""


@dataclass(frozen=True, slots=True)
class Bad:
    """It goes to quarantine, with a reason and a sentence for the evidence manager."""

    reason: Reason
    message: str


_DOUBTS = {
    Doubt.UNREADABLE: (
        Reason.SIGNATURE_UNREADABLE,
        "The statement that came with it can't be read.",
    ),
    Doubt.CAMERA_UNKNOWN: (
        Reason.CAMERA_UNKNOWN,
        "The camera that it names was never enrolled here. Enrol it, then check again.",
    ),
    Doubt.SIGNATURE_BAD: (
        Reason.SIGNATURE_BAD,
        "The statement is not signed by the camera that it names.",
    ),
    Doubt.CAMERA_REVOKED: (
        Reason.CAMERA_REVOKED,
        "The camera's key is revoked, so its signature is no longer believed.",
    ),
}


def judge(found: Found) -> Good | Bad:
    """Decide; total, and the same for the same facts."""
    if found.store_problem is not None:
        return Bad(
            Reason.STORE_DAMAGED,
            f"It could not be read back from our store: {found.store_problem} "
            "It must be uploaded again; the camera still has it.",
        )
    if found.allowed:
        return Good()
    return _content(found) or _claims(found) or found.arrival or _media(found) or Good()


def _content(found: Found) -> Bad | None:
    if found.expected_size is not None and found.expected_size != found.size:
        return Bad(
            Reason.SIZE_BAD,
            f"The camera signed {found.expected_size} bytes; {found.size} arrived.",
        )
    if found.expected_sha256 != found.read_sha256:
        return Bad(
            Reason.DIGEST_BAD,
            "The bytes are not those that were promised: their digest is another.",
        )
    return None


def _claims(found: Found) -> Bad | None:
    if found.doubt is not None:
        return Bad(*_DOUBTS[found.doubt])
    if found.counter_reused:
        return Bad(
            Reason.COUNTER_REUSED,
            "This camera has used this counter before, for other footage.",
        )
    return None


def _media(found: Found) -> Bad | None:
    if found.from_elsewhere:
        return None
    if found.media_problem is not None:
        return Bad(Reason.MEDIA_UNREADABLE, f"The video can't be read: {found.media_problem}")
    if found.truncated:
        return Bad(
            Reason.MEDIA_TRUNCATED,
            "The video ends in the middle, and its camera did not say that it was cut short.",
        )
    return None
