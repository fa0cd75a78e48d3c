"""What an officer had typed when a kiosk signed them out: kept for them alone, for a while."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from fairwitness.force.models import Officer
from fairwitness.retention.models import Typed

KEPT: timedelta = timedelta(days=7)
_MOST = 4000


def keep(*, officer: Officer, recording: UUID, typed: Mapping[str, str], at: datetime) -> None:
    """Keep it in place of what was kept before; what is too much to be ours is not kept."""
    kept = {name: value for name, value in typed.items() if value}
    if kept and sum(len(name) + len(value) for name, value in kept.items()) <= _MOST:
        Typed.objects.update_or_create(
            officer=officer, defaults={"recording": recording, "typed": kept, "at": at}
        )


def of(*, officer: Officer, recording: UUID, at: datetime) -> Mapping[str, str]:
    """What this officer had typed about this recording; nothing after a week."""
    row = Typed.objects.filter(officer=officer, recording=recording, at__gt=at - KEPT).first()
    return row.typed if row else {}


def forget(*, officer: Officer) -> None:
    """It was sent, or is not wanted."""
    Typed.objects.filter(officer=officer).delete()
