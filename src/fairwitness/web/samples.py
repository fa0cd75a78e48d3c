"""A dip sample: how it was drawn and how anybody draws it again; and the form, one minute each."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from fairwitness.evidence import circle
from fairwitness.force.asking import Action, Subject
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import drawing, sampling
from fairwitness.retention.models import DipSample, Drawn
from fairwitness.retention.samples import Conduct, Seen
from fairwitness.retention.sampling import Form
from fairwitness.web import acting, page, saying, showing, team, times, visits


def _find(visit: visits.SignedVisit, pk: UUID) -> DipSample | None:
    sample = DipSample.objects.select_related("unit").filter(pk=pk).first()
    subject = Subject(unit=sample.unit.code if sample else None)
    seen = visits.allowed(visit, Action.CHECK_SAMPLE, about=f"sample:{pk}", subject=subject)
    return sample if seen else None


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """How it was drawn, step by step, and what came of it."""
    sample = _find(visit, pk)
    if sample is None:
        return team.refuse(request)
    drawn = sample.drawn.select_related("recording", "looked_by").order_by("lot")
    context = {
        "id": str(pk),
        "unit": sample.unit.name,
        "month": f"{sample.month:%B %Y}",
        "listed": len(sample.population),
        "listed_at": times.exact(sample.listed_at),
        "digest": sample.digest,
        "leaf": sample.leaf,
        "drawn_at": times.exact(sample.drawn_at) if sample.drawn_at else "",
        "tree_size": sample.tree_size,
        "root": sample.root,
        "many": sampling.SIZE,
        "passed_over": sample.passed_over,
        "rows": [
            {
                "id": str(each.recording_id),
                "reference": each.recording.reference,
                "lot": each.lot,
                "looked": times.short_moment(each.looked_at) if each.looked_at else "not yet",
                "by": str(each.looked_by or ""),
            }
            for each in drawn
        ],
    }
    return page.render(request, "pages/sample.html", context)


@require_safe
@visits.signed_in
def listed(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """The list that was drawn from, as its digest was taken of it: ids and nothing else."""
    sample = _find(visit, pk)
    if sample is None:
        return team.refuse(request)
    answer = HttpResponse(drawing.listed(sample.population), content_type="text/plain")
    answer["Content-Disposition"] = f'attachment; filename="list-{sample.month:%Y-%m}.txt"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def form(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """The form of one recording that was drawn; filling it in lifts the hold."""
    drawn = (
        Drawn.objects.select_related(
            *("recording__wearer", "recording__unit", "recording__station", "recording__review"),
            *("recording__disposal", "hold", "sample"),
        )
        .defer("sample__population")
        .filter(pk=pk)
        .first()
    )
    subject, about = Subject(), "force"
    if drawn is not None:
        about = recording_subject(drawn.recording_id)
        subject = circle.subject_of(recording=drawn.recording, at=visit.at, asking=visit.officer.pk)
    if not visits.allowed(visit, Action.CHECK_SAMPLE, about=about, subject=subject) or not drawn:
        return team.refuse(request)
    if request.method == "POST":
        return _fill_in(request, visit, drawn)
    recording = drawn.recording
    context = {
        "id": str(pk),
        "recording": str(recording.pk),
        "reference": recording.reference,
        "wearer": recording.wearer.title if recording.wearer else "",
        "when": times.long_moment(showing.began(recording)),
        "month": f"{drawn.sample.month:%B %Y}",
        **showing.life_line_rows(recording, facts=visit.facts, at=visit.at),
        **saying.rows(recording),
        "looked": sampling.looked(drawn=drawn, officer=visit.officer),
        "answered": drawn.looked_at is not None,
        "seen": Seen.choices,
        "conducts": Conduct.choices,
    }
    return page.render(request, "pages/sample_form.html", context)


def _fill_in(request: HttpRequest, visit: visits.SignedVisit, drawn: Drawn) -> HttpResponse:
    def act() -> str:
        try:
            filled = Form(
                told=Seen(request.POST.get("told", "")),
                in_time=Seen(request.POST.get("in_time", "")),
                to_the_end=Seen(request.POST.get("to_the_end", "")),
                conduct=Conduct(request.POST.get("conduct", "")),
                learning=request.POST.get("learning", ""),
            )
        except ValueError:
            raise sampling.FormInvalid("Answer each question: yes, no, or can’t tell.") from None
        sampling.fill_in(drawn=drawn, form=filled, officer=visit.officer, at=visit.at)
        return f"Thank you. {drawn.recording.reference} is no longer held for the sample."

    return acting.attempt(request, act, then="/team#sample", back=f"/team/drawn/{drawn.pk}")
