"""What waits in public without a second person: for anybody; with a way to stop it for some."""

from dataclasses import replace
from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from fairwitness.force import one_manager
from fairwitness.force.asking import Action, Subject
from fairwitness.retention import notices
from fairwitness.retention.models import OutsideNotice
from fairwitness.retention.notice_rules import DELAY
from fairwitness.web import acting, page, seen_rows, times, visits

_SHOWN = 100


def stops(visit: visits.SignedVisit) -> bool:
    """Whether this visitor may stop what waits."""
    subject = Subject(unit=visit.officer.unit.code)
    return visits.may(visit, Action.STOP_DISPOSALS, subject)


def offer(
    visit: visits.SignedVisit, about: notices.Waiting, subject: Subject, *, action: str
) -> dict[str, object]:
    """What a page of something that waits for a second person says of notice: given, or to give."""
    notice = OutsideNotice.objects.filter(**{notices.kind_of(about): about}).first()
    if notice is not None:
        runs = not (notice.stopped_at or notice.lapsed_at or notice.done_at)
        return {"due": times.long_moment(notice.due_at) if runs else "", "ended": not runs}
    if subject.first_person != visit.officer.pk or one_manager.in_force(at=visit.at) is None:
        return {}
    asked = replace(subject, one_manager=True)
    days = notices.delay_of(about).days
    return {
        "may": visits.may(visit, Action.GIVE_NOTICE, asked),
        "days": days,
        "action": action,
    }


def give(visit: visits.SignedVisit, about: notices.Waiting) -> str:
    """Give notice; returns what to tell."""
    notice = notices.give(about=about, officer=visit.officer, at=visit.at)
    due = times.long_moment(notice.due_at)
    return f"Announced to everybody. It goes on {due}, unless somebody stops it."


def _row(notice: OutsideNotice) -> dict[str, object]:
    """Its kind and days: nothing that names a person, a category or a recording."""
    return {
        "id": str(notice.pk),
        "kind": notice.get_kind_display(),
        "given": times.long_moment(notice.given_at),
        "due": times.long_moment(notice.due_at),
    }


def told(visit: visits.SignedVisit) -> list[dict[str, object]]:
    """What waits, for those who may stop it: by whom, and of what where they may see it."""
    if not stops(visit):
        return []
    found = notices.waiting().select_related("given_by", "early", "unmarking")[:_SHOWN]
    rows = list(found)
    of = {row.pk: _recording(row) for row in rows}
    seen = seen_rows.of(visit, [pk for pk in of.values() if pk is not None])
    return [{**_row(row), "by": row.given_by.title, "href": _href(row, seen)} for row in rows]


def _recording(notice: OutsideNotice) -> UUID | None:
    about = notice.early or notice.unmarking
    return about.recording_id if about else None


def _href(notice: OutsideNotice, seen: set[UUID]) -> str:
    recording = _recording(notice)
    if recording is None:
        return f"/rules/changes/{notice.rule_id}"
    return f"/recordings/{recording}" if recording in seen else ""


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The public page; whoever is signed in and may, stops from here."""
    visit = visits.of(request)
    found = one_manager.in_force(at=visit.at)
    rows: list[dict[str, object]] = []
    may_set = may_stop = False
    if visit.signed_in:
        signed = cast("visits.SignedVisit", visit)
        may_stop = stops(signed)
        rows = told(signed)
        may_set = _may_set(signed)
    if not may_stop:
        rows = [_row(each) for each in notices.waiting()[:_SHOWN]]
    context = {
        "since": times.plain_day(found.begun_at) if found else "",
        "reason": found.reason if found and may_set else "",
        "rows": rows,
        "delay": DELAY.days,
        "stops": may_stop,
        "may_set": may_set,
    }
    return page.render(request, "pages/notices.html", context)


def _may_set(visit: visits.SignedVisit) -> bool:
    return visits.may(visit, Action.RUN_WITH_ONE_MANAGER, Subject())


@require_POST
@visits.signed_in
def stop(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Stop what waits; one person is enough."""
    notice = (
        OutsideNotice.objects.select_related("rule", "early", "unmarking").filter(pk=pk).first()
    )
    if notice is None:
        visits.allowed(visit, Action.STOP_DISPOSALS)
        return page.refuse(
            request,
            title="No such notice",
            sentence="There is no such notice: what it was about may have gone.",
            back="/notices",
            status=404,
        )

    def act() -> str:
        reason = request.POST.get("reason", "")
        notices.stop(notice=notice, reason=reason, officer=visit.officer, at=visit.at)
        return "Stopped. Only a second person can agree to it now."

    return acting.attempt(request, act, then="/notices", back="/notices")


@require_POST
@visits.signed_in
def one(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Begin or end that the force runs with one evidence manager."""
    reason, begins = request.POST.get("reason", ""), request.POST.get("decision") == "begin"

    def act() -> str:
        if begins:
            one_manager.begin(actor=visit.officer, reason=reason, at=visit.at)
            return "Begun. This page says so to everybody."
        one_manager.end(actor=visit.officer, reason=reason, at=visit.at)
        return "Ended. Two-person acts need two people again."

    return acting.attempt(request, act, then="/notices", back="/notices")
