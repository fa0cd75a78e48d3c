"""One recording: its life line, the player, what happened to it, and what may be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from fairwitness.evidence import access, circle, history, knowing
from fairwitness.evidence.models import Recording
from fairwitness.force import permissions
from fairwitness.force.asking import Action, Refused, Role, TaskKind
from fairwitness.formats.custody import recording_subject
from fairwitness.web import (
    camera_logs,
    finding,
    footage,
    form_to_fill,
    import_telling,
    kept_words,
    leave_told,
    moments,
    page,
    saying,
    showing,
    signatures,
    tapping,
    tasks,
    times,
    trail_map,
    transcript_telling,
    visits,
)

COOKIE: Final = "viewing"
RELATED: Final = (
    *("wearer", "unit", "station", "dock", "review", "disposal", "seals"),
    *("camera__unit", "camera__station__unit"),
)


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of *What happened to it*."""

    at: str
    moment: str
    words: str
    refused: bool


@dataclass(frozen=True, slots=True)
class May:
    """Which buttons this visitor is shown; every act asks again."""

    watch: bool
    needs_task: bool
    categorise: bool
    keep: bool
    unmark: bool
    hold: bool
    produce: bool
    history: bool
    correct: bool
    say: bool
    early: bool


def find(
    visit: visits.SignedVisit, pk: UUID, *, task: access.Task | None = None
) -> Recording | None:
    """The recording, if this visitor may know of it; its wearer does not see silent holds.

    Args:
        visit: who asks.
        pk: which.
        task: given with this request; one that was given before holds for the visit.
    """
    return knowing.find(
        recording=pk, officer=visit.officer, at=visit.at, task=task, related=RELATED
    )


def find_alive(visit: visits.SignedVisit, pk: UUID) -> Recording | None:
    """As `find`, to do something to it: none that is deleted, as far as this visitor may know."""
    recording = find(visit, pk)
    if recording is None:
        return None
    known = showing.dates(recording, to=showing.reader(recording, visit.facts))
    return None if showing.gone(recording, known=known, at=visit.at) else recording


def not_here(request: HttpRequest) -> HttpResponse:
    """The same answer for a recording that is not and one that is not for this visitor."""
    return page.refuse(
        request,
        title="Not found",
        sentence="There is no such recording, or none that you may see.",
        detail="What is deleted can’t be changed. If you have a task that needs it, ask your"
        " supervisor or the evidence manager; if a life is at risk, use In an emergency.",
        back="/recordings",
        status=404,
    )


def _for_a_request(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Ask for the request where only the bin stands in the way; else it is `not_here`."""
    recording = Recording.objects.select_related(*RELATED).filter(pk=pk).first()
    if recording is not None and recording.locked and recording.wearer_id == visit.officer.pk:
        return page.refuse(
            request,
            title="Locked",
            sentence="You wore this, and it is locked for an inquiry.",
            detail="It is kept, and nobody deletes it. After a critical incident the post-incident"
            " manager decides when you may watch it. That you asked was written down.",
            back="/recordings",
        )
    if recording is not None:
        subject = circle.subject_of(
            recording=recording, at=visit.at, task=TaskKind.REQUEST, asking=visit.officer.pk
        )
        seen = permissions.may(visit.facts, Action.SEE_RECORDING, subject)
        if subject.hidden and not isinstance(seen, Refused):
            return page.render(request, "pages/in_the_bin.html", {"id": str(pk)}, status=403)
    return not_here(request)


def _may(visit: visits.SignedVisit, recording: Recording) -> May:
    asked = knowing.task_kind(recording=recording, officer=visit.officer, at=visit.at)

    def allowed(action: Action, task: TaskKind | None = None) -> bool:
        subject = circle.subject_of(
            recording=recording, at=visit.at, task=task or asked, asking=visit.officer.pk
        )
        return visits.may(visit, action, subject)

    alone = allowed(Action.VIEW_RECORDING)
    with_task = alone or allowed(Action.VIEW_RECORDING, TaskKind.INCIDENT)
    return May(
        watch=with_task,
        needs_task=with_task and not alone,
        categorise=allowed(Action.CATEGORISE),
        keep=allowed(Action.MARK_EVIDENTIAL) and not recording.evidential,
        unmark=allowed(Action.ASK_UNMARK) and recording.evidential,
        hold=allowed(Action.PLACE_HOLD),
        produce=allowed(Action.PRODUCE_EXHIBIT),
        history=allowed(Action.SEE_HISTORY),
        say=allowed(Action.ANNOTATE),
        early=recording.shown_gone_by is not None and allowed(Action.ASK_EARLY_DELETION),
        correct=allowed(Action.ASK_WEARER_CORRECTION) and recording.wearer_id is not None,
    )


def _story(
    visit: visits.SignedVisit, recording: Recording, *, to_wearer: bool, may_read: bool
) -> list[Happened]:
    """What the camera says, then the custody history; each day is named once, then only times."""
    at = visit.at
    lines = _recorded(recording)
    if may_read:
        lines += history.in_words(
            recording=recording, officer=visit.officer, to_wearer=to_wearer, at=at
        )
        history.note_reading(recording=recording, officer=visit.officer, at=at)
    story: list[Happened] = []
    named = None
    for line in lines:
        day = times.day(line.at)
        moment = times.clock(line.at)
        if day != named:
            word = "Today" if day == times.day(at) else times.short_day(line.at)
            moment, named = f"{word}, {moment}", day
        story.append(Happened(line.at.isoformat(), moment, line.text, line.refused))
    return story


def _recorded(recording: Recording) -> list[history.Line]:
    """What the camera says of the recording itself, before anything happened to it."""
    said = showing.claim(recording)
    if said is None:
        return []
    wearer = recording.wearer.title if recording.wearer else f"Camera {said.camera}"
    pressed = said.started_at + timedelta(milliseconds=said.buffer_ms)
    words = f"{wearer} started recording."
    if said.buffer_ms:
        before = times.length(timedelta(milliseconds=said.buffer_ms))
        words += f" The camera added the {before} before, without sound."
    words += f" {tapping.told_in_words(said)}"
    lines = [history.Line(pressed, words, refused=False)]
    for span in said.mute:
        duration = times.length(timedelta(milliseconds=span.to_ms - span.from_ms))
        reason = f" Reason: {span.reason}." if span.reason else " No reason was given."
        muted = said.started_at + timedelta(milliseconds=span.from_ms)
        words = f"{wearer} muted the sound for {duration}.{reason}"
        lines.append(history.Line(muted, words, refused=False))
    return lines


def _why(
    recording: Recording, known: showing.Dates, at: datetime, *, to: showing.Reader
) -> tuple[str, str]:
    """The heading and the reason of the card that says when it goes."""
    if showing.gone(recording, known=known, at=at):
        disposal = showing.deletion(recording, to=to)
        return "Deleted", disposal.because if disposal else "its time is over"
    if known.gone_by is None:
        return "Kept", kept_words.why(known.because)
    return f"Deletes on {times.plain_day(known.gone_by)} unless kept", known.because


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """The page of one recording."""
    recording = find(visit, pk)
    if recording is None:
        return _for_a_request(request, visit, pk)
    mine = recording.wearer_id == visit.officer.pk
    to = showing.reader(recording, visit.facts)
    known = showing.dates(recording, to=to)
    names = showing.category_names()
    review = getattr(recording, "review", None)
    gone = showing.gone(recording, known=known, at=visit.at)
    if gone:
        recording = showing.without_footage(recording)
    heading, reason = _why(recording, known, visit.at, to=to)
    form, verdict = showing.provenance(recording)
    token = request.COOKIES.get(COOKIE, "")
    playing = not gone and access.is_granted(
        token=token, recording=recording, officer=visit.officer, at=visit.at
    )
    may = _may(visit, recording)
    context = {
        "id": str(recording.pk),
        "reference": recording.reference,
        "title": showing.title(recording, names),
        "when": times.long_moment(showing.began(recording)),
        "length": showing.duration(recording),
        "clock": times.counter(recording.duration_ms),
        "wearer": str(recording.wearer) if recording.wearer else "Nobody yet: unassigned",
        "unit": recording.unit.name if recording.unit else "",
        "verdict": verdict,
        "verdict_form": form,
        "line": showing.line(recording, known=known, at=visit.at, to=to),
        "today": times.long_day(visit.at),
        "keep_href": f"/recordings/{recording.pk}/keep" if may.keep else "",
        **_of_the_footage(recording, names),
        **leave_told.card(visit, recording),
        **({} if gone else import_telling.links(recording, facts=visit.facts, at=visit.at)),
        "story": _story(visit, recording, to_wearer=mine, may_read=may.history),
        "due_heading": heading,
        "due_reason": reason,
        "look_again": times.plain_date(review.due_on) if review else "",
        "record": f"/deletions/{recording.pk}"
        if gone and showing.deletion(recording, to=to)
        else "",
        "kept": known.gone_by is None and not gone,
        "gone": gone,
        "may": may,
        "camera_log": camera_logs.href(visit, recording),
        "playing": playing,
        **moments.told(request.GET.get("t", ""), recording),
        "watermark": f"{visit.officer.title} {visit.officer.collar_number}"
        f" · {times.short_moment(visit.at)}",
        **(_beside_the_picture(visit, recording, token, request.GET.dict()) if playing else {}),
        "task_kinds": tasks.kinds(),
        "form": form_to_fill.read(request.GET.get("form", "")),
    }
    return trail_map.let_tiles_in(
        page.render(request, "pages/recording.html", context), drawn=context.get("trail")
    )


def _of_the_footage(recording: Recording, names: Mapping[str, str]) -> dict[str, object]:
    """What is known of the footage without opening it."""
    return {
        "lanes": showing.lanes(recording),
        "same": finding.same(recording),
        "signatures": signatures.signatures(recording),
        **saying.rows(recording),
        "about": showing.about(recording, names) + footage.about(recording),
        "file": footage.told(recording),
    }


def _beside_the_picture(
    visit: visits.SignedVisit, recording: Recording, token: str, said: Mapping[str, str]
) -> dict[str, object]:
    """What only a granted viewing shows: stills, sound and trail are footage too."""
    vault = visit.works.vault
    return {
        **footage.playing(recording, token=token, said=said),
        "stills": footage.stills(recording, token=token),
        "sound": footage.sound(token=token, at=visit.at, vault=vault),
        **transcript_telling.beside(recording, token=token, at=visit.at, vault=vault),
        "trail": trail_map.draw(token=token, at=visit.at, works=visit.works),
    }


@require_POST
@visits.signed_in
def watch(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Ask to watch; granted, the page comes back with its player."""
    task = tasks.read(request)
    recording = find(visit, pk, task=task)
    if recording is None:
        return not_here(request)
    try:
        grant = access.grant_viewing(
            recording=recording, officer=visit.officer, task=task, at=visit.at
        )
    except access.AccessRefused as refusal:
        return page.refuse(
            request,
            title="You can’t watch this",
            sentence=refusal.message,
            detail="This request was written down.",
            back=f"/recordings/{pk}",
        )
    start = moments.read(request.POST.get("t", ""))
    asked = {
        "t": "" if start is None else moments.write(start),
        "form": form_to_fill.read(request.POST.get("form", "")),
    }
    there = urlencode({name: text for name, text in asked.items() if text}, safe=":/")
    answer = HttpResponseRedirect(f"/recordings/{pk}{there and '?'}{there}#player")
    answer.set_cookie(
        COOKIE,
        grant.token,
        max_age=int(access.VISIT.total_seconds()),
        path=f"/recordings/{pk}",
        httponly=True,
        samesite="Strict",
        secure=request.is_secure(),
    )
    return answer


def _for_reading(visit: visits.SignedVisit, pk: UUID) -> Recording | None:
    """The recording, if this visitor may read its history; auditors do without seeing it."""
    recording = Recording.objects.filter(pk=pk).first()
    if recording is None:
        return None
    subject = circle.subject_of(recording=recording, at=visit.at)
    about = recording_subject(pk)
    if not visits.allowed(visit, Action.SEE_HISTORY, about=about, subject=subject):
        return None
    return recording if Role.AUDITOR in visit.roles else find(visit, pk)


@require_safe
@visits.signed_in
def entries(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Every custody entry of a recording and its place in the log; reading it is written down."""
    recording = _for_reading(visit, pk)
    if recording is None:
        return not_here(request)
    mine = recording.wearer_id == visit.officer.pk
    rows = history.entries(recording=recording, officer=visit.officer, to_wearer=mine, at=visit.at)
    context = {
        "id": str(pk),
        "reference": recording.reference,
        **showing.life_line_rows(recording, facts=visit.facts, at=visit.at),
        "rows": [
            {
                "number": row.sequence,
                "act": row.act or "not shown",  # nor whose: that would tell what it is
                "moment": times.short_moment(row.at) if row.at else "",
                "leaf": row.leaf,
                "index": row.index,
            }
            for row in rows
        ],
    }
    return page.render(request, "pages/entries.html", context)
