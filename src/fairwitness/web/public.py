"""Pages for anyone: how to check us, privacy, accessibility, the way in, and refusals."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from fairwitness.web import page, visits


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Those we know go to what needs them today, others to the sign-in."""
    return HttpResponseRedirect("/today" if visits.of(request).signed_in else "/sign-in")


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


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's call
    """There is no page of that address."""
    return page.refuse(
        request,
        title="Not found",
        sentence="There is no page here.",
        detail="Look whether the address was copied whole.",
        status=404,
    )


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's call
    """A form that this browser was not given, or was given before another sign-in."""
    return page.refuse(
        request,
        title="Not done",
        sentence="This form is out of date: it was opened before you last signed in.",
        detail="Nothing was changed. Open the page again and send it from there.",
    )


def broken(request: HttpRequest) -> HttpResponse:
    """Something failed that should not; said without asking the database, which may be why."""
    works = getattr(request, "works", None)
    return page.render_alone(
        request,
        "pages/broken.html",
        training=works is not None and works.training,
        status=500,
    )
