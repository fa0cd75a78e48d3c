"""The custody log read as a whole, by those who watch the watchers; reading it is an act as well.

What happened to one recording is read on its own page (`evidence.history`). This is for the rest:
what one officer did, all refusals of a week, who read the log. Nothing is shown to a reader of
whom it tells: see `concerned`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from fairwitness.accountability import concerned
from fairwitness.custody import gaps, ledger, reading, walking
from fairwitness.custody.reading import HistoryRow
from fairwitness.custody.walking import Sought
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act

MOST: Final = 1000
REFUSALS: Final = frozenset(act for act in Act if act.is_refusal)


class ReadingInvalid(FairwitnessError):
    """The log is to be read without a reason."""

    code = "log.reading_reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which entries are asked for; what is None does not narrow.

    Attributes:
        actor: who acted, as entries name it: `officer:<uuid>`.
        act: what was done.
        refusals: only what was asked for and not given.
        subject: of what, as entries name it.
        since: not earlier than this.
        until: earlier than this.
        before: the last number of the page before this one.
        limit: at most so many, the newest.
    """

    actor: str | None = None
    act: Act | None = None
    refusals: bool = False
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 100

    @property
    def acts(self) -> frozenset[Act] | None:
        """Any of these acts; None for all."""
        if self.act is None:
            return REFUSALS if self.refusals else None
        return frozenset({self.act}) & (REFUSALS if self.refusals else frozenset({self.act}))


Answer = walking.Walked


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
    demand(officer=officer, at=at)
    sought = Sought(
        actor=question.actor,
        acts=question.acts,
        subject=question.subject,
        since=question.since,
        until=question.until,
    )
    answer = walking.walk(
        sought=sought,
        keep=lambda rows: concerned.kept(rows, reader=officer, at=at),
        before=question.before,
        limit=min(question.limit, MOST),
    )
    with transaction.atomic():
        ledger.append(
            subject=gaps.SUBJECT,
            act=Act.LOG_READ,
            actor=authority.text(officer),
            at=at,
            reason=reason,
            detail={
                "shown": len(answer.rows),
                "actor": question.actor,
                "act": question.act.value if question.act else None,
                **({"refusals": True} if question.refusals else {}),
                "subject": question.subject,
                "since": timestamp.text(question.since) if question.since else None,
                "until": timestamp.text(question.until) if question.until else None,
            },
        )
    return answer


def read_one(*, leaf_hash: bytes, officer: Officer, reason: str, at: datetime) -> HistoryRow | None:
    """The entry of this public name; None when there is none that this reader may know of.

    That it was read is written down, as for many.

    Raises:
        ReadingInvalid: no reason.
        NotAllowed: the officer may not read the whole force's log.
    """
    if not reason.strip():
        raise ReadingInvalid("Say why you read it.")
    demand(officer=officer, at=at)
    found = reading.find(leaf_hash)
    if found is None or not concerned.kept([found], reader=officer, at=at):
        return None
    with transaction.atomic():
        ledger.append(
            subject=gaps.SUBJECT,
            act=Act.LOG_READ,
            actor=authority.text(officer),
            at=at,
            reason=reason,
            detail={"shown": 1, "entry": leaf_hash.hex()},
        )
    return found


def demand(*, officer: Officer, at: datetime) -> None:
    """Go on only when this person may read the whole force's log.

    Raises:
        NotAllowed: after the refusal was written down.
    """
    authority.demand(
        actor=officer, action=Action.READ_LOG, subject=Subject(), about=gaps.SUBJECT, at=at
    )
