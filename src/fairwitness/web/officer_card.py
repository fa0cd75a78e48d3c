"""The officer's own card: make its code, see it, print a sheet of cards to hand out."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from fairwitness.disclosure import card_sheet
from fairwitness.force import cards, public_codes
from fairwitness.web import acting, page, visits


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """One's own card and nobody else's."""
    if request.method == "POST":

        def act() -> str:
            cards.make(officer=visit.officer, at=visit.at)
            return "Your card is made. Print it below."

        return acting.attempt(request, act, then="/my-card", back="/my-card")
    card = cards.of(visit.officer)
    context = {
        "code": public_codes.spaced(card.code) if card else "",
        "force": visit.works.force,
        "site": _site(request),
    }
    return page.render(request, "pages/my_card.html", context)


@require_safe
@visits.signed_in
def sheet(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Ten cards on A4."""
    card = cards.of(visit.officer)
    if card is None:
        return page.refuse(
            request,
            title="No card yet",
            sentence="You have no card yet.",
            detail="Make it first.",
            back="/my-card",
            status=404,
        )
    file = card_sheet.make(
        code=public_codes.spaced(card.code),
        force=visit.works.force,
        site=_site(request),
        training=visit.works.training,
    )
    answer = HttpResponse(file, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="cards.pdf"'
    return answer


def _site(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")
