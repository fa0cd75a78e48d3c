"""The first start of the log, written down: from here on places are given and trees signed."""

from datetime import datetime

from django.db import transaction

from fairwitness.custody import gaps, ledger, reading
from fairwitness.formats.acts import Act


def note(*, origin: str, at: datetime) -> None:
    """Write down that a log that never signed anything starts; may be repeated.

    Args:
        origin: the name that the log signs with.
        at: now.
    """
    with transaction.atomic():
        if not reading.search(act=Act.LOG_STARTED, subject=gaps.SUBJECT, limit=1):
            ledger.append(
                subject=gaps.SUBJECT,
                act=Act.LOG_STARTED,
                actor="system:integrator",
                at=at,
                detail={"origin": origin},
            )
