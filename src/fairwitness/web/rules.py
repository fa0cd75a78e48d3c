"""Categories and how long each keeps; changing one: tried, proposed, approved, waited for."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_safe

from fairwitness.force import permissions
from fairwitness.force.asking import Action, Refused, Subject
from fairwitness.formats import timestamp
from fairwitness.retention import categories, rule_changes, simulating, trials
from fairwitness.retention.models import RuleChange, RuleTrial
from fairwitness.retention.rule_changes import RuleChangeInvalid
from fairwitness.retention.rules import DEFAULT_PERIOD
from fairwitness.web import acting, notices, page, rule_fields, seen_rows, times, visits

_SHOWN: Final = 50
_DIGITS: Final = 9


def period(days: int | None) -> str:
    """'92 days', '6 years', 'until a review decides'."""
    if days is None:
        return "until a review decides"
    return times.period(days)


def _may(visit: visits.SignedVisit, action: Action, *, first: UUID | None = None) -> str:
    """Empty when this visitor may; else why not. Nothing is written down: no page is refused."""
    subject = Subject(first_person=first)
    decision = permissions.may(visit.facts, action, subject)
    return decision.message if isinstance(decision, Refused) else ""


def _may_propose(visit: visits.SignedVisit) -> bool:
    """Whether this visitor may propose, for the whole force; that one may not is written down."""
    action, nothing = Action.PROPOSE_RULE, visits.NOTHING
    return visits.allowed(visit, action, about="retention", subject=nothing)


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Rules",
        sentence="You can’t see or propose changes of the rules.",
        detail="Evidence managers of the whole force propose them; professional standards,"
        " independent investigators and auditors see them. The table itself is for everyone.",
        back="/rules",
    )


def _state(change: RuleChange) -> tuple[str, str]:
    """How far a change is, and the colour of its tag."""
    if change.withdrawn_at:
        return f"Taken back on {times.plain_day(change.withdrawn_at)}", ""
    if change.applied_at:
        return f"In force since {times.plain_day(change.applied_at)}", "tag-good"
    if change.effective_at:
        return f"In force from {times.plain_day(change.effective_at)}", "tag-soon"
    return "Waits for a second person", "tag-soon"


def _change_row(change: RuleChange) -> dict[str, object]:
    state, colour = _state(change)
    return {
        "id": str(change.pk),
        "name": change.name,
        "period": period(change.days),
        "state": state,
        "colour": colour,
        "proposed": times.plain_day(change.proposed_at),
        "by": str(change.proposed_by),
    }


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The table for everyone; changes for those who watch over deletion."""
    sees = permissions.units_where(visit.facts, Action.SEE_DISPOSALS) != frozenset()
    changes = []
    if sees:
        found = RuleChange.objects.select_related("proposed_by").order_by("-proposed_at")
        changes = list(found[:_SHOWN])
    table = sorted(categories.current().values(), key=lambda line: line.name)
    context = {
        "lines": [
            {
                "code": line.code,
                "name": line.name,
                "period": period(line.days),
                "trigger": line.trigger,
                "source": line.source,
                "checked": line.checked,
                "group": "" if line.group == "none" else line.group,
            }
            for line in table
        ],
        "may_propose": not _may(visit, Action.PROPOSE_RULE),
        "sees": sees,
        "waiting": [_change_row(row) for row in changes if _is_open(row)],
        "done": [_change_row(row) for row in changes if not _is_open(row)],
    }
    return page.render(request, "pages/rules.html", context)


def _is_open(change: RuleChange) -> bool:
    return change.withdrawn_at is None and change.applied_at is None


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def attempt(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Try a period out: what it would do, before anybody proposes it."""
    if not _may_propose(visit):
        return _refuse(request)
    code = request.POST.get("code", request.GET.get("code", ""))
    if request.method == "POST":
        return _ask(request, visit, code)
    known = categories.current().get(code)
    context = {
        "code": code if known else "",
        "name": known.name if known else "",
        "now": period(known.days) if known else "",
        "days": known.days if known and known.days else "",
        "least": DEFAULT_PERIOD.days,
    }
    return page.render(request, "pages/rule_try.html", context)


def _ask(request: HttpRequest, visit: visits.SignedVisit, code: str) -> HttpResponse:
    made: list[RuleTrial] = []

    def act() -> str:
        made.append(
            trials.ask(
                code=code.strip(),
                days=_days(request),
                name=request.POST.get("name", ""),
                officer=visit.officer,
                at=visit.at,
            )
        )
        return "Nothing has changed: this is what it would do."

    answer = acting.attempt(request, act, then="", back=f"/rules/try?code={code}")
    return HttpResponseRedirect(f"/rules/trials/{made[0].pk}") if made else answer


def _days(request: HttpRequest) -> int | None:
    if request.POST.get("endless") == "1":
        return None
    typed = request.POST.get("days", "").strip()
    if (
        not typed.isascii()
        or not typed.isdigit()
        or len(typed) > _DIGITS
        or not 0 < int(typed) <= rule_changes.LONGEST.days
    ):
        raise RuleChangeInvalid("Say for how many days, as a number, at most a hundred years.")
    return int(typed)


def _effect(visit: visits.SignedVisit, said: dict[str, object]) -> dict[str, object]:
    """A simulation as rows; of the nearest only what this visitor may see is named."""
    found = simulating.from_json(said)
    names = {code: line.name for code, line in categories.current().items()}
    seen = seen_rows.of(visit, [UUID(line.recording) for line in found.nearest])
    nearest = [
        {
            "id": line.recording,
            "reference": line.reference,
            "was": times.plain_day(timestamp.parse(line.was))
            if line.was
            else "kept until a review",
            "would": times.plain_day(timestamp.parse(line.would)),
        }
        for line in found.nearest
        if UUID(line.recording) in seen
    ]
    return {
        "affected": found.affected,
        "nearer": found.nearer,
        "later": found.later,
        "kept": found.kept,
        "same": found.affected - found.nearer - found.later - found.kept,
        "at_once": found.due_at_once,
        "oldest": times.plain_day(datetime.fromisoformat(found.oldest)) if found.oldest else "",
        "by_category": [
            {"name": names.get(code, code), "nearer": sooner, "later": later}
            for code, (sooner, later) in found.by_category.items()
        ],
        "nearest": nearest,
        "unnamed": len(found.nearest) - len(nearest),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def trial(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """What a period would do, and proposing it."""
    if not _may_propose(visit):
        return _refuse(request)
    found = RuleTrial.objects.select_related("asked_by").filter(pk=pk).first()
    if found is None:
        return page.refuse(
            request,
            title="No such trial",
            sentence="There is no such trial of a rule.",
            detail="They are forgotten after thirty days.",
            back="/rules",
            status=404,
        )
    if request.method == "POST":
        return _propose(request, visit, found)
    known = categories.current().get(found.code)
    context: dict[str, object] = {
        **rule_fields.form(found.code),
        "id": str(pk),
        "code": found.code,
        "name": known.name if known else found.name,
        "now": period(known.days) if known else "a new category",
        "then": period(found.days),
        "played": times.short_moment(found.played_at) if found.played_at else "",
        "stale": found.played_at is not None and visit.at - found.played_at > trials.GOOD_FOR,
    }
    if found.played_at:
        context["effect"] = _effect(visit, found.effect)
    return page.render(request, "pages/rule_trial.html", context)


def _propose(request: HttpRequest, visit: visits.SignedVisit, found: RuleTrial) -> HttpResponse:
    made: list[RuleChange] = []

    def act() -> str:
        reason = request.POST.get("reason", "")
        made.append(
            trials.propose(
                trial=found,
                reason=reason,
                officer=visit.officer,
                at=visit.at,
                fields=rule_fields.read(request, found.code),
            )
        )
        return "Proposed. Nothing changes before a second person approves it and a week has passed."

    back = f"/rules/trials/{found.pk}"
    answer = acting.attempt(request, act, then="", back=back)
    return HttpResponseRedirect(f"/rules/changes/{made[0].pk}") if made else answer


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def change(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """One change: for who proposed it, for the second person, and for those who watch."""
    needed = Action.SEE_DISPOSALS
    if not visits.allowed(visit, needed, about="retention"):
        return _refuse(request)
    people = ("proposed_by", "approved_by")
    found = RuleChange.objects.select_related(*people).filter(pk=pk).first()
    if found is None:
        return page.refuse(
            request,
            title="No such change",
            sentence="There is no such change of a rule.",
            back="/rules",
            status=404,
        )
    if request.method == "POST":
        return _decide(request, visit, found)
    known = categories.current().get(found.code)
    is_open = _is_open(found)
    context = {
        **_change_row(found),
        "code": found.code,
        "now": period(known.days) if known else "a new category",
        "reason": found.reason,
        "asks": rule_fields.told(found),
        "proposed_at": times.short_moment(found.proposed_at),
        "approved_by": str(found.approved_by) if found.approved_by else "",
        "approved_at": times.short_moment(found.approved_at) if found.approved_at else "",
        "effective": times.long_moment(found.effective_at) if found.effective_at else "",
        "effective_in": times.from_now(found.effective_at, at=visit.at)
        if found.effective_at
        else "",
        "effect": _effect(visit, found.simulation),
        "mine": found.proposed_by_id == visit.officer.pk,
        "waits": is_open and found.approved_at is None,
        "noticed": found.approved_at is not None and found.approved_by_id is None,
        "notice": _notice(visit, found) if is_open and found.approved_at is None else {},
        "why_not": _may(visit, Action.APPROVE_RULE, first=found.proposed_by_id),
        "may_withdraw": is_open and not _may(visit, Action.PROPOSE_RULE),
        "cooling": rule_changes.COOLING_OFF.days,
    }
    return page.render(request, "pages/rule_change.html", context)


def _notice(visit: visits.SignedVisit, found: RuleChange) -> dict[str, object]:
    subject = Subject(first_person=found.proposed_by_id)
    return notices.offer(visit, found, subject, action=f"/rules/changes/{found.pk}")


def _decide(request: HttpRequest, visit: visits.SignedVisit, found: RuleChange) -> HttpResponse:
    def act() -> str:
        if request.POST.get("decision") == "notice":
            return notices.give(visit, found)
        if request.POST.get("decision") == "approve":
            done = rule_changes.approve(change=found, officer=visit.officer, at=visit.at)
            day = times.long_moment(done.effective_at) if done.effective_at else ""
            return f"Approved, as the second person. In force from {day}."
        reason = request.POST.get("reason", "")
        rule_changes.withdraw(change=found, reason=reason, officer=visit.officer, at=visit.at)
        return "Taken back. The rule stays as it is."

    return acting.attempt(request, act, then=f"/rules/changes/{found.pk}", back=request.path)
