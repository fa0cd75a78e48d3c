"""What each reason for quarantine means, why it may be, and what to do about it, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fairwitness.ingest.checks import Reason


@dataclass(frozen=True, slots=True)
class Words:
    """One reason for people.

    Attributes:
        title: what is wrong, as a heading.
        why: how that comes about.
        steps: what to do, the likeliest first.
    """

    title: str
    why: str
    steps: tuple[str, ...]


_LET_IN: Final = "let it in as footage that no camera vouches for"
_AGAIN: Final = "Then check again: it is registered if nothing else is wrong."

REASONS: Final[Mapping[Reason, Words]] = {
    Reason.STORE_DAMAGED: Words(
        "What was stored of it can’t be read back",
        "Bytes of it are missing or damaged in our own store, or its key is gone. The camera was"
        " not erased.",
        (
            "Dock the camera again: it sends the recording once more.",
            "Tell whoever runs the store. If a replica brings the bytes back, check again.",
            "When the recording has come again, reject this copy.",
        ),
    ),
    Reason.DIGEST_BAD: Words(
        "Its bytes are not those that were promised",
        "They were damaged on their way, on the camera’s memory, or somebody changed them.",
        (
            "Dock the camera again, or bring the file in again: good bytes come beside these.",
            "When they have come, reject this copy.",
            f"If they never do, {_LET_IN}.",
            "If it happens again with this camera, have the camera looked at.",
        ),
    ),
    Reason.SIZE_BAD: Words(
        "It is longer or shorter than was promised",
        "The camera signed another number of bytes than arrived: cut, or added to.",
        (
            "Dock the camera again: the recording comes once more.",
            "When it has come, reject this copy.",
            f"If it never does, {_LET_IN}.",
        ),
    ),
    Reason.SIGNATURE_UNREADABLE: Words(
        "Its statement can’t be read",
        "What the camera signs came damaged, or in a form that we don’t know: another program"
        " may have sent it.",
        (
            "Ask who sent it, and with what.",
            "Dock the camera again: its statement comes with the recording.",
            f"If it is worth keeping, {_LET_IN}.",
        ),
    ),
    Reason.SIGNATURE_BAD: Words(
        "Its signature is not the camera’s",
        "Somebody else signed it under the camera’s number, or the statement was changed.",
        (
            "Compare the fingerprint that the camera shows with the one that was approved.",
            "If they differ, the camera may have been swapped: tell professional standards.",
            "Don’t let it in before you know where it came from.",
        ),
    ),
    Reason.CAMERA_UNKNOWN: Words(
        "Its camera is not enrolled",
        "It is new, borrowed, or nobody approved its key yet.",
        (
            "If it is one of ours, have its enrolment asked for and approved. " + _AGAIN,
            f"If it is not, find out whose it is. If it is worth keeping, {_LET_IN}.",
        ),
    ),
    Reason.CAMERA_REVOKED: Words(
        "Its camera’s key was revoked",
        "The key was stolen or given up, so anybody may have signed with it. Or the camera was"
        " never approved.",
        (
            "Read why it was revoked. A revoked key never returns.",
            f"If you know that it is the camera’s own, {_LET_IN}, and say how you know.",
        ),
    ),
    Reason.COUNTER_REUSED: Words(
        "The camera used this number for other bytes before",
        "A camera’s numbers never come twice. It was repaired or reset, or somebody copied its"
        " key.",
        (
            "Look at the recording that has this number, and at the camera’s repairs.",
            f"If the camera was reset, {_LET_IN}.",
            "If nobody can say why, tell professional standards and have the key revoked.",
        ),
    ),
    Reason.MEDIA_UNREADABLE: Words(
        "The video can’t be read",
        "It is damaged, or in a form that our reader does not know.",
        (
            "After an update of our media reader, check again.",
            "Dock the camera again if it still has it.",
            "Footage worth keeping is let in as it is: its bytes may be repaired later.",
        ),
    ),
    Reason.MEDIA_TRUNCATED: Words(
        "The video is cut short",
        "It ends in the middle, and its camera did not say that it was interrupted.",
        (
            "Look at how the camera was switched off; dock it again if it still has it.",
            f"What is there plays: {_LET_IN}.",
        ),
    ),
    Reason.CONTENT_REJECTED: Words(
        "The Axis system had rejected it",
        "The system controller could not deliver it as a recording, and sent it as rejected"
        " content: the person or the camera was not known to it, or its time made no sense.",
        (
            "Read what the system said of it: `fairwitness axis papers`.",
            "Watch it, and find out in AXIS Body Worn Manager whose it is.",
            f"If it is footage of ours, {_LET_IN}; else reject it.",
        ),
    ),
    Reason.OBJECT_REPLACED: Words(
        "Other bytes came under the same name before",
        "The Axis system sent a clip again under its name, and the bytes differ. The first are"
        " kept.",
        (
            "Watch both: one of them may be cut short.",
            "Have the system’s maker explain it: the same clip never has other bytes.",
            f"If these are needed, {_LET_IN}; the first stay as they are.",
        ),
    ),
    Reason.ENCRYPTION_KEY_MISSING: Words(
        "It is encrypted, and its key has not come",
        "The Axis system encrypts each clip and sends its key apart, before or after it.",
        (
            "Wait until the system has delivered the rest of the recording.",
            "See in AXIS Body Worn Manager whether the recording is still being transferred.",
            _AGAIN,
        ),
    ),
    Reason.ENCRYPTION_BAD: Words(
        "It is encrypted, and can’t be decrypted",
        "Its key is for another server, or clip or key were damaged.",
        (
            "See whether the system still uses the connection file that this server made last.",
            "See that the keys of this server are the ones it had then: they are in the backup.",
            _AGAIN,
        ),
    ),
}


def of(reason: str) -> Words:
    """The words of a case's reason."""
    return REASONS[Reason(reason)]
