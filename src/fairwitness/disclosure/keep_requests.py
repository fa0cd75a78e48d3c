"""Requests of people who were filmed, that footage be kept. They have no account and need none.

Design rules:

1. The answer is the same whatever there is. A request that is well formed places its holds and is
   given a code; no recording is looked at (`retention.freezing`), and whether a number or a code is
   anybody's changes neither the answer nor what is done.
2. A request is narrow, so that nobody freezes the footage of a whole force: a window of hours, and
   a place or an officer. What is too wide, in the future or nonsense is refused, and nothing is
   changed.
3. Its holds keep in doubt. A number may be misread, so that a place and an officer make two holds,
   and specialist teams, which work everywhere, belong to every place.
4. Who asked stands in the row alone, and is emptied in time; the custody log holds the code only.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from fairwitness.custody import ledger
from fairwitness.disclosure import asking_limits
from fairwitness.disclosure.request_rows import KeepRequest, RequestState
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority, cards, public_codes
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer, OfficerCard, Unit, UnitKind
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.retention import freezing
from fairwitness.retention.models import ASKED_FOR, Hold
from fairwitness.retention.standing import Criteria, criteria_from

LONDON: Final = ZoneInfo("Europe/London")
LASTS: Final = timedelta(days=90)
BACK: Final = timedelta(days=62)
WIDEST_PLACE: Final = timedelta(hours=1)
WIDEST_OFFICER: Final = timedelta(hours=6)
CODE: Final = 10
FORGOTTEN: Final = timedelta(days=90)
_NOBODY: Final = UUID("7d0d6c9c-6b5e-4f5e-9a54-3a5d4b0f8c11")
_SUBJECT: Final = "requests"
_BASIS: Final = "somebody who was filmed asked that it be kept"
_NUMBER: Final = 16
_WORDS: Final = 1000
_CONTACT: Final = 200


class RequestInvalid(FairwitnessError):
    """A request that can't be taken as it is; `field` is what to mend."""

    code: ClassVar[str] = "request.invalid"

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asks for.

    Attributes:
        form_key: of the form; the same form sent twice is one request.
        moment: when it was, by a London clock, without a zone.
        within: how far from that it may have been.
        unit: code of the borough; empty when not known.
        number: on the officer's shoulder, as read.
        card: the code on the officer's card.
        words: street, and what else helps to find it.
        contact: how to reach the person; may be empty.
    """

    form_key: UUID
    moment: datetime
    within: timedelta
    unit: str = ""
    number: str = ""
    card: str = ""
    words: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What the person is told: the request's code, and the day on which it lapses."""

    code: str
    lapses_on: date


@dataclass(frozen=True, slots=True)
class _Wanted:
    begins_at: datetime
    ends_at: datetime
    number: str
    card: str


def ask(*, asked: Asked, address: str, at: datetime) -> Given:
    """Take a request and freeze what it asks for.

    Args:
        asked: what the form says.
        address: keyed digest of where it came from, for the limits; not kept.
        at: now.

    Raises:
        RequestInvalid: it can't be taken as it is; nothing was changed.
        TooMany: too many came; nothing was changed.
    """
    wanted = _check(asked, at)
    known = KeepRequest.objects.filter(form_key=asked.form_key).first()
    if known is not None:
        return _given(known)
    try:
        with transaction.atomic():
            asking_limits.take(address, at)
            return _given(_take(asked, wanted, at))
    except asking_limits.TooMany as refusal:
        if asking_limits.first_refusal(refusal.count):
            ledger.refuse(
                subject=_SUBJECT,
                act=Act.REQUEST_REFUSED,
                actor=ASKED_FOR,
                at=at,
                reason="more than are taken; further ones under this limit are not written down",
                detail={"since": timestamp.text(refusal.count.since), "most": refusal.count.most},
            )
        raise
    except IntegrityError:  # the same form, sent twice at once
        return _given(KeepRequest.objects.get(form_key=asked.form_key))


def _take(asked: Asked, wanted: _Wanted, at: datetime) -> KeepRequest:
    unit = Unit.objects.filter(code=asked.unit, kind=UnitKind.BOROUGH).first()
    if asked.unit and unit is None:
        raise RequestInvalid("Choose a borough from the list.", field="unit")
    officer = _whom(wanted)
    request = KeepRequest(
        id=uuid4(),
        code=public_codes.make(CODE),
        form_key=asked.form_key,
        asked_at=at,
        begins_at=wanted.begins_at,
        ends_at=wanted.ends_at,
        unit=unit,
        number=wanted.number,
        card=wanted.card,
        officer=officer,
        words=asked.words.strip(),
        contact=asked.contact.strip(),
    )
    placed = freezing.freeze(
        terms=freezing.Terms(request.code, _BASIS, lapses_on(at)),
        criteria=_criteria(wanted, unit, officer),
        at=at,
    )
    request.save(force_insert=True)
    request.holds.set(placed)
    ledger.append(
        subject=f"request:{request.pk}",
        act=Act.REQUEST_RECEIVED,
        actor=ASKED_FOR,
        at=at,
        detail={
            "code": request.code,
            "begins_at": timestamp.text(wanted.begins_at),
            "ends_at": timestamp.text(wanted.ends_at),
            "unit": unit.code if unit else None,
            "number_given": bool(wanted.number),
            "card_given": bool(wanted.card),
            "holds": [str(hold.pk) for hold in placed],
        },
    )
    return request


def lapses_on(at: datetime) -> date:
    """The London day on which a request of this moment lapses."""
    return at.astimezone(LONDON).date() + LASTS


def _given(request: KeepRequest) -> Given:
    return Given(public_codes.spaced(request.code), lapses_on(request.asked_at))


def _whom(wanted: _Wanted) -> Officer | None:
    """The officer of the card, else of the number; asked the same whether there is one or not."""
    by_card = OfficerCard.objects.select_related("officer").filter(code=wanted.card or "-").first()
    by_number = Officer.objects.filter(collar_number=wanted.number or "-").first()
    return by_card.officer if by_card else by_number


def _criteria(wanted: _Wanted, unit: Unit | None, officer: Officer | None) -> list[Criteria]:
    commands = tuple(
        Unit.objects.filter(kind=UnitKind.COMMAND).order_by("code").values_list("code", flat=True)
    )
    found = []
    if wanted.number or wanted.card:
        whom = officer.pk if officer else uuid5(_NOBODY, f"{wanted.number}/{wanted.card}")
        found.append(Criteria(officers=(whom,), begins_at=wanted.begins_at, ends_at=wanted.ends_at))
    if unit is not None:
        found.append(
            Criteria(
                units=(unit.code, *commands),
                begins_at=wanted.begins_at,
                ends_at=wanted.ends_at,
            )
        )
    return found


def _check(asked: Asked, at: datetime) -> _Wanted:
    number = "".join(asked.number.upper().split())
    card = public_codes.read(asked.card, cards.LENGTH) if asked.card.strip() else ""
    if number and not (number.isascii() and number.isalnum() and any(map(str.isdigit, number))):
        raise RequestInvalid(
            "A shoulder number has figures, and often letters: 614LX.", field="number"
        )
    if not (asked.unit or number or card):
        raise RequestInvalid(
            "Say in which borough it was, or give the officer’s number or card.", field="unit"
        )
    widest = WIDEST_PLACE if asked.unit else WIDEST_OFFICER
    if not timedelta(0) < asked.within <= widest:
        raise RequestInvalid(
            "That is too wide. With a borough we can keep an hour on either side; with an officer"
            " alone, six.",
            field="within",
        )
    for name, text, most in (
        ("number", number, _NUMBER),
        ("words", asked.words, _WORDS),
        ("contact", asked.contact, _CONTACT),
    ):
        if len(text) > most:
            raise RequestInvalid(f"That is too long: {most} signs at most.", field=name)
    return _Wanted(*_window(asked, at), number, card)


def _window(asked: Asked, at: datetime) -> tuple[datetime, datetime]:
    """The window in UTC; an hour that the clocks strike twice counts as both."""
    try:
        first = asked.moment.replace(tzinfo=LONDON, fold=0)
        begins = first.astimezone(ZoneInfo("UTC")) - asked.within
        last = asked.moment.replace(tzinfo=LONDON, fold=1).astimezone(ZoneInfo("UTC"))
        earliest = min(first.astimezone(ZoneInfo("UTC")), last)
    except OverflowError:
        raise RequestInvalid("That is no day we can keep footage of.", field="day") from None
    if earliest > at + timedelta(minutes=5):
        raise RequestInvalid("That time has not come yet.", field="time")
    if earliest < at - BACK:
        raise RequestInvalid(
            f"That is more than {BACK.days} days ago. What nobody kept until now is deleted.",
            field="day",
        )
    return begins, min(last + asked.within, at)


# What the desk does


def demand(*, request: KeepRequest, action: Action, officer: Officer, at: datetime) -> None:
    """Go on only for whoever works at the desk, and is not the officer whom it is about.

    Raises:
        NotAllowed: after the refusal was written down.
    """
    place = request.unit or (request.officer.unit if request.officer else officer.unit)
    authority.demand(
        actor=officer,
        action=action,
        subject=Subject(unit=place.code, wearer=request.officer_id),
        about=f"request:{request.pk}",
        at=at,
    )


_ACTS: Final = {
    RequestState.ANSWERED: Act.REQUEST_ANSWERED,
    RequestState.REFUSED: Act.REQUEST_REFUSED,
    RequestState.WITHDRAWN: Act.REQUEST_WITHDRAWN,
}


def close(
    *, request: KeepRequest, outcome: RequestState, answer: str, officer: Officer, at: datetime
) -> None:
    """Write down how a request was answered. Its holds stand until they lapse or two lift them.

    Args:
        request: an open one.
        outcome: what became of it.
        answer: in words; stays in the log, so that it names nobody.
        officer: who answers.
        at: now.

    Raises:
        NotAllowed: the officer may not, or the request is about this officer.
        RequestInvalid: no words, or it was closed before.
    """
    if outcome not in _ACTS or not answer.strip():
        raise RequestInvalid("Say what was answered.", field="answer")
    demand(request=request, action=Action.ANSWER_REQUEST, officer=officer, at=at)
    with transaction.atomic():
        rows = KeepRequest.objects.filter(pk=request.pk, state=RequestState.OPEN)
        if not rows.update(state=outcome, closed_by=officer, closed_at=at, answer=answer.strip()):
            raise RequestInvalid("This request was answered before.", field="answer")
        ledger.append(
            subject=f"request:{request.pk}",
            act=_ACTS[outcome],
            actor=authority.text(officer),
            at=at,
            reason=answer.strip(),
            detail={"code": request.code},
        )


def bind_due(*, at: datetime, limit: int = 20) -> int:
    """Bind what was here already when requests came; returns how many requests were worked on."""
    due = KeepRequest.objects.filter(bound_at__isnull=True).order_by("asked_at")[:limit]
    for request in due:
        for hold in request.holds.all():
            freezing.bind_present(hold=hold.pk, criteria=criteria_from(hold.criteria), at=at)
        KeepRequest.objects.filter(pk=request.pk).update(bound_at=at)
    return len(due)


def tidy(*, at: datetime) -> int:
    """Let lapse what has had its days, and forget who asked once nobody needs to know."""
    lapsed = freezing.lapse_due(today=at.astimezone(LONDON).date(), at=at)
    standing = Hold.objects.filter(lifted_at__isnull=True).values("pk")
    done = (
        KeepRequest.objects.filter(emptied_at__isnull=True, asked_at__lt=at - FORGOTTEN)
        .exclude(holds__in=standing)
        .exclude(closed_at__gte=at - FORGOTTEN)
    )
    emptied = KeepRequest.objects.filter(pk__in=list(done.values_list("pk", flat=True))).update(
        words="", contact="", emptied_at=at
    )
    return lapsed + emptied + asking_limits.forget(at)
