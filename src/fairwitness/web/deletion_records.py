"""Records of deletion: found by number or day, read, taken away, and how anybody checks one."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.force.asking import Action, Subject
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import deletion_sight, rules
from fairwitness.retention.models import Disposal
from fairwitness.web import consulting, going, keyset, page, times, visits


def _on(day: str) -> Q:
    """Deleted on that London day; nothing narrower for what is no day."""
    on = times.typed_day(day)
    return Q(disposed_at__gte=times.begins(on), disposed_at__lt=times.ends(on)) if on else Q()


def _of(number: str) -> Q:
    """A recording's number, whole or its beginning: one stretch of the index on numbers."""
    if not number:
        return Q()
    return Q(recording__reference__gte=number, recording__reference__lt=f"{number}\uffff")


def _found(
    visit: visits.SignedVisit, units: frozenset[str] | None, number: str, day: str
) -> "QuerySet[Disposal]":
    rows = Disposal.objects.prefetch_related("recording__unit").filter(
        deletion_sight.within(visit.facts), _of(number), _on(day)
    )
    return rows if units is None else rows.filter(recording__unit__code__in=units)


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """What was deleted, the latest first."""
    units = visits.reach(visit, Action.SEE_DISPOSALS)
    if units is not None and not units:
        return going.refuse(request)
    number = consulting.words(request.GET.get("number", ""))
    day = request.GET.get("day", "")[:10]
    found = _found(visit, units, number, day)
    key = keyset.read(request.GET.get("after", ""))
    if key:
        found = found.filter(key.before("disposed_at", "pk"))
    rows, more = keyset.cut(found.order_by("-disposed_at", "-pk")[: keyset.PAGE + 1])
    consulting.note(
        visit, of="records of deletion", shown=len(rows), sought={"words": number, "day": day}
    )
    context = {
        "rows": [
            {
                "id": str(row.pk),
                "reference": row.recording.reference,
                "when": times.short_moment(row.disposed_at),
                "because": row.because,
                "status": row.get_status_display(),
                "confirmed": row.status == "confirmed",
                "signed": bool(row.statement),
                "unit": row.recording.unit.name if row.recording.unit else "no unit",
            }
            for row in rows
        ],
        "number": number,
        "day": day,
        "next": keyset.link(
            "/deletions/records",
            keyset.text(rows[-1].disposed_at, rows[-1].pk),
            number=number,
            day=day,
        )
        if more
        else "",
        "first": key is None,
    }
    return page.render(request, "pages/deletion_records.html", context)


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """One record in words, with what to do to check it."""
    seen = Disposal.objects.filter(deletion_sight.within(visit.facts))
    row = seen.select_related("recording__unit").filter(pk=pk).first()
    unit = row.recording.unit.code if row and row.recording.unit else None
    about = recording_subject(pk)
    allowed = visits.allowed(visit, Action.SEE_DISPOSALS, about=about, subject=Subject(unit=unit))
    if row is None or not allowed:
        return page.refuse(
            request,
            title="No record",
            sentence="There is no record of deletion here that you may see.",
            back="/recordings",
            status=404,
        )
    name = row.recording.reference.replace("/", "-")
    destroyed = row.key_destroyed_at
    context = {
        "id": str(pk),
        "reference": row.recording.reference,
        "unit": row.recording.unit.name if row.recording.unit else "no unit",
        "because": row.because,
        "rule": row.rule,
        "early": row.rule == rules.EARLY,
        "due": times.exact(row.due),
        "disposed": times.exact(row.disposed_at),
        "destroyed": times.exact(destroyed) if destroyed else "not confirmed by every copy yet",
        "copies": f"{row.copies_confirmed} of {row.ring_copies}",
        "status": row.get_status_display(),
        "confirmed": row.status == "confirmed",
        "commitment": row.recording.commitment,
        "leaf": row.entry_leaf,
        "signed": bool(row.statement),
        "file": f"deletion-{name}.dsse.json",
        "fingerprint": visit.works.fingerprint_at_hand(),
    }
    return page.render(request, "pages/deletion_record.html", context)
