"""The force's own sign-in (OpenID Connect): `django-allauth` asks it, we decide who that is.

Nobody gets an account by it. A subject is an officer's when an administrator bound it, or when the
claim that the force configured names a collar number. What the service says of a second factor
(`amr` holds `mfa`) counts; else ours is asked for, as after a password.
"""

from collections.abc import Mapping
from typing import Any, Final, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from requests import RequestException

from fairwitness.force.arriving import Arrival
from fairwitness.force.models import Officer
from fairwitness.force.service_binding import SERVICE
from fairwitness.web import arrivals, visits

_AWAY: Final = "The force’s sign-in did not answer as it should. Try again, or use a password."
_STRANGER: Final = (
    "The force’s sign-in knows you, but no account here is yours. Ask your administrator."
)
_TROUBLES: Final = (OAuth2Error, RequestException, KeyError, ValueError, TypeError)


class _Asking(OpenIDConnectOAuth2Adapter):  # type: ignore[misc] # allauth publishes no types
    """As allauth's, but an ID token's signature and issuer are always checked."""

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        said: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=app.settings["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        return said

    def complete_login(
        self,
        request: HttpRequest,
        app: SocialApp,
        token: SocialToken,
        **kwargs: dict[str, Any],
    ) -> SocialLogin:
        """As allauth's; an answer without an ID token proves nothing.

        Raises:
            OAuth2Error: there is none.
        """
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("no ID token")
        return super().complete_login(request, app, token, **kwargs)


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # allauth publishes no types
    """Where allauth would sign in, sign up or show a page of its own, it comes here."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Somebody is known to the service: whoever that is goes on with our steps."""
        raise ImmediateHttpResponse(_arrived(request, sociallogin))

    def on_authentication_error(
        self, request: HttpRequest, *_args: object, **_kwargs: object
    ) -> NoReturn:
        """The service refused, or its answer is not believed."""
        raise ImmediateHttpResponse(_failed(request))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 - allauth's call
        """Nobody gets an account this way."""
        return False


@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the force's sign-in."""
    _demand_service(request)
    try:
        answer: HttpResponse = OAuth2LoginView.adapter_view(_Asking(request, SERVICE))(request)
    except _TROUBLES:
        return _failed(request)
    return answer


@require_safe
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The browser is back from the force's sign-in, with an answer."""
    _demand_service(request)
    if provider_id != SERVICE:
        raise Http404
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(_Asking(request, SERVICE))(request)
    except _TROUBLES:
        return _failed(request)
    return answer


def _demand_service(request: HttpRequest) -> None:
    if not visits.of(request).works.sign_in_service:
        raise Http404


def _failed(request: HttpRequest) -> HttpResponse:
    arrivals.refuse(None, visits.of(request).at, "the force's sign-in refused or failed")
    return arrivals.start_again(request, _AWAY)


def _arrived(request: HttpRequest, sociallogin: SocialLogin) -> HttpResponse:
    claims: Mapping[str, Any] = sociallogin.account.extra_data["id_token"]
    officer = _officer(request, sociallogin, claims)
    at = visits.of(request).at
    if officer is None or not officer.active:
        arrivals.refuse(officer, at, "the force's sign-in named nobody who may sign in")
        return arrivals.start_again(request, _STRANGER)
    methods = claims.get("amr", [])
    both = isinstance(methods, list) and "mfa" in methods
    return arrivals.begin(
        request,
        officer,
        means="the force's sign-in",
        arrival=Arrival(first=True, factor=both),
        go_to=arrivals.HOME,
    )


def _officer(
    request: HttpRequest, sociallogin: SocialLogin, claims: Mapping[str, Any]
) -> Officer | None:
    if isinstance(sociallogin.user, Officer) and sociallogin.user.collar_number:
        return sociallogin.user
    claim = sociallogin.account.get_provider(request).app.settings["claim"]
    named = claims.get(claim) if claim else None
    if not isinstance(named, str) or not named.strip():
        return None
    return Officer.objects.filter(collar_number=named.strip().upper()).first()
