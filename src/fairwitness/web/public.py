"""Pages for anyone: how to check us, a copy, privacy, accessibility, and refusals."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.disclosure import sampling
from fairwitness.web import page, visits


@require_safe
def get_a_copy(request: HttpRequest) -> HttpResponse:
    """How a person who was filmed gets a copy, in plain words."""
    works = visits.of(request).works
    context = {"force": works.force, "contact": works.contact}
    return page.render(request, "pages/get_a_copy.html", context)


@require_safe
def how_to_check(request: HttpRequest) -> HttpResponse:
    """What an outsider can check, with what, and the fingerprint of our keys."""
    works = visits.of(request).works
    context = {
        "fingerprint": works.fingerprint(),
        "sample": sampling.read(works.sample),
        "site": request.build_absolute_uri("/").rstrip("/"),
    }
    return page.render(request, "pages/how_to_check.html", context)


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
        detail="Nothing was changed. Open the page again and send it from there. Your browser has"
        " to keep cookies for it.",
    )


def broken(request: HttpRequest) -> HttpResponse:
    """Something failed that should not; said without asking the database, which may be why."""
    return _alone(request, "pages/broken.html", status=500)


def busy(request: HttpRequest) -> HttpResponse:
    """The database let go of an act, or can't be asked: what was begun is undone; try again."""
    answer = _alone(request, "pages/busy.html", status=503)
    answer["Retry-After"] = "2"
    return answer


def _alone(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    works = getattr(request, "works", None)
    training = works is not None and works.training
    return page.render_alone(request, template, training=training, status=status)
