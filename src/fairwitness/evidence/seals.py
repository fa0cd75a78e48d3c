"""The signatures inside a recording's video: looked at once, when it arrives; kept as a finding.

Some cameras sign their pictures inside the video, ours among them (docs/specs/signed-video.md).
What is found says which second, if any, is not what was signed. It decides nothing: footage is let
in by what its statement and its bytes say. Whose key it was is not learnt from the video but from
the cameras that are enrolled here.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from cryptography.x509 import Certificate

from fairwitness.evidence.models import Recording, SealSigner, SealVerdict, VideoSeals
from fairwitness.force.models import Camera
from fairwitness.force.trusted import camera_by_key
from fairwitness.formats import video_words
from fairwitness.formats.signed_video import VideoReport
from fairwitness.formats.video_groups import GroupState
from fairwitness.formats.video_signer import Signer, rooted


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, or why nothing could be.

    Attributes:
        report: group by group; None when the video could not be looked into.
        signer: whose key it was; None without signatures.
        problem: why it could not be looked into; "" when it could.
    """

    report: VideoReport | None
    signer: SealSigner | None
    problem: str


def whose(report: VideoReport | None, *, camera: Camera | None, problem: str = "") -> Found:
    """Find out whose key it was.

    Args:
        report: what the process that reads untrusted media found; None if nothing.
        camera: the camera that vouches for the recording; None when none does.
        problem: why nothing was found.
    """
    if report is None:
        return Found(None, None, problem)
    signer = None
    if report.signer is not None:
        if camera is not None and camera.keyid == report.signer.keyid:
            signer = SealSigner.ENROLLED
        elif camera_by_key(report.signer.keyid) is not None:
            signer = SealSigner.OTHER_CAMERA if camera is not None else SealSigner.ENROLLED
        else:
            signer = SealSigner.UNKNOWN
    return Found(report, signer, report.problem)


def told(found: Found) -> str:
    """The finding in words, for custody."""
    if found.report is None:
        return f"could not be looked at: {found.problem}".removesuffix(": ")
    words = video_words.told(found.report)
    return f"{words}, by {found.signer.label}" if found.signer is not None else words


def vouched(found: VideoSeals, *, roots: Sequence[Certificate]) -> str:
    """Whose the key was, in words, by what is known now.

    Args:
        found: the finding; it has a signer.
        roots: certificates that the force trusts for cameras that are not enrolled here.
    """
    words = found.get_signer_display()
    if not found.certificates or not roots:
        return words
    signer = Signer(found.keyid, found.name, found.certificates.encode())
    why = rooted(signer, roots=roots, claimed_us=found.claimed_us)
    if why:
        return f"{words}: {why}"
    return f"a signer that a root certificate trusted here vouches for: {found.name or 'no name'}"


def keep(*, recording: Recording, found: Found, at: datetime) -> VideoSeals:
    """Keep the finding with its recording, in the caller's transaction."""
    report = found.report
    if report is None:
        return VideoSeals.objects.create(
            recording=recording,
            verdict=SealVerdict.UNCHECKED,
            problem=found.problem,
            checked_at=at,
        )
    signer = report.signer
    unknown = signer is not None and found.signer is SealSigner.UNKNOWN
    return VideoSeals.objects.create(
        recording=recording,
        verdict=report.verdict.value,
        scheme=report.scheme.value if report.scheme else "",
        signer=found.signer.value if found.signer else "",
        keyid=signer.keyid if signer and found.signer else "",
        name=signer.name if signer else "",
        maker=report.maker,
        certificates=signer.certificates.decode() if signer and unknown else "",
        claimed_us=report.began_us if unknown else None,
        **{state.value: report.groups.get(state, 0) for state in GroupState},
        spans=[asdict(span) for span in report.spans],
        began_before=report.began_before,
        problem=report.problem,
        checked_at=at,
    )
