"""Whether somebody may know of a recording, and which dates of it: for pages and programs alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from fairwitness.evidence import access, circle
from fairwitness.evidence.models import Recording, State
from fairwitness.force import authority
from fairwitness.force.asking import Action, NotAllowed, OfficerFacts, Role, TaskKind
from fairwitness.force.models import Officer
from fairwitness.formats.custody import recording_subject

_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates that this reader may know, and why."""

    gone_by: datetime | None
    hidden_from: datetime | None
    because: str


class Reader(Enum):
    """Who reads about a recording: each is told of the holds that they may know.

    The wearer of no silent one; anybody else of the force of none of oversight's silent ones.
    """

    WEARER = "wearer"
    FORCE = "force"
    OVERSIGHT = "oversight"


class Columns(NamedTuple):
    """The names of the columns with dates, for a query."""

    gone_by: str
    hidden_from: str


def columns(facts: OfficerFacts) -> Columns:
    """The columns by which this officer may find recordings that somebody else wore."""
    if facts.holds_anywhere(Role.INDEPENDENT_INVESTIGATOR):
        return Columns("gone_by", "hidden_from")
    return Columns("force_gone_by", "force_hidden_from")


def kept(gone_by: str) -> Q:
    """Without a day; said so that no index on days leads, which holds all of them out of order."""
    return Q(Exact(Coalesce(F(gone_by), Value(_NEVER)), _NEVER))


def led_by_none(column: str) -> Coalesce:
    """A column, said so that no index on it leads where something else narrows far better."""
    return Coalesce(F(column), F(column))


def reader(recording: Recording, facts: OfficerFacts) -> Reader:
    """As whom this officer reads about a recording."""
    if recording.wearer_id == facts.officer:
        return Reader.WEARER
    if facts.holds_anywhere(Role.INDEPENDENT_INVESTIGATOR):
        return Reader.OVERSIGHT
    return Reader.FORCE


def dates(recording: Recording, *, to: Reader) -> Dates:
    """The dates as this reader may know them."""
    if to is Reader.WEARER:
        return Dates(recording.shown_gone_by, recording.shown_hidden_from, recording.shown_reason)
    if to is Reader.FORCE:
        return Dates(recording.force_gone_by, recording.force_hidden_from, recording.force_reason)
    return Dates(recording.gone_by, recording.hidden_from, recording.keep_reason)


def gone(recording: Recording, *, known: Dates, at: datetime) -> bool:
    """Whether nobody may open it any more, as far as this reader may know."""
    return recording.state != State.LIVE or (known.gone_by is not None and at >= known.gone_by)


def gone_for(recording: Recording, facts: OfficerFacts, at: datetime) -> bool:
    """Whether it is gone, as far as this officer may know."""
    return gone(recording, known=dates(recording, to=reader(recording, facts)), at=at)


def kept_apart(recording: Recording) -> bool:
    """Whether oversight's silent holds moved its day, or did: the force's is another."""
    return recording.force_gone_by is not None and recording.force_gone_by != recording.gone_by


def without_footage(recording: Recording) -> Recording:
    """The row as it looks from its day on: a tombstone, whether it is one or not.

    What a silent hold keeps must not differ in anything from what was deleted. It is not saved.
    """
    recording.state = State.DISPOSED
    recording.sha256 = recording.incident = recording.filename = ""
    recording.claim = recording.media = recording.said = None
    recording.started_at = recording.ended_at = None
    return recording


def find(
    *,
    recording: UUID,
    officer: Officer,
    at: datetime,
    task: access.Task | None = None,
    related: Sequence[str] = ("wearer", "unit", "station", "camera"),
) -> Recording | None:
    """The recording, if this officer may know of it; that one may not is written down.

    Args:
        recording: which.
        officer: who asks.
        at: now.
        task: given with this request; one that was given before holds for the visit.
        related: rows to read with it.
    """
    row = Recording.objects.select_related(*related).filter(pk=recording).first()
    if row is None:
        return None
    subject = circle.subject_of(
        recording=row, at=at, task=task_kind(recording=row, officer=officer, task=task, at=at)
    )
    if subject.gone:
        # That it was, and that it is deleted, may be known by whoever might have seen it by a role.
        # Who was let in or was there is forgotten with footage, so also with what is kept silently.
        nobody: frozenset[UUID] = frozenset()
        subject = replace(
            subject, gone=False, hidden=False, named=nobody, broken=nobody, present=nobody
        )
    try:
        authority.demand(
            actor=officer,
            action=Action.SEE_RECORDING,
            subject=subject,
            about=recording_subject(recording),
            at=at,
        )
    except NotAllowed:
        return None
    return row


def task_kind(
    *, recording: Recording, officer: Officer, at: datetime, task: access.Task | None = None
) -> TaskKind | None:
    """What work this is for, as far as it bears on the bin: a request reaches into it."""
    if task is not None:
        return task.kind
    request = access.has_task(recording=recording, officer=officer, kind=TaskKind.REQUEST, at=at)
    return TaskKind.REQUEST if request else None
