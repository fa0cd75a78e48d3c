"""Breaking the glass in an emergency, and the list of those who must look at it and judge it."""

from typing import Final
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fairwitness.errors import FairwitnessError
from fairwitness.evidence import glass, knowing
from fairwitness.evidence.leave_rows import GONE, BrokenGlass, Emergency
from fairwitness.evidence.models import Viewing
from fairwitness.force import permissions
from fairwitness.force.asking import Action
from fairwitness.formats.custody import recording_subject
from fairwitness.web import acting, page, times, visits

_SHOWN: Final = 100


def waiting(visit: visits.SignedVisit) -> int:
    """How many this visitor has to judge."""
    if permissions.units_where(visit.facts, Action.JUDGE_GLASS) == frozenset():
        return 0
    return glass.shown_to(visit.facts).filter(judged_at=None).count()


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def ask(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Say what is at stake; then the one recording is open for an hour."""
    if not visits.allowed(visit, Action.BREAK_GLASS):
        return page.refuse(
            request,
            title="In an emergency",
            sentence="You can’t open recordings in an emergency.",
            detail="Ring the duty officer. This request was written down.",
            back="/today",
        )
    typed = {name: request.POST.get(name, "") for name in ("number", "emergency", "reason")}
    context: dict[str, object] = {
        "typed": typed | {"number": typed["number"] or request.GET.get("number", "")[:80]},
        "kinds": [(each.value, each.label, each.value == typed["emergency"]) for each in Emergency],
        "least": glass.LEAST_REASON,
    }
    if request.method != "POST":
        return page.render(request, "pages/break_glass.html", context)
    try:
        broken = glass.break_glass(
            reference=typed["number"],
            officer=visit.officer,
            emergency=typed["emergency"],
            reason=typed["reason"],
            at=visit.at,
        )
    except FairwitnessError as error:
        context["problem"] = error.message
        return page.render(request, "pages/break_glass.html", context, status=400)
    return acting.attempt(
        request,
        lambda: f"Open to you until {times.clock(broken.ends_at)}. Keepers were told.",
        then=f"/recordings/{broken.recording_id}",
        back="/break-glass",
    )


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """All glass that was broken where this visitor judges, those that wait first."""
    if visits.reach(visit, Action.JUDGE_GLASS) == frozenset():
        return _refuse(request)
    shown = glass.shown_to(visit.facts)
    open_ones = shown.filter(judged_at=None).annotate(
        views=_times(Q(only="")), stills=_times(~Q(only=""))
    )[:_SHOWN]
    judged = shown.filter(judged_at__isnull=False)[:_SHOWN]
    context = {
        "waiting": [_row(each, visit) | _looks(each, visit) for each in open_ones],
        "judged": [_row(each, visit) for each in judged],
    }
    return page.render(request, "pages/broken_glass.html", context)


def _times(which: Q) -> Coalesce:
    """How often whoever broke the glass was granted a viewing of this sort in that hour."""
    found = Viewing.objects.filter(
        which,
        recording=OuterRef("recording"),
        officer=OuterRef("officer"),
        granted_at__gte=OuterRef("broken_at"),
        granted_at__lt=OuterRef("ends_at"),
    )
    number = found.order_by().values("recording").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(number), 0)


def _gone(each: BrokenGlass, visit: visits.SignedVisit) -> bool:
    """Whether what was typed and counted went with the footage, or is not for this visitor.

    It goes alike where only a silent hold of oversight's keeps the footage.
    """
    return knowing.gone_for(each.recording, visit.facts, visit.at)


def _looks(each: BrokenGlass, visit: visits.SignedVisit) -> dict[str, int]:
    gone = _gone(each, visit)
    found = {name: getattr(each, name) for name in ("views", "stills")}
    return dict.fromkeys(found, 0) if gone else found


def _row(each: BrokenGlass, visit: visits.SignedVisit) -> dict[str, object]:
    gone = each.judged_at is not None and _gone(each, visit)
    return {
        "id": str(each.pk),
        "reference": each.recording.reference,
        "href": f"/recordings/{each.recording_id}",
        "unit": each.recording.unit.name if each.recording.unit else "",
        "who": each.officer.title,
        "collar": each.officer.collar_number,
        "moment": times.short_moment(each.broken_at),
        "emergency": each.get_emergency_display(),
        "reason": GONE if gone else each.reason,
        "justified": each.justified,
        "note": GONE if gone else each.note,
        "judged_by": each.judged_by.title if each.judged_by else "",
        "judged": times.short_moment(each.judged_at) if each.judged_at else "",
    }


@require_POST
@visits.signed_in
def judge(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Say whether it was right."""
    broken = BrokenGlass.objects.select_related("recording__unit").filter(pk=pk).first()
    if broken is None or not visits.allowed(
        visit,
        Action.JUDGE_GLASS,
        about=recording_subject(broken.recording_id),
        subject=glass.judging(broken),
    ):
        return _refuse(request)

    def act() -> str:
        said = request.POST.get("justified", "")
        if said not in {"yes", "no"}:
            raise glass.GlassInvalid("Say whether it was right.")
        glass.judge(
            broken=broken,
            officer=visit.officer,
            justified=said == "yes",
            note=request.POST.get("note", ""),
            at=visit.at,
        )
        return "Judged. It stands in the log."

    return acting.attempt(request, act, then="/broken-glass", back="/broken-glass")


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Broken glass",
        sentence="You don’t judge this.",
        detail="It is for evidence managers and professional standards: never for who broke the"
        " glass, nor for who wore the camera. Who asks and may not is written down.",
        back="/today",
    )
