"""Requests that a recording made by mistake be deleted early: asked, decided, agreed by three."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fairwitness.evidence.models import Recording
from fairwitness.force.asking import Action, Subject
from fairwitness.retention import desk_sight, early_deletion
from fairwitness.retention.models import EarlyDeletion, EarlyState
from fairwitness.web import (
    acting,
    consulting,
    notices,
    page,
    recording,
    seen_rows,
    showing,
    times,
    visits,
)

_SHOWN: Final = 100


def _row(asked: EarlyDeletion, visit: visits.SignedVisit) -> dict[str, object]:
    found = asked.recording
    known = showing.dates(found, to=showing.reader(found, visit.facts))
    people = {asked.asked_by_id, asked.decided_by_id}
    unit = found.unit.code if found.unit else None

    def may(action: Action, first: UUID | None) -> bool:
        subject = Subject(unit=unit, wearer=found.wearer_id, first_person=first)
        return visits.may(visit, action, subject)

    agrees = may(Action.AGREE_EARLY_DELETION, asked.decided_by_id or asked.asked_by_id)
    return {
        "id": str(asked.pk),
        "recording": str(found.pk),
        "reference": found.reference,
        "for_person": asked.asked_for == "person",
        "reason": asked.reason,
        "asked_by": str(asked.asked_by),
        "asked": times.short_moment(asked.asked_at),
        "decision": asked.decision,
        "decided_by": str(asked.decided_by) if asked.decided_by else "",
        "agreed_by": str(asked.agreed_by) if asked.agreed_by else "",
        "state": asked.get_state_display(),
        "goes": times.short_moment(known.gone_by) if known.gone_by else "",
        "line": showing.line_for(found, facts=visit.facts, at=visit.at),
        "decides": asked.state == EarlyState.ASKED
        and may(Action.DECIDE_EARLY_DELETION, asked.asked_by_id),
        "agrees": asked.state == EarlyState.DECIDED and agrees and visit.officer.pk not in people,
        "after_notice": asked.after_notice,
        "notice": _notice(asked, unit, visit),
        "stops": asked.state == EarlyState.AGREED and may(Action.AGREE_EARLY_DELETION, asked.pk),
    }


def _notice(asked: EarlyDeletion, unit: str | None, visit: visits.SignedVisit) -> dict[str, object]:
    """Of one's own decision alone, so that a list asks no more for the others."""
    if asked.state != EarlyState.DECIDED or asked.decided_by_id != visit.officer.pk:
        return {}
    wearer = asked.recording.wearer_id
    subject = Subject(unit=unit, wearer=wearer, first_person=asked.decided_by_id)
    return notices.offer(visit, asked, subject, action=f"/early-deletions/{asked.pk}")


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Open requests, the oldest first; and those one brought oneself."""
    order = ("-state", "asked_at")  # agreed ones last: a hold may keep them for years
    first = desk_sight.early(visit.facts).order_by(*order).values_list("pk", flat=True)[:_SHOWN]
    found = (
        # Chosen by themselves: asked in one, PostgreSQL reads all officers, twice, before it sorts.
        EarlyDeletion.objects.filter(pk__in=list(first))
        .select_related("asked_by", "decided_by", "agreed_by", "recording__unit")
        .select_related("recording__station", "recording__review", "recording__disposal")
        .prefetch_related("recording__bindings__hold")
        .order_by(*order)
    )
    rows = list(found)
    seen = seen_rows.of(visit, [row.recording_id for row in rows])
    shown = [_row(row, visit) for row in rows if row.recording_id in seen]
    consulting.note(visit, of="early deletions", shown=len(shown))
    context = {
        "waiting": [row for row in shown if row["decides"] or row["agrees"]],
        "others": [row for row in shown if not (row["decides"] or row["agrees"])],
    }
    return page.render(request, "pages/early_deletions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def ask(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Ask for one recording, for oneself or for a person who was filmed."""
    found = recording.find_alive(visit, pk)
    if found is None:
        return recording.not_here(request)
    mine = found.wearer_id == visit.officer.pk
    if request.method == "POST":
        return _ask(request, visit, found)
    context = {
        "id": str(pk),
        "reference": found.reference,
        "title": showing.title(found, showing.category_names()),
        "when": times.long_moment(showing.began(found)),
        "mine": mine,
        **showing.life_line_rows(found, facts=visit.facts, at=visit.at),
    }
    return page.render(request, "pages/early_ask.html", context)


def _ask(request: HttpRequest, visit: visits.SignedVisit, found: Recording) -> HttpResponse:
    def act() -> str:
        early_deletion.ask(
            recording=found.pk,
            for_person=request.POST.get("asks") == "person",
            reason=request.POST.get("reason", ""),
            officer=visit.officer,
            at=visit.at,
        )
        return "Asked. An evidence manager decides, and a second person agrees."

    return acting.attempt(request, act, then=f"/recordings/{found.pk}", back=request.path)


@require_POST
@visits.signed_in
def decide(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Decide, agree, say no, or stop what was agreed; each is its own act."""
    asked = EarlyDeletion.objects.select_related("recording__unit").filter(pk=pk).first()
    if asked is None:
        visits.allowed(visit, Action.DECIDE_EARLY_DELETION)
        return recording.not_here(request)
    reason, decision = request.POST.get("reason", ""), request.POST.get("decision", "")

    def act() -> str:
        return _act(asked, decision, reason, visit)

    return acting.attempt(request, act, then="/early-deletions", back="/early-deletions")


def _act(asked: EarlyDeletion, decision: str, reason: str, visit: visits.SignedVisit) -> str:
    if decision == "notice":
        return notices.give(visit, asked)
    if decision in {"yes", "no"}:
        early_deletion.decide(
            asked=asked,
            agreed=decision == "yes",
            reason=reason,
            officer=visit.officer,
            at=visit.at,
        )
        return "Decided. A second person agrees." if decision == "yes" else "Refused. It stays."
    if decision == "agree":
        goes = early_deletion.agree(asked=asked, officer=visit.officer, at=visit.at)
        day = f" It goes on {times.long_moment(goes)}." if goes else ""
        return f"Agreed.{day} Until then whoever may keep it can."
    if decision == "stop":
        early_deletion.stop(asked=asked, reason=reason, officer=visit.officer, at=visit.at)
        return "Stopped. Its own day counts again."
    early_deletion.refuse(asked=asked, reason=reason, officer=visit.officer, at=visit.at)
    return "Refused. It stays."
