"""Passkeys: the two ceremonies between a browser and us, by `django-allauth`, on pages of our own.

A passkey asks its owner for a finger, a face or a PIN, so it is both factors at once: it can stand
beside a password, or sign in alone. A challenge is kept in the session and counts once.
"""

import json
from base64 import urlsafe_b64decode
from typing import Any
from uuid import UUID

from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.decorators.http import require_POST

from fairwitness.errors import FairwitnessError
from fairwitness.force import factors
from fairwitness.force.models import Officer
from fairwitness.web import arrivals, visits


class PasskeyRefused(FairwitnessError):
    """An answer of a passkey that does not fit what we asked."""

    code = "passkey.refused"


_NOT_OURS = "That passkey could not be used here. Try again, or another way. This was written down."


def new_options(request: HttpRequest, *, officer: Officer) -> str:
    """What a browser needs to make a passkey, as JSON; the challenge is kept in the session."""
    del request  # allauth finds it by itself
    return json.dumps(webauthn.begin_registration(officer, passwordless=True))


def options(request: HttpRequest, *, officer: Officer | None) -> str:
    """What a browser needs to use a passkey of this officer, or of whomever it belongs to."""
    del request
    return json.dumps(webauthn.begin_authentication(officer))


def register(request: HttpRequest) -> dict[str, Any]:
    """The new passkey in this form, checked against our challenge.

    Raises:
        FactorInvalid: it does not fit.
    """
    try:
        credential = _credential(request)
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    except (ValidationError, ValueError, TypeError, KeyError) as error:
        raise factors.FactorInvalid(
            "That passkey could not be set up. Try again.", code="factor.passkey"
        ) from error
    return credential


def check(request: HttpRequest, *, officer: Officer) -> None:
    """See that this form's passkey is this officer's and answers our challenge.

    Raises:
        PasskeyRefused: it does not.
    """
    try:
        row = webauthn.complete_authentication(officer, _credential(request))
    except (ValidationError, ValueError, TypeError, KeyError) as error:
        arrivals.refuse(officer, visits.of(request).at, "wrong passkey")
        raise PasskeyRefused(_NOT_OURS) from error
    factors.note_use(row, at=visits.of(request).at)


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Without a passkey in the form: a challenge as JSON; with one: sign its owner in."""
    if not request.POST.get("credential"):
        return JsonResponse(json.loads(options(request, officer=None)))
    at = visits.of(request).at
    officer = _owner(request)
    if officer is None:
        arrivals.refuse(None, at, "unknown passkey")
        return arrivals.start_again(request, _NOT_OURS)
    try:
        check(request, officer=officer)
    except PasskeyRefused as error:
        return arrivals.start_again(request, error.message)
    arrivals.enter(request, officer, means=["passkey"])
    return HttpResponseRedirect(arrivals.next_path(request))


def _owner(request: HttpRequest) -> Officer | None:
    try:
        handle = _credential(request)["response"]["userHandle"]
        raw = urlsafe_b64decode(handle + "=" * (-len(handle) % 4))
        return Officer.objects.filter(pk=UUID(bytes=raw), active=True).first()
    except (ValueError, TypeError, KeyError):
        return None


def _credential(request: HttpRequest) -> dict[str, Any]:
    try:
        said = json.loads(request.POST["credential"])
    except RecursionError as error:
        raise ValueError from error
    if not isinstance(said, dict):
        raise TypeError
    return said
