"""Volumes of other makers' footage: which wait, which docks may take, and deciding on each."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from fairwitness.force import officers, permissions, volumes
from fairwitness.force.asking import Action, OfficerFacts, Subject
from fairwitness.force.enrolment_desk import EnrolmentRefused
from fairwitness.force.models import EnrolmentStatus, Volume
from fairwitness.web import acting, page, times, visits

_HERE = "/volumes"
_MOST = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One volume in the list."""

    id: str
    label: str
    status: str
    made_by: str
    brought_by: str
    unit: str
    wearer: str
    erase: bool
    asked: str
    decided: str
    reason: str
    recordings: int


def _row(volume: Volume) -> Row:
    decided_at = volume.revoked_at or volume.approved_at
    by = f" by {volume.approved_by}" if volume.approved_by and not volume.revoked_at else ""
    return Row(
        id=str(volume.pk),
        label=volume.label,
        status=volume.get_status_display(),
        made_by=volume.made_by,
        brought_by=str(volume.brought_by) if volume.brought_by else "not known",
        unit=volume.unit.name if volume.unit else "not known",
        wearer=str(volume.wearer) if volume.wearer else "",
        erase=volume.erase,
        asked=times.short_moment(volume.requested_at),
        decided=f"{times.short_moment(decided_at)}{by}" if decided_at else "",
        reason=volume.status_reason,
        recordings=volume.recordings.count(),
    )


def waiting(facts: OfficerFacts) -> int | None:
    """How many wait that this person may decide on; None for who may see none at all."""
    units = permissions.units_where(facts, Action.APPROVE_ENROLMENT)
    if units is not None and not units:
        return None
    return volumes.listed(units).filter(status=EnrolmentStatus.PENDING).count()


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Volumes",
        sentence="You can’t see the volumes.",
        detail="They are for evidence managers.",
        back="/recordings",
    )


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Those that wait, with what is to be decided; then those that docks take; then the ended."""
    units = visits.reach(visit, Action.APPROVE_ENROLMENT)
    if units is not None and not units:
        return _refuse(request)
    found = list(volumes.listed(units)[:_MOST])
    by_status = {
        name: [_row(each) for each in found if each.status in kinds]
        for name, kinds in (
            ("pending", {EnrolmentStatus.PENDING}),
            ("approved", {EnrolmentStatus.APPROVED}),
            ("ended", {EnrolmentStatus.DECLINED, EnrolmentStatus.REVOKED}),
        )
    }
    return page.render(request, "pages/volumes.html", by_status)


@require_POST
@visits.signed_in
def decide(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Approve, decline or revoke one."""
    found = volumes.listed(None).filter(pk=pk).first()
    unit = found.unit.code if found and found.unit else None
    if found is None or not visits.allowed(
        visit, Action.APPROVE_ENROLMENT, about=f"volume:{pk}", subject=Subject(unit=unit)
    ):
        return _refuse(request)
    said = request.POST
    reason = said.get("reason", "").strip()

    def act() -> str:
        deed = said.get("deed", "")
        if deed == "approve":
            collar = said.get("collar_number", "").strip()
            terms = volumes.Terms(
                wearer=officers.named(collar) if collar else None, erase=said.get("erase") == "yes"
            )
            volumes.approve(volume=found, terms=terms, officer=visit.officer, at=visit.at)
            return f"Docks take the footage of {found} from now on."
        if deed == "decline":
            volumes.decline(volume=found, officer=visit.officer, at=visit.at, reason=reason)
            return f"The request for {found} is declined."
        if deed == "revoke":
            volumes.revoke(volume=found, officer=visit.officer, at=visit.at, reason=reason)
            return f"No dock takes anything from {found} any more."
        raise EnrolmentRefused("Say whether to approve, decline or revoke it.")

    return acting.attempt(request, act, then=_HERE, back=_HERE)
