"""Staying signed in: sessions end when idle or old, with a warning, and what was typed is kept."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, cast

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from fairwitness.custody import ledger
from fairwitness.evidence import access
from fairwitness.force import authority, sessions
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.web import arrivals, page, typing_kept, visits

_KEPT: Final = "kept"
_MOST: Final = 20_000


class SessionRules:
    """Ends a session whose time is over, at its next request; notes the use of any other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, as somebody who is still signed in or no more."""
        now = datetime.now(tz=UTC)  # as the browser has it, also where a training clock runs ahead
        if not sessions.keep(request.session, at=now):
            return self._over(request)
        return self._get_response(request)

    def _over(self, request: HttpRequest) -> HttpResponse:
        known = cast("Any", request)
        if not isinstance(known.user, Officer):  # asks for them, while the session still knows
            return self._get_response(request)
        officer = known.user
        kiosk = sessions.short(request.session)
        request.session.flush()
        known.user = AnonymousUser()
        with transaction.atomic():
            ledger.append(
                subject=authority.text(officer),
                act=Act.SESSION_SIGNED_OUT,
                actor="system:sign-in",
                at=known.at,
                reason="the time was over",
            )
            access.end_viewings(officer=officer, at=known.at)
        if kiosk:
            typing_kept.keep(request, officer, known.at)
            return HttpResponseRedirect(typing_kept.AGAIN)
        if request.method == "POST" and _by_a_form(request):
            _keep_typed(request, officer)
            return HttpResponseRedirect("/sign-in?next=/sign-in/kept")
        return self._get_response(request)


def _by_a_form(request: HttpRequest) -> bool:
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def _keep_typed(request: HttpRequest, officer: Officer) -> None:
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and "password" not in name
    ]
    if sum(len(name) + len(value) for name, value in typed) <= _MOST:
        request.session[_KEPT] = {
            "officer": str(officer.pk),
            "path": request.get_full_path(),
            "typed": typed,
        }


@require_safe
@visits.signed_in
def kept(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """What this officer had sent when the session was over, to be sent again or not."""
    found = request.session.get(_KEPT)
    if found is None or found["officer"] != str(visit.officer.pk):
        return HttpResponseRedirect(arrivals.HOME)
    del request.session[_KEPT]
    return page.render(request, "pages/kept.html", found)


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Say how long this session still has, for the page that warns; asking keeps it alive."""
    left = sessions.seconds_left(request.session, at=datetime.now(tz=UTC))
    if not visits.of(request).signed_in:
        return JsonResponse({"seconds": 0}, status=401)
    return JsonResponse({"seconds": left})
