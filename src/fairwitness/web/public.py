"""Pages for anyone: how to check us, privacy, accessibility, and the way in."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from fairwitness.web import page, visits


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Those we know go to their recordings, others to the sign-in."""
    return HttpResponseRedirect("/recordings" if visits.of(request).signed_in else "/sign-in")


@require_safe
def how_to_check(request: HttpRequest) -> HttpResponse:
    """What an outsider can check, with what, and the fingerprint of our keys."""
    works = visits.of(request).works
    return page.render(request, "pages/how_to_check.html", {"fingerprint": works.fingerprint()})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """How long footage stays, and who can watch it."""
    return page.render(request, "pages/privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What was done so that everyone can use these pages."""
    return page.render(request, "pages/accessibility.html")
