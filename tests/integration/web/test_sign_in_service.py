"""The force's own sign-in (OpenID Connect), against a service that speaks it over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from tests.integration.web.conftest import Pages
from tests.sign_in_service import CLIENT, SECRET, Service, serving
from tests.signing_world import give_app, shown, who

from fairwitness.config import settings as ours
from fairwitness.config.composition import Deployment
from fairwitness.config.environment import SettingInvalid, SignInService, read
from fairwitness.custody import ledger
from fairwitness.force import officers, service_binding
from fairwitness.force.asking import NotAllowed
from fairwitness.force.authority import System
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act

SETUP = System("setup")


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:  # noqa: ANN401 - pytest-django's
    cache.clear()
    with serving() as made:
        told = SignInService(made.address, CLIENT, SECRET, claim="collar")
        settings.SOCIALACCOUNT_PROVIDERS = ours.sign_in_providers(told)
        monkeypatch.setattr(Deployment, "sign_in_service", property(lambda _: True))
        yield made


def through(client: Client) -> HttpResponse:
    """All the way to the service and back, as a browser goes."""
    away = client.get("/sign-in/service")
    assert away.status_code == 302
    back = httpx.get(away["Location"])
    assert back.status_code == 302
    parts = urlsplit(back.headers["Location"])
    answer = cast("HttpResponse", client.get(f"{parts.path}?{parts.query}"))
    assert answer.status_code == 302
    return answer


def refusals() -> list[str]:
    found = ledger.search(act=Act.SESSION_SIGN_IN_REFUSED)
    return [each.body.reason for each in found if each.body is not None]


def test_a_bound_subject_with_both_factors_is_in(pages: Pages, service: Service) -> None:
    ada = pages.world.ada
    service_binding.bind(officer=ada, subject="a-17", actor=SETUP, at=datetime.now(UTC))
    service.claims = {"sub": "a-17", "amr": ["pwd", "mfa"]}
    client = Client()
    assert through(client)["Location"] == "/today"
    assert who(client) == str(ada.pk)
    assert client.get("/recordings").status_code == 200
    (entry,) = ledger.search(subject=f"officer:{ada.pk}", act=Act.SESSION_SIGNED_IN)
    assert entry.body is not None
    assert entry.body.detail["means"] == ["the force's sign-in"]


def test_where_the_service_asked_for_one_factor_ours_is_asked_for(
    pages: Pages, service: Service
) -> None:
    secret, client = give_app(pages.world.ada), Client()
    service.claims = {"sub": "who knows", "collar": "614lx"}
    assert through(client)["Location"] == "/sign-in/step"
    assert who(client) is None
    client.post("/sign-in/step", {"code": shown(secret)})
    assert who(client) == str(pages.world.ada.pk)


def test_a_stranger_gets_no_account(pages: Pages, service: Service) -> None:
    before = Officer.objects.count()
    service.claims = {"sub": "z-99", "email": "zoe@force.example", "amr": ["mfa"]}
    client = Client()
    assert through(client)["Location"] == "/sign-in"
    assert b"no account here is yours" in client.get("/sign-in").content
    assert Officer.objects.count() == before
    assert not SocialAccount.objects.exists()
    assert refusals() == ["the force's sign-in named nobody who may sign in"]
    assert pages.world.ada.active


def test_a_leaver_is_out_here_too(pages: Pages, service: Service) -> None:
    ada = pages.world.ada
    now = datetime.now(UTC)
    service_binding.bind(officer=ada, subject="a-17", actor=SETUP, at=now)
    officers.leave(officer=ada, actor=SETUP, at=now)
    assert not SocialAccount.objects.exists()
    service.claims = {"sub": "a-17", "collar": "614LX", "amr": ["mfa"]}
    client = Client()
    assert through(client)["Location"] == "/sign-in"
    assert who(client) is None


@pytest.mark.parametrize(
    "lie",
    [
        {"published": False},
        {"issuer": "https://elsewhere.example"},
        {"audience": "another client"},
        {"lasts": -60},
    ],
    ids=["signature", "issuer", "audience", "time"],
)
@pytest.mark.usefixtures("pages")
def test_a_token_that_is_not_right_is_not_believed(service: Service, lie: dict[str, Any]) -> None:
    service.claims = {"sub": "a-17", "collar": "614LX", "amr": ["mfa"]}
    for name, value in lie.items():
        setattr(service, name, value)
    client = Client()
    assert through(client)["Location"] == "/sign-in"
    assert who(client) is None
    assert refusals() == ["the force's sign-in refused or failed"]
    assert service.troubles == []


@pytest.mark.usefixtures("pages")
def test_an_answer_for_another_browser_is_refused(service: Service) -> None:
    service.claims = {"sub": "a-17", "collar": "614LX", "amr": ["mfa"]}
    away = Client().get("/sign-in/service")
    back = urlsplit(httpx.get(away["Location"]).headers["Location"])
    other = Client()
    assert other.get(f"{back.path}?{back.query}")["Location"] == "/sign-in"
    assert who(other) is None
    assert len(service.codes) == 1, "nobody asked for its token"


@pytest.mark.usefixtures("pages")
def test_a_service_that_refuses_or_is_away_is_said_so(service: Service, settings: Any) -> None:  # noqa: ANN401 - pytest-django's
    client = Client()
    state = parse_qs(urlsplit(client.get("/sign-in/service")["Location"]).query)["state"][0]
    answer = client.get(f"/sign-in/service/force?error=access_denied&state={state}")
    assert answer["Location"] == "/sign-in"
    gone = SignInService("http://127.0.0.1:9", CLIENT, SECRET, claim="")
    settings.SOCIALACCOUNT_PROVIDERS = ours.sign_in_providers(gone)
    assert client.get("/sign-in/service")["Location"] == "/sign-in"
    assert b"did not answer as it should" in client.get("/sign-in").content
    assert service.troubles == []


def test_its_addresses_are_there_only_where_there_is_one(pages: Pages) -> None:
    for path in ("/sign-in/service", "/sign-in/service/force"):
        assert pages.browser(None).get(path).status_code == 404
        assert pages.browser(None).post(path).status_code == 405


@pytest.mark.usefixtures("service")
def test_only_one_service_is_known(pages: Pages) -> None:
    assert pages.browser(None).get("/sign-in/service/other").status_code == 404


def test_who_may_bind_and_what_may_be_bound(pages: Pages) -> None:
    world, now = pages.world, datetime.now(UTC)
    with pytest.raises(NotAllowed):
        service_binding.bind(officer=world.ada, subject="x", actor=world.manager, at=now)
    assert ledger.search(subject=f"officer:{world.ada.pk}", act=Act.ACCESS_REFUSED)
    service_binding.bind(officer=world.ada, subject="x", actor=SETUP, at=now)
    with pytest.raises(service_binding.BindingInvalid):
        service_binding.bind(officer=world.dev, subject="x", actor=SETUP, at=now)
    with pytest.raises(service_binding.BindingInvalid):
        service_binding.bind(officer=world.dev, subject=" ", actor=SETUP, at=now)
    service_binding.bind(officer=world.ada, subject="y", actor=SETUP, at=now)
    assert [row.uid for row in SocialAccount.objects.all()] == ["y"]


def test_half_a_service_stops_the_start(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s\n")
    whole = {
        "FAIRWITNESS_SIGN_IN_SERVICE": "https://login.force.example/",
        "FAIRWITNESS_SIGN_IN_CLIENT": "fairwitness",
        "FAIRWITNESS_SIGN_IN_SECRET_FILE": str(secret),
    }
    found = read(whole).sign_in_service
    assert found == SignInService("https://login.force.example", "fairwitness", "s", "")
    assert "'s'" not in repr(found)
    for name in whole:
        with pytest.raises(SettingInvalid):
            read({key: value for key, value in whole.items() if key != name})
    with pytest.raises(SettingInvalid):
        read({**whole, "FAIRWITNESS_SIGN_IN_SERVICE": "http://login.force.example"})
    with pytest.raises(SettingInvalid):
        read({"FAIRWITNESS_NO_SECOND_FACTOR": "officer, king"})
