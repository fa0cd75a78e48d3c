"""A critical incident on the last day: declared, told to oversight, one account, one release.

A man is badly hurt as he falls from a wall. The duty officer locks what the officers who were
there recorded; the post-incident manager enters the first account and lets its officer watch his
or her own. The independent investigation finds it on *Today*, and has not begun.
"""

from datetime import datetime, timedelta
from typing import Final

from fairwitness.cases import post_incident
from fairwitness.cases.declaring import Particulars, declare
from fairwitness.cases.models import Happening
from fairwitness.evidence.models import Recording, State
from fairwitness.force import officers

_AROUND: Final = timedelta(days=2)
_THERE: Final = 3
"""Of so many officers at most it is told."""


def tell(at: datetime) -> None:
    """Declare it for whoever recorded last what nobody holds, and others of that unit on duty."""
    free = Recording.objects.filter(
        state=State.LIVE, bindings=None, wearer__isnull=False, unit__isnull=False
    ).filter(started_at__isnull=False, ended_at__lt=at)
    free = free.select_related("wearer", "unit").order_by("-started_at", "pk")
    last = free.first()
    if last is None or last.started_at is None or last.unit is None:
        return
    began_at = last.started_at
    near = free.filter(unit=last.unit, started_at__gt=began_at - _AROUND)
    there = {row.wearer.pk: row.wearer for row in near if row.wearer is not None}
    declared = declare(
        said=Particulars(
            happening=Happening.SERIOUS_INJURY,
            about="a man fell from a wall as officers followed him",
            place=f"{last.unit.name}, behind the station",
            began_at=began_at,
            ended_at=at,
            officers=tuple(there.values())[:_THERE],
        ),
        officer=officers.named("31MO"),
        at=at,
    )
    manager = officers.named("7MO")
    first = declared.incident.involvements.get(officer=last.wearer)
    post_incident.enter_account(
        involvement=first, given_at=at, what="first account, spoken", officer=manager, at=at
    )
    post_incident.release_viewing(
        involvement=first,
        reason="the first account is given; a statement is to follow",
        officer=manager,
        at=at,
    )
