"""The custody log read as a whole, by those who watch the watchers; reading it is an act as well.

What happened to one recording is read on its own page (`evidence.history`). This is for the rest:
what one officer did, all refusals of a week, who read the log.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from fairwitness.custody import gaps, ledger
from fairwitness.custody.reading import HistoryRow
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import apart_from_force
from fairwitness.evidence.models import Recording
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject

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


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found.

    Attributes:
        rows: newest first.
        left_out: entries about recordings that the reader wore. Their pages tell the wearer what
            happened to them, without what professional standards and oversight did. And for the
            force, what oversight did in a critical incident.
    """

    rows: tuple[HistoryRow, ...]
    left_out: int


def read(*, question: Question, officer: Officer, reason: str, at: datetime) -> Answer:
    """What was asked for; one entry says who read what, however much it is.

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
        own = _worn_by(officer, {row.entry.subject for row in found})
        apart = apart_from_force.oversights(found)
        if apart and apart_from_force.is_oversight(officer.pk, at):
            apart = set()
        rows = tuple(
            row for row in found if row.entry.subject not in own and row.entry_id not in apart
        )
        ledger.append(
            subject=gaps.SUBJECT,
            act=Act.LOG_READ,
            actor=authority.text(officer),
            at=at,
            reason=reason,
            detail={
                "shown": len(rows),
                "actor": question.actor,
                "act": question.act.value if question.act else None,
                "subject": question.subject,
                "since": timestamp.text(question.since) if question.since else None,
                "until": timestamp.text(question.until) if question.until else None,
            },
        )
    return Answer(rows, len(found) - len(rows))


def _worn_by(officer: Officer, subjects: Collection[str]) -> set[str]:
    """Those of these subjects that are recordings of this officer."""
    named = [UUID(each.partition(":")[2]) for each in subjects if each.startswith("recording:")]
    worn = Recording.objects.filter(wearer=officer, pk__in=named).values_list("pk", flat=True)
    return {recording_subject(pk) for pk in worn}
