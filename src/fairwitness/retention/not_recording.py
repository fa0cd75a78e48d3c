"""That an officer recorded nothing, and why: said by that officer, of a time and an incident.

There is no recording to write it on, so its entry stands in the officer's own chain. A correction
is a new row that names the one it stands in for; both stay.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.models import Officer
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.retention import reasons
from fairwitness.retention.models import NotRecorded

_LONGEST = 80
_BACK = timedelta(days=366)


class NonUseInvalid(FairwitnessError):
    """No incident, no reason, a time that can't be, or a row that is not there to correct."""

    code = "non_use.invalid"


def note(
    *,
    officer: Officer,
    incident: str,
    happened_at: datetime,
    reason: str,
    words: str,
    at: datetime,
    instead_of: UUID | None = None,
) -> NotRecorded:
    """Write down why there is no recording.

    Args:
        officer: who did not record; only they say so, so nobody's leave is needed.
        incident: its number.
        happened_at: when.
        reason: a code of the list.
        words: in their own words; needed for another reason.
        at: now.
        instead_of: an earlier row of theirs that this one corrects.

    Raises:
        NonUseInvalid: no incident, or a time to come or more than a year ago; or the row to
            correct is not theirs or was corrected before.
        ReasonInvalid: no such reason, or another one without words.
    """
    number = _number(incident)
    if not at - _BACK <= happened_at <= at:
        raise NonUseInvalid("Say when it was: within the last year, and not in the future.")
    said = reasons.check(reasons.NOT_RECORDED, reason, words)
    if instead_of is not None and not mine(officer).filter(pk=instead_of).exists():
        raise NonUseInvalid("What you want to correct is not yours, or was corrected before.")
    try:
        with transaction.atomic():
            row = NotRecorded.objects.create(
                officer=officer,
                unit=officer.unit,
                incident=number,
                happened_at=happened_at,
                reason=reason,
                words=said,
                at=at,
                instead_of_id=instead_of,
            )
            ledger.append(
                subject=authority.text(officer),
                act=Act.OFFICER_NON_USE_NOTED,
                actor=authority.text(officer),
                at=at,
                reason=in_words(row),
                detail={
                    "incident": number,
                    "happened_at": timestamp.text(happened_at),
                    "instead_of": str(instead_of) if instead_of else None,
                },
            )
    except IntegrityError:
        raise NonUseInvalid("What you want to correct was corrected meanwhile.") from None
    return row


def _number(incident: str) -> str:
    number = incident.strip()
    if not number or len(number) > _LONGEST or not number.isprintable():
        raise NonUseInvalid(f"Give the incident's number, in at most {_LONGEST} characters.")
    return number


def standing() -> QuerySet[NotRecorded]:
    """What stands: everything but what was corrected, newest first."""
    return NotRecorded.objects.filter(corrected_by__isnull=True).order_by("-at")


def mine(officer: Officer) -> QuerySet[NotRecorded]:
    """What stands of one officer's."""
    return standing().filter(officer=officer)


def in_words(row: NotRecorded) -> str:
    """The reason as people read it."""
    return reasons.in_words(reasons.NOT_RECORDED, row.reason, row.words)
