"""The custody log read as a whole, by those who watch the watchers; reading it is an act as well.

What happened to one recording is read on its own page (`evidence.history`). This is for the rest:
what one officer did, all refusals of a week, who read the log.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from fairwitness.custody import gaps, ledger
from fairwitness.custody.reading import HistoryRow
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act

MOST: Final = 1000


class ReadingInvalid(FairwitnessError):
    """The log is to be read without a reason."""

    code = "log.reading_reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which entries are asked for; what is None does not narrow.

    Attributes:
        actor: who acted, as entries name it: `officer:<uuid>`.
        act: what was done.
        subject: of what, as entries name it.
        since: not earlier than this.
        until: earlier than this.
        limit: at most so many, the newest.
    """

    actor: str | None = None
    act: Act | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 100


def read(*, question: Question, officer: Officer, reason: str, at: datetime) -> list[HistoryRow]:
    """What was asked for, newest first; one entry says who read what, however much it is.

    Args:
        question: which entries.
        officer: who reads.
        reason: why.
        at: now.

    Raises:
        ReadingInvalid: no reason.
        NotAllowed: the officer may not read the whole force's log.
    """
    if not reason.strip():
        raise ReadingInvalid("Say why you read it.")
    authority.demand(
        actor=officer, action=Action.READ_LOG, subject=Subject(), about=gaps.SUBJECT, at=at
    )
    with transaction.atomic():
        found = ledger.search(
            actor=question.actor,
            act=question.act,
            subject=question.subject,
            since=question.since,
            until=question.until,
            limit=min(question.limit, MOST),
        )
        ledger.append(
            subject=gaps.SUBJECT,
            act=Act.LOG_READ,
            actor=authority.text(officer),
            at=at,
            reason=reason,
            detail={
                "shown": len(found),
                "actor": question.actor,
                "act": question.act.value if question.act else None,
                "subject": question.subject,
                "since": timestamp.text(question.since) if question.since else None,
                "until": timestamp.text(question.until) if question.until else None,
            },
        )
    return found
