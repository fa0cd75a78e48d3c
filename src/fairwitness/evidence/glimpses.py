"""What a granted viewing shows beside the picture: how loud it is, and where the camera was.

Both are sealed copies, opened through the one door (`access.open_viewing`), which asks again
whether this officer may. What is not made, or does not open, is simply not shown.
"""

from datetime import datetime

from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access
from fairwitness.evidence.models import CopyKind
from fairwitness.media import trail, waveform
from fairwitness.vault.vault import Vault

Place = trail.Place
PEAKS_PER_SECOND = waveform.PEAKS_PER_SECOND


def peaks(*, token: str, at: datetime, vault: Vault) -> bytes:
    """The loudest of each tenth of a second, 0 to 255; nothing when there is no such drawing."""
    return _opened(token, CopyKind.WAVEFORM, at, vault)


def places(*, token: str, at: datetime, vault: Vault) -> tuple[Place, ...]:
    """Where the camera was, in order of time; nothing when there is no trail."""
    data = _opened(token, CopyKind.TRAIL, at, vault)
    return trail.parse(data).places if data else ()


def _opened(token: str, kind: CopyKind, at: datetime, vault: Vault) -> bytes:
    try:
        with access.open_viewing(token=token, kind=kind.value, at=at, vault=vault) as opened:
            return opened.read(0, opened.size)
    except FairwitnessError:
        return b""
