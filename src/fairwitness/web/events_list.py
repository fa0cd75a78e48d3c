"""Bringing in a list of records, and what came of each of its lines."""

from typing import Final
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_safe

from fairwitness.force.asking import Action
from fairwitness.retention import event_desk, event_list
from fairwitness.retention.event_list import ListRefused
from fairwitness.retention.event_rows import EventKind, EventList
from fairwitness.web import page, times, visits

MOST_LINES: Final = 500
"""More than this a page does not wait for; the command takes them."""

_WORDS: Final = {
    event_desk.MATCHED: "marks recordings",
    event_desk.AMBIGUOUS: "in doubt",
    event_desk.NONE: "no recording",
    event_desk.UNCHANGED: "known already",
    event_desk.REFUSED: "refused",
}


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Bring in records",
        sentence="You can’t bring in records.",
        detail="Evidence managers and professional standards bring them in.",
        back="/today",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def bring_in(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The form, and the list that it sends."""
    units = visits.reach(visit, Action.BRING_EVENTS)
    if units is not None and not units:
        return _refuse(request)
    if request.method != "POST":
        return _form(request)
    sent = request.FILES.get("list")
    if not isinstance(sent, UploadedFile):
        return _form(request, problem="Choose a file first.")
    try:
        kept = event_desk.bring_in(
            data=sent.read(),
            name=_called(sent.name or ""),
            actor=visit.officer,
            at=visit.at,
            most_lines=MOST_LINES,
        )
    except ListRefused as refusal:
        return _form(request, problem=f"{refusal.message} Nothing was done.")
    return HttpResponseRedirect(f"/records/lists/{kept.pk}")


def _called(name: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in name)[:120] or "list.csv"


def _form(request: HttpRequest, problem: str = "") -> HttpResponse:
    context = {
        "problem": problem,
        "kinds": ", ".join(EventKind.values),
        "columns": [name for name in event_list.COLUMNS if name not in event_list.NEEDED],
        "needed": event_list.NEEDED,
        "most": MOST_LINES,
    }
    return page.render(
        request, "pages/records_bring_in.html", context, status=400 if problem else 200
    )


@require_safe
@visits.signed_in
def told(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """What came of each line of a list."""
    units = visits.reach(visit, Action.BRING_EVENTS)
    if units is not None and not units:
        return _refuse(request)
    kept = EventList.objects.filter(pk=pk).first()
    if kept is None or (units is not None and kept.brought_by != f"officer:{visit.officer.pk}"):
        visits.allowed(visit, Action.BRING_EVENTS, about=f"event_list:{pk}")
        return _refuse(request)
    context = {
        "name": kept.name,
        "moment": times.short_moment(kept.at),
        "sha256": kept.sha256,
        "counts": [
            {"what": words, "number": kept.counts.get(key, 0), "key": key}
            for key, words in _WORDS.items()
        ],
        "lines": [{**row, "words": _WORDS[row["outcome"]]} for row in kept.lines[:MOST_LINES]],
        "total": len(kept.lines),
    }
    return page.render(request, "pages/records_list.html", context)
