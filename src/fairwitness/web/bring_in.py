"""Bring in footage: what a browser's files will need is asked first; then they are sent.

The page's script asks (`ask`), begins an upload for each file (`begin`), sends its bytes by the
upload path (`api.browsers`) and asks what became of it (`standing`). Each answer is JSON, each
refusal a code and a sentence.
"""

import json
from collections.abc import Callable
from typing import Final, TypeAlias
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from fairwitness.errors import FairwitnessError
from fairwitness.force import permissions
from fairwitness.force.asking import Action, NotAllowed
from fairwitness.formats import records
from fairwitness.formats.errors import FormatError
from fairwitness.ingest import import_desk, import_outcome, importing, particulars
from fairwitness.ingest.import_desk import Answer, Asked, DeskInvalid, PassInvalid
from fairwitness.ingest.import_plan import Planned, Standing
from fairwitness.ingest.models import Upload
from fairwitness.ingest.uploads import UploadUnknown
from fairwitness.web import acting, page, times, visits

_Row: TypeAlias = dict[str, object]

MOST_LIST: Final = 512 << 10
"""Bytes of a list that the page takes: all that it asks stays below what Django is given."""


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The form, and what this officer began and did not finish."""
    try:
        importing.demand(visit.officer, visit.at)
    except NotAllowed as refusal:
        return page.refuse(
            request,
            title="Bring in footage",
            sentence=refusal.message,
            detail="This request was written down.",
            back="/recordings",
        )
    context = {
        "names_wearers": permissions.units_where(visit.facts, Action.ASSIGN_WEARER) != frozenset(),
        "most_files": import_desk.MOST_FILES,
        "most_list": MOST_LIST,
        "unfinished": [_unfinished(each, visit) for each in _of(visit)],
    }
    return page.render(request, "pages/bring_in.html", context)


@require_POST
@visits.signed_in
def ask(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """What stands in the way of bringing these files in; tickets for those that may come."""

    def act() -> _Row:
        answer = import_desk.ask(
            asked=_asked(request), officer=visit.officer, tools=visit.works.acceptance
        )
        return _answer(answer, visit)

    return _attempt(act)


@require_POST
@visits.signed_in
def begin(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Begin the upload that a ticket is for, or go on with the one there is."""

    def act() -> _Row:
        begun = import_desk.begin(
            given=request.POST.get("ticket", ""),
            officer=visit.officer,
            tools=visit.works.acceptance,
        )
        return {
            "upload": str(begun.upload.pk),
            "pass": begun.may_send,
            "state": str(begun.upload.state),
            "before": begun.planned.standing is Standing.HERE,
        }

    return _attempt(act)


@require_safe
@visits.signed_in
def standing(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """What became of an upload of one's own."""

    def act() -> _Row:
        upload = import_desk.own(upload=pk, officer=visit.officer, at=visit.at)
        found = import_outcome.of(upload, before=request.GET.get("before") == "1")
        href = f"/recordings/{found.recording}" if found.recording else ""
        return {"state": found.state, "message": found.message, "href": href}

    return _attempt(act)


@require_POST
@visits.signed_in
def give_up(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """End what was begun and will not be finished."""

    def act() -> str:
        name = import_desk.give_up(upload=pk, officer=visit.officer, at=visit.at)
        return f"{name} was given up. What had come of it is deleted."

    return acting.attempt(request, act, then="/bring-in", back="/bring-in")


def _attempt(act: Callable[[], _Row]) -> HttpResponse:
    try:
        return JsonResponse(act())
    except FairwitnessError as error:
        status = 400
        if isinstance(error, NotAllowed | PassInvalid):
            status = 403
        elif isinstance(error, UploadUnknown):
            status = 404
        return JsonResponse({"code": error.stable_code, "message": error.message}, status=status)


def _asked(request: HttpRequest) -> Asked:
    try:
        asked = records.from_json(Asked, json.loads(request.body))
    except (ValueError, FormatError, RecursionError) as error:
        raise DeskInvalid("This page is too old. Load it again.") from error
    if len((asked.listing or "").encode(errors="replace")) > MOST_LIST:
        raise DeskInvalid("The list is too long for this page: use `fairwitness import`.")
    return asked


def _answer(answer: Answer, visit: visits.SignedVisit) -> _Row:
    return {
        "whole": answer.whole,
        "refused": answer.refused,
        "problems": [
            {"name": one.name, "line": one.line, "message": one.message}
            for one in answer.plan.problems
        ],
        "passed": [{"name": name, "why": why} for name, why in answer.plan.passed_over],
        "files": []
        if answer.refused
        else [
            {
                "name": each.wanted.path.name,
                "said": _said(each),
                "ticket": import_desk.ticket_for(each, visit.officer),
            }
            for each in answer.plan.files
        ],
    }


def _said(planned: Planned) -> str:
    """What is to be known of a file before it is sent."""
    if planned.standing is Standing.HERE:
        return "You brought this in before; nothing will change."
    said = "It was begun before, and goes on." if planned.standing is Standing.BEGUN else ""
    if planned.same_as:
        said += (
            f" The same bytes as {', '.join(planned.same_as)}. It becomes a recording of its own,"
            " and each page links to the other."
        )
    return said.strip()


def _of(visit: visits.SignedVisit) -> list[Upload]:
    return import_desk.unfinished(officer=visit.officer)


def _unfinished(upload: Upload, visit: visits.SignedVisit) -> _Row:
    return {
        "id": str(upload.pk),
        "name": upload.filename,
        "size": upload.length,
        "sha256": upload.sha256,
        "percent": upload.offset * 100 // upload.length,
        "until": times.long_day(upload.expires_at),
        "ticket": import_desk.ticket(
            name=upload.filename,
            size=upload.length,
            sha256=upload.sha256,
            told=particulars.of(upload),
            officer=visit.officer,
        ),
    }
