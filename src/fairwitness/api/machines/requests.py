"""Requests of people who were filmed, for programs: list, one, answer, extend."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import Count

from fairwitness.api.machines import cursors, named
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.disclosure import keep_requests, request_sight
from fairwitness.disclosure.models import KeepRequest, RequestState
from fairwitness.force.asking import Action
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.retention import reviews
from fairwitness.retention.models import Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """What somebody asked to be kept, and how far it has come."""

    id: UUID
    code: str
    asked_at: datetime
    begins_at: datetime
    ends_at: datetime
    unit: str | None
    number: str
    card: str
    officer: str | None
    state: str
    closed_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class RequestPage:
    """One page of requests, the last first."""

    items: tuple[RequestRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class RequestHold:
    """A hold that a request placed, until when it stands, and how many recordings it keeps."""

    id: UUID
    lapses_on: date
    recordings: int
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class RequestWhole:
    """A request with the person's own words, emptied once they are no longer needed."""

    request: RequestRow
    words: str
    contact: str
    holds: tuple[RequestHold, ...]


@dataclass(frozen=True, slots=True)
class RequestAnswer:
    """What became of a request, and what was answered; the words stay in the log."""

    outcome: RequestState
    answer: str


@dataclass(frozen=True, slots=True)
class Longer:
    """Keep what was asked for until this day, and why."""

    until: date
    reason: str


def _row(asked: KeepRequest) -> RequestRow:
    return RequestRow(
        id=asked.pk,
        code=asked.code,
        asked_at=asked.asked_at,
        begins_at=asked.begins_at,
        ends_at=asked.ends_at,
        unit=asked.unit.code if asked.unit else None,
        number=asked.number,
        card=asked.card,
        officer=named.collar(asked.officer),
        state=asked.state,
        closed_at=asked.closed_at,
        answer=asked.answer,
    )


def _find(call: Call, action: Action) -> KeepRequest:
    found = KeepRequest.objects.select_related("unit", "officer__unit").filter(pk=call.id).first()
    if found is None:
        call.demand(action, about=f"request:{call.id}")
        raise not_here()
    keep_requests.demand(request=found, action=action, officer=call.officer, at=call.at)
    return found


def _whole(asked: KeepRequest) -> RequestWhole:
    standing = asked.holds.annotate(number=Count("bindings")).order_by("placed_at", "pk")
    holds = tuple(_hold(hold, hold.number) for hold in standing)
    return RequestWhole(_row(asked), asked.words, asked.contact, holds)


def _hold(hold: Hold, number: int) -> RequestHold:
    return RequestHold(hold.pk, hold.review_on, number, hold.lifted_at)


def _listing(call: Call) -> RequestPage:
    call.reach(Action.SEE_REQUESTS)
    found, after = cursors.by_time(request_sight.within(call.facts), call, "asked_at")
    return RequestPage(tuple(map(_row, found)), after)


def _show(call: Call) -> RequestWhole:
    return _whole(_find(call, Action.SEE_REQUESTS))


def _answer(call: Call) -> RequestWhole:
    said = call.taken(RequestAnswer)
    asked = _find(call, Action.ANSWER_REQUEST)
    keep_requests.close(
        request=asked, outcome=said.outcome, answer=said.answer, officer=call.officer, at=call.at
    )
    asked.refresh_from_db()
    return _whole(asked)


def _extend(call: Call) -> RequestWhole:
    said = call.taken(Longer)
    asked = _find(call, Action.ANSWER_REQUEST)
    reviews.keep_holds(
        holds=list(asked.holds.filter(lifted_at__isnull=True)),
        look_again_on=said.until,
        reason=said.reason,
        officer=call.officer,
        at=call.at,
    )
    return _whole(asked)


OPERATIONS: Final = (
    Operation(
        name="listRequests",
        method="GET",
        path="/requests",
        says="List what people asked to be kept.",
        scope=Scope.REQUESTS_READ,
        run=_listing,
        gives=RequestPage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="showRequest",
        method="GET",
        path="/requests/{id}",
        says="Tell of one request and its holds.",
        scope=Scope.REQUESTS_READ,
        run=_show,
        gives=RequestWhole,
    ),
    Operation(
        name="answerRequest",
        method="POST",
        path="/requests/{id}/answer",
        says="Write down how a request was answered; its holds stand until they lapse.",
        scope=Scope.REQUESTS_WRITE,
        run=_answer,
        takes=RequestAnswer,
        gives=RequestWhole,
        writes=Act.REQUEST_ANSWERED,
    ),
    Operation(
        name="extendRequest",
        method="POST",
        path="/requests/{id}/extend",
        says="Keep what was asked for longer.",
        scope=Scope.REQUESTS_WRITE,
        run=_extend,
        takes=Longer,
        gives=RequestWhole,
        writes=Act.HOLD_REVIEWED,
    ),
)
