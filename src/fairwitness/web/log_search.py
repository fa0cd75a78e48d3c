"""The log, for those who watch the watchers: searched with a reason, and each entry checkable.

The reason is asked for once and kept for the visit; the search itself is the address. An entry's
own page gives the visitor's browser all that it needs to prove the entry without trusting us.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_safe

from fairwitness.accountability import concerned, log_reading
from fairwitness.accountability.log_reading import Question
from fairwitness.custody import proofs, reading
from fairwitness.custody.reading import HistoryRow
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import apart_from_force, circle, history
from fairwitness.evidence.models import Recording
from fairwitness.force.asking import Action, NotAllowed, Subject
from fairwitness.force.officers import OfficerInvalid, named
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.verifier import one_entry
from fairwitness.web import cosigned, page, recording, times, visits

SHOWN: Final = 50
FIELDS: Final = ("actor", "act", "refusals", "subject", "from", "to")
_REASON: Final = "log-reason"
_LONGEST: Final = 200
_DIGITS: Final = 18


class SearchInvalid(FairwitnessError):
    """A search that can't be understood as it was typed."""

    code = "log.search_invalid"


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in the table."""

    leaf: str
    moment: str
    act: str
    refused: bool
    who: str
    about: str
    about_href: str
    reason: str


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="The log",
        sentence="You can’t read the log.",
        detail="It takes one of the roles of an evidence manager, professional standards, an"
        " auditor or an independent investigator, for the whole force. What happened to one"
        " recording is on its own page.",
        back="/today",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Ask why, once a visit; then a page of what is sought."""
    try:
        log_reading.demand(officer=visit.officer, at=visit.at)
    except NotAllowed:
        return _refuse(request)
    if request.method == "POST":
        request.session[_REASON] = request.POST.get("reason", "").strip()[:_LONGEST]
        asked = {name: request.POST[name] for name in FIELDS if request.POST.get(name)}
        return HttpResponseRedirect(f"/log?{urlencode({'search': '1', **asked})}")
    reason = request.session.get(_REASON, "")
    context: dict[str, object] = {
        "sought": {name: request.GET.get(name, "") for name in FIELDS if name != "from"},
        "since": request.GET.get("from", ""),
        "reason": reason,
        "acts": [act.value for act in Act],
        "left_out": concerned.LEFT_OUT,
    }
    status = 200
    if request.GET.get("search"):
        try:
            context |= _found(request, visit, reason)
        except FairwitnessError as error:
            context["problem"], status = error.message, 400
    return page.render(request, "pages/log.html", context, status=status)


def _found(request: HttpRequest, visit: visits.SignedVisit, reason: str) -> dict[str, object]:
    answer = log_reading.read(
        question=_question(request), officer=visit.officer, reason=reason, at=visit.at
    )
    asked = {name: request.GET[name] for name in FIELDS if request.GET.get(name)}
    older = {"search": "1", **asked, "before": answer.after}
    return {
        "asked": True,
        "rows": _rows(list(answer.rows)),
        "older": f"/log?{urlencode(older)}" if answer.after else "",
        "newest": f"/log?{urlencode({'search': '1', **asked})}" if _before(request) else "",
        "back_to": times.short_moment(answer.back_to) if answer.back_to else "",
    }


def _question(request: HttpRequest) -> Question:
    act = request.GET.get("act", "")
    if act and act not in set(Act):
        raise SearchInvalid(f"There is no act {act!r}. Choose one of the list.")
    return Question(
        actor=_actor(request.GET.get("actor", "").strip()),
        act=Act(act) if act else None,
        refusals=request.GET.get("refusals") == "1",
        subject=_subject(request.GET.get("subject", "").strip()),
        since=_moment(request.GET.get("from", "")),
        until=_moment(request.GET.get("to", "")),
        before=_before(request),
        limit=SHOWN,
    )


def _actor(typed: str) -> str | None:
    """Who: by collar number, or as entries name it."""
    if not typed or ":" in typed:
        return typed or None
    try:
        return f"officer:{named(typed).pk}"
    except OfficerInvalid as error:
        raise SearchInvalid(error.message) from error


def _subject(typed: str) -> str | None:
    """What it was done to: by a recording's number or address, or as entries name it."""
    if not typed or ":" in typed or typed.isalpha():
        return typed or None
    try:
        return recording_subject(UUID(typed.rstrip("/").rpartition("/")[2]))
    except ValueError:
        pass
    found = list(Recording.objects.filter(reference=typed).values_list("pk", flat=True)[:2])
    if len(found) != 1:
        raise SearchInvalid(
            f"There is no recording numbered {typed}. Give its whole number, or what the log calls"
            " it, such as recording:… or camera:…"
        )
    return recording_subject(found[0])


def _moment(typed: str) -> datetime | None:
    """A moment in London as a browser's field gives it."""
    if not typed:
        return None
    found = times.typed_moment(typed)
    if found is None:
        raise SearchInvalid("Give a day and a time, such as 2017-06-08T22:00.")
    return found


def _before(request: HttpRequest) -> int | None:
    typed = request.GET.get("before", "")
    return int(typed) if typed.isdecimal() and len(typed) <= _DIGITS else None


def _rows(found: list[HistoryRow]) -> list[Row]:
    called = history.names(found) | _numbers(found)
    return [_row(row, called) for row in found]


def _numbers(found: list[HistoryRow]) -> dict[str, str]:
    """What people call the recordings that entries are about."""
    subjects = (row.entry.subject.partition(":") for row in found)
    ids = {pk for kind, _, pk in subjects if kind == "recording"}
    rows = Recording.objects.filter(pk__in=ids).values_list("pk", "reference")
    return {recording_subject(pk): f"recording {reference}" for pk, reference in rows}


def _row(row: HistoryRow, called: dict[str, str]) -> Row:
    subject = row.entry.subject
    kind, _, pk = subject.partition(":")
    return Row(
        leaf=row.leaf_hash.hex(),
        moment=times.short_moment(row.entry.at),
        act=row.entry.act.value,
        refused=row.entry.act.is_refusal,
        who=_who(row, called),
        about=called.get(subject, subject),
        about_href=f"/recordings/{pk}" if kind == "recording" else "",
        reason=row.body.reason if row.body else "",
    )


def _who(row: HistoryRow, called: dict[str, str]) -> str:
    if row.body is None:
        return row.body_state.label
    return called.get(row.body.actor, row.body.actor)


@require_safe
@visits.signed_in
def entry(request: HttpRequest, visit: visits.SignedVisit, leaf: str) -> HttpResponse:
    """One entry, with all that proves it; as a page, or as the file that our verifier reads."""
    row = _readable(request, visit, bytes.fromhex(leaf))
    if row is None:
        return page.refuse(
            request,
            title="Not found",
            sentence="There is no such entry, or none that you may see.",
            detail="Look whether the address was copied whole.",
            back="/today",
            status=404,
        )
    memory = visit.works.log_on_disk().memory
    proof = proofs.inclusion(row.leaf_hash, files=memory.files) if row.index is not None else None
    if request.GET.get("as") == "file" and proof and row.salt:
        body = row.body.encode() if row.body else None
        text = one_entry.write(entry=row.canonical, salt=row.salt, body=body, proof=proof)
        answer = HttpResponse(text, content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="entry-{leaf[:16]}.json"'
        return answer
    called = history.names([row])
    key = memory.verifier
    seen = cosigned.witnesses(proof, known=visit.works.known_witnesses()) if proof else []
    context = {
        "leaf": leaf,
        "row": _row(row, called),
        "moment": times.exact(row.entry.at),
        "detail": sorted(
            (name.replace("_", " "), called.get(str(value), _told(value)))
            for name, value in (row.body.detail if row.body else {}).items()
        ),
        "index": row.index,
        "entry": row.canonical.decode(),
        "body": row.body.encode().decode() if row.body else "",
        "body_state": "" if row.body else row.body_state.label,
        "salt": row.salt.hex() if row.salt else "",
        "proof": proof or "",
        "vkey": key.vkey,
        "origin": key.name,
        "witnesses": seen,
        "others": cosigned.others(proof, shown=len(seen)) if proof else 0,
        "file": f"entry-{leaf[:16]}.json",
        "site": request.build_absolute_uri("/").rstrip("/"),
    }
    return page.render(request, "pages/log_entry.html", context)


def _told(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return json.dumps(value) if isinstance(value, bool) or value is None else str(value)


def _readable(request: HttpRequest, visit: visits.SignedVisit, leaf: bytes) -> HistoryRow | None:
    """The entry, if this visitor reads the log, or the history of the recording that it is of.

    Whoever wore it does not: the entry's own number would tell of entries that are not for them.
    """
    if visits.may(visit, Action.READ_LOG, Subject()):
        reason = request.session.get(_REASON) or "one entry, by its address"
        return log_reading.read_one(
            leaf_hash=leaf, officer=visit.officer, reason=reason, at=visit.at
        )
    row = reading.find(leaf)
    kind, _, pk = row.entry.subject.partition(":") if row else ("", "", "")
    found = recording.find(visit, UUID(pk)) if row and kind == "recording" else None
    if row is None or found is None or found.wearer_id == visit.officer.pk:
        return None
    subject = circle.subject_of(recording=found, at=visit.at, asking=visit.officer.pk)
    about = recording_subject(found.pk)
    if not visits.allowed(visit, Action.SEE_HISTORY, about=about, subject=subject):
        return None
    if apart_from_force.oversights([row]):
        return None
    history.note_reading(recording=found, officer=visit.officer, at=visit.at)
    return row
