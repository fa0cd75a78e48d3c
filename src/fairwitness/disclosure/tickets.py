"""Tickets: what a page gives so that a download may begin, once and soon.

A ticket is a signed path segment. It grants nothing by itself: whoever opens it asks permission
again, as the officer that it names.
"""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.core import signing

from fairwitness.cases.models import Case
from fairwitness.errors import FairwitnessError
from fairwitness.force.models import Officer

PREFIX: Final = "/export/"
SECONDS: Final = 300
_SALT: Final = "fairwitness.export"


class TicketInvalid(FairwitnessError):
    """A ticket that we did not give, or that has run out."""

    code = "export.ticket"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a ticket is for."""

    disclosure: UUID
    case: UUID
    officer: UUID
    recipient: str
    purpose: str
    hearing_on: date | None = None


def address(
    *, case: Case, officer: Officer, recipient: str, purpose: str, hearing_on: date | None = None
) -> str:
    """Where this officer can download this copy, within five minutes."""
    claims = {
        "disclosure": str(uuid.uuid4()),
        "case": str(case.pk),
        "officer": str(officer.pk),
        "recipient": recipient,
        "purpose": purpose,
        "hearing_on": hearing_on.isoformat() if hearing_on else "",
    }
    return PREFIX + signing.dumps(claims, salt=_SALT, compress=True)


def read(text: str) -> Wanted:
    """What a ticket is for.

    Raises:
        TicketInvalid: it is not ours, or has run out.
    """
    try:
        claims = signing.loads(text, salt=_SALT, max_age=SECONDS)
    except signing.BadSignature as error:
        raise TicketInvalid(
            "This download has run out. Ask for it again on the case's page."
        ) from error
    return Wanted(
        disclosure=UUID(claims["disclosure"]),
        case=UUID(claims["case"]),
        officer=UUID(claims["officer"]),
        recipient=claims["recipient"],
        purpose=claims["purpose"],
        hearing_on=date.fromisoformat(claims["hearing_on"]) if claims["hearing_on"] else None,
    )
