"""What a granted viewing shows beside the picture: how loud it is, where, and what is said.

They are sealed copies, opened through the one door (`access.open_viewing`), which asks again
whether this officer may. What is not made, or does not open, is simply not shown.
"""

from datetime import datetime

from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access
from fairwitness.evidence.models import CopyKind
from fairwitness.formats import webvtt
from fairwitness.formats.webvtt import Cue
from fairwitness.media import trail, waveform
from fairwitness.vault.vault import Vault

Place = trail.Place
PEAKS_PER_SECOND = waveform.PEAKS_PER_SECOND


def peaks(*, token: str, at: datetime, vault: Vault) -> bytes:
    """The loudest of each tenth of a second, 0 to 255; nothing when there is no such drawing."""
    return _opened(token, CopyKind.WAVEFORM.value, at, vault)


def places(*, token: str, at: datetime, vault: Vault) -> tuple[Place, ...]:
    """Where the camera was, in order of time; nothing when there is no trail."""
    data = _opened(token, CopyKind.TRAIL.value, at, vault)
    return trail.parse(data).places if data else ()


def lines(*, token: str, at: datetime, vault: Vault) -> tuple[Cue, ...]:
    """What the newest transcript says, in order of time; nothing when there is none."""
    data = _opened(token, "transcript", at, vault)
    return webvtt.parse(data) if data else ()


def _opened(token: str, kind: str, at: datetime, vault: Vault) -> bytes:
    try:
        with access.open_viewing(token=token, kind=kind, at=at, vault=vault) as opened:
            return opened.read(0, opened.size)
    except FairwitnessError:
        return b""
