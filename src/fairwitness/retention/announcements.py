"""What owners are told: that footage of theirs will go after all, in time to keep it."""

from datetime import datetime

from fairwitness.evidence.models import State
from fairwitness.force.models import Officer
from fairwitness.retention.models import Announcement


def unseen(*, officer: Officer) -> list[Announcement]:
    """What this officer has not been shown, newest first, about footage that is still there."""
    return list(
        Announcement.objects.select_related("recording")
        .filter(officer=officer, seen_at__isnull=True, recording__state=State.LIVE)
        .order_by("-at", "-pk")
    )


def mark_seen(*, officer: Officer, at: datetime) -> int:
    """Note that the officer has been shown all there is; returns how many that were."""
    return Announcement.objects.filter(officer=officer, seen_at__isnull=True).update(seen_at=at)
