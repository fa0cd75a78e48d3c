"""What is on a kiosk's page when it signs out: kept for its officer, and shown to nobody else."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest

from fairwitness.force.models import Officer
from fairwitness.retention import typed

AGAIN: Final = "/sign-in?next=/kiosk"
"""Where the next officer begins."""

_OURS: Final = frozenset({"csrfmiddlewaretoken", "recording", "same"})


def keep(request: HttpRequest, officer: Officer, at: datetime) -> None:
    """Keep what was typed about the recording that the page was about; nothing else was."""
    try:
        recording = UUID(request.POST.get("recording", ""))
    except ValueError:
        return
    said = {name: request.POST.get(name, "") for name in request.POST if name not in _OURS}
    typed.keep(officer=officer, recording=recording, typed=said, at=at)
