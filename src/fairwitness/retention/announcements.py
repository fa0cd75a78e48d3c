"""What owners are told: that footage of theirs will go after all, in time to keep it."""

from datetime import datetime

from django.db.models import Q

from fairwitness.evidence.models import State
from fairwitness.force.models import Officer
from fairwitness.retention.models import Announcement


def unseen(*, officer: Officer, at: datetime) -> list[Announcement]:
    """What this officer has not been shown, newest first, about footage that is still there.

    What only a silent hold keeps is gone for its wearer, and said to be so.
    """
    still = Q(recording__shown_gone_by__isnull=True) | Q(recording__shown_gone_by__gt=at)
    return list(
        Announcement.objects.select_related("recording")
        .filter(still, officer=officer, seen_at__isnull=True, recording__state=State.LIVE)
        .order_by("-at", "-pk")
    )


def mark_seen(*, officer: Officer, at: datetime) -> int:
    """Note that the officer has been shown all there is; returns how many that were."""
    return Announcement.objects.filter(officer=officer, seen_at__isnull=True).update(seen_at=at)
