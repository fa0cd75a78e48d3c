"""Two people close a gap that a lost or restored database left in the custody log."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from fairwitness.custody import gaps, reading
from fairwitness.custody.gaps import Gap
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act


class ClosingInvalid(FairwitnessError):
    """A gap that is to be closed without a word on what was looked at."""

    code = "log.gap_reason"


def close_gap(*, officer: Officer, reason: str, at: datetime) -> Gap | None:
    """Ask to close the open gap, or as the second person close it: deletion then goes on.

    Args:
        officer: who says so.
        reason: what was compared, with what, and with what result.
        at: now.

    Returns:
        The gap while it is open; None once it is closed.

    Raises:
        ClosingInvalid: no reason.
        GapRefused: there is no gap.
        NotAllowed: the officer may not, or is the first person again.
    """
    if not reason.strip():
        raise ClosingInvalid("Say what was compared, with what, and with what result.")
    gap = gaps.open_gap()
    authority.demand(
        actor=officer,
        action=Action.CLOSE_GAP,
        subject=Subject(unit=officer.unit.code, first_person=_first(gap)),
        about=gaps.SUBJECT,
        at=at,
    )
    others = set_by_others(officer=officer, gap=gap)
    with transaction.atomic():
        return gaps.close_gap(
            actor=authority.text(officer),
            reason=reason,
            at=at,
            detail={"credential_set_by": list(others)} if others else None,
        )


def set_by_others(*, officer: Officer, gap: Gap | None) -> tuple[str, ...]:
    """Who else has set what this officer signs in with since the gap was found.

    After the loss of everything that is nobody's fault, and so it forbids nothing. But whoever set
    both passwords may have played both people: it stands in the entry, where everybody looks.
    """
    if gap is None:
        return ()
    mine = authority.text(officer)
    changes = reading.search(subject=mine, act=Act.OFFICER_CREDENTIAL_CHANGED, since=gap.found_at)
    actors = {row.body.actor for row in changes if row.body is not None}
    return tuple(sorted(actors - {mine}))


def _first(gap: Gap | None) -> UUID | None:
    if gap is None or gap.requested_by is None:
        return None
    return UUID(gap.requested_by.partition(":")[2])
