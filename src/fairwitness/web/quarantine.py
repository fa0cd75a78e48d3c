"""Quarantine: what arrived and can't be registered as it is, for people to decide on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from fairwitness.force.asking import Action, Subject
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest import quarantine
from fairwitness.ingest.checks import Reason
from fairwitness.ingest.models import Quarantine
from fairwitness.web import acting, page, times, visits

_REASONS: Final[Mapping[Reason, str]] = {
    Reason.STORE_DAMAGED: "What was stored of it can’t be read back",
    Reason.DIGEST_BAD: "Its bytes are not those that were promised",
    Reason.SIZE_BAD: "It is longer or shorter than was promised",
    Reason.SIGNATURE_UNREADABLE: "Its statement can’t be read",
    Reason.SIGNATURE_BAD: "Its signature is not the camera’s",
    Reason.CAMERA_UNKNOWN: "Its camera is not enrolled",
    Reason.CAMERA_REVOKED: "Its camera’s key was revoked",
    Reason.COUNTER_REUSED: "The camera used this number for other bytes before",
    Reason.MEDIA_UNREADABLE: "The video can’t be read",
    Reason.MEDIA_TRUNCATED: "The video is cut short",
    Reason.CONTENT_REJECTED: "The Axis system had rejected it",
    Reason.OBJECT_REPLACED: "Other bytes came under the same name before",
    Reason.ENCRYPTION_KEY_MISSING: "It is encrypted, and its key has not come",
    Reason.ENCRYPTION_BAD: "It is encrypted, and can’t be decrypted",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One case in quarantine."""

    id: int
    title: str
    message: str
    claimed: str
    arrived: str
    goes: str
    waiting_long: bool
    where: str
    size: str
    proposal: str
    proposed_by: str
    proposed_reason: str
    by_me: bool


def _row(case: Quarantine, visit: visits.SignedVisit) -> Row:
    dock = case.upload.dock
    station = dock.station.name if dock and dock.station else ""
    words = {"release": "let it in", "reject": "reject it", "": ""}
    return Row(
        id=case.pk,
        title=_REASONS[Reason(case.reason)],
        message=case.message,
        claimed=case.claimed or "not known",
        arrived=times.short_moment(case.arrived_at),
        goes=times.short_day(case.gone_by),
        waiting_long=visit.at >= case.nag_at,
        where=station or str(case.upload.officer or case.upload.axis or "not known"),
        size=f"{case.upload.length:,} bytes",
        proposal=words.get(case.proposal, case.proposal),
        proposed_by=str(case.proposed_by) if case.proposed_by else "",
        proposed_reason=case.proposal_reason,
        by_me=case.proposed_by_id == visit.officer.pk,
    )


def _unit(case: Quarantine) -> str | None:
    """Where it was brought in: the dock's unit, the Axis system's, or the importing officer's."""
    officer = case.upload.officer
    for brought_by in (case.upload.dock, case.upload.axis):
        if brought_by and brought_by.station:
            return brought_by.station.unit.code
    return officer.unit.code if officer else None


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Quarantine",
        sentence="You can’t see the quarantine.",
        detail="It is for evidence managers.",
        back="/recordings",
    )


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """What waits for a decision, oldest first."""
    units = visits.reach(visit, Action.SEE_QUARANTINE)
    if units is not None and not units:
        return _refuse(request)
    found = quarantine.waiting().select_related("proposed_by")
    if units is not None:
        brought = Q(upload__dock__station__unit__code__in=units)
        brought |= Q(upload__axis__station__unit__code__in=units)
        found = found.filter(brought | Q(upload__officer__unit__code__in=units))
    cases = found[:200]
    return page.render(
        request, "pages/quarantine.html", {"rows": [_row(case, visit) for case in cases]}
    )


def _act(request: HttpRequest, visit: visits.SignedVisit, case: Quarantine) -> str:
    step = request.POST.get("step", "")
    if step == "check":
        quarantine.check_again(case=case, officer=visit.officer, at=visit.at)
        return "It is being checked again."
    if step == "confirm":
        quarantine.confirm(case=case, officer=visit.officer, at=visit.at)
        return "Confirmed, as the second person."
    reason = request.POST.get("reason", "").strip()
    if step in set(quarantine.Proposal):
        if not reason:
            raise quarantine.QuarantineClosed("Say why: whoever confirms it reads your reason.")
        quarantine.propose(
            case=case,
            proposal=quarantine.Proposal(step),
            officer=visit.officer,
            reason=reason,
            at=visit.at,
        )
        return "Proposed. Nothing happens until another person confirms."
    raise quarantine.QuarantineClosed("Choose what to do.")


@require_POST
@visits.signed_in
def decide(request: HttpRequest, visit: visits.SignedVisit, pk: int) -> HttpResponse:
    """Check again, propose, or confirm what another proposed."""
    case = Quarantine.objects.filter(pk=pk).first()
    if case is None or not visits.allowed(
        visit,
        Action.SEE_QUARANTINE,
        about=recording_subject(case.recording_id),
        subject=Subject(unit=_unit(case)),
    ):
        return _refuse(request)
    return acting.attempt(
        request, lambda: _act(request, visit, case), then="/quarantine", back="/quarantine"
    )
