"""The pages round signing in: each address's questions, devices, factors, time-outs, codes."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.integration.web.conftest import Pages
from tests.signing_world import PHRASE, by_password, give_app, give_password, shown, who

from fairwitness.custody import ledger
from fairwitness.force import codes, factors, officers, roles, sessions
from fairwitness.force.account_rows import OneTimeCode, Session
from fairwitness.force.asking import Role
from fairwitness.force.authority import System
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act

Acts = Callable[[str], list[str]]
SETUP = System("setup")
READ, FORM, SEND = {"get", "head"}, {"get", "head", "post"}, {"post"}
ADDRESSES = {
    "/sign-in/code": FORM,
    "/sign-in/step": FORM,
    "/sign-in/passkey": SEND,
    "/sign-in/service": READ,
    "/sign-in/service/force": READ,
    "/sign-in/kept": READ,
    "/sign-in/stay": SEND,
    "/my-sign-in": READ,
    "/my-sign-in/end": SEND,
    "/my-sign-in/factor": FORM,
    "/my-sign-in/factor/remove": SEND,
    "/my-sign-in/password": SEND,
    "/emergency/read": SEND,
    "/officers/codes": FORM,
}
FOR_THOSE_SIGNED_IN = [
    "/sign-in/kept",
    "/my-sign-in",
    "/my-sign-in/end",
    "/my-sign-in/factor",
    "/my-sign-in/factor/remove",
    "/my-sign-in/password",
    "/emergency/read",
    "/officers/codes",
]


@pytest.fixture
def ada(pages: Pages) -> Officer:
    give_password(pages.world.ada)
    return pages.world.ada


@pytest.fixture
def chief(pages: Pages) -> Officer:
    """An administrator of the whole force."""
    new = officers.NewOfficer(
        "4140X", "Joan Keane", "JK", pages.world.ada.unit.code, "", (), (Role.ADMINISTRATOR,)
    )
    before = datetime.now(UTC) - timedelta(hours=1)
    return officers.register_officer(actor=SETUP, officer=new, at=before)


def come_in(officer: Officer, secret: str, *, ahead: int = 0, agent: str = "") -> Client:
    """A browser in which this officer signed in, with the code of this or the next half minute."""
    client = Client(headers={"user-agent": agent} if agent else {})
    by_password(client, officer)
    code = factors.code_at(secret, datetime.now(UTC) + timedelta(seconds=30 * ahead))
    assert client.post("/sign-in/step", {"code": code})["Location"] == "/today"
    return client


def age(client: Client, *, idle: timedelta = timedelta(), whole: timedelta = timedelta()) -> None:
    """Make a browser's session older than it is."""
    session = client.session
    said = dict(session["signed-in"])
    said["seen"] -= int(idle.total_seconds())
    said["began"] -= int(whole.total_seconds())
    session["signed-in"] = said
    session.save()


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_wrong_method_is_refused(pages: Pages, path: str) -> None:
    browser = pages.browser(pages.world.manager)
    for method in ("get", "head", "post", "put", "patch", "delete"):
        answer = getattr(browser, method)(path)
        assert (answer.status_code == 405) == (method not in ADDRESSES[path]), method


@pytest.mark.parametrize("path", FOR_THOSE_SIGNED_IN)
def test_who_is_signed_out_is_sent_to_sign_in(pages: Pages, path: str) -> None:
    for method in ADDRESSES[path]:
        answer = getattr(pages.browser(None), method)(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in?next=")


@pytest.mark.usefixtures("pages")
def test_nobody_on_the_way_has_no_step_and_no_time(pages: Pages) -> None:
    browser = pages.browser(None)
    assert browser.get("/sign-in/step")["Location"] == "/sign-in"
    assert browser.post("/sign-in/stay").status_code == 401
    assert browser.get("/sign-in/code").status_code == 200
    assert browser.post("/sign-in/code", {"collar_number": "none", "code": ""}).status_code == 400


def test_no_page_of_allauth_answers(pages: Pages) -> None:
    browser = pages.browser(pages.world.manager)
    for path in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"):
        assert browser.get(path).status_code == 404
    for path in ("/accounts/mfa/", "/accounts/email/", "/accounts/3rdparty/"):
        assert browser.get(path).status_code == 404


def test_one_sees_where_one_is_signed_in_and_ends_it(ada: Officer, acts: Acts) -> None:
    secret = give_app(ada)
    windows = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
    there = come_in(ada, secret, agent=windows)
    here = come_in(ada, secret, ahead=1)
    page = here.get("/my-sign-in").content.decode()
    assert "Firefox on Windows" in page
    assert "by password, app" in page
    began = re.search(r'name="began" value="([^"]+)"', page)
    assert began is not None
    assert (
        here.post("/my-sign-in/end", {"began": began[1].replace("&#43;", "+")}).status_code == 302
    )
    assert there.get("/recordings")["Location"].startswith("/sign-in?next=")
    assert here.get("/my-sign-in").status_code == 200
    assert acts(f"officer:{ada.pk}")[-1] == "session.signed_out"
    assert here.post("/my-sign-in/end").status_code == 400, "there is none left"


def test_nobody_ends_anothers_session(pages: Pages, ada: Officer) -> None:
    theirs = come_in(ada, give_app(ada))
    with pytest.raises(sessions.SessionGone):
        sessions.end(
            officer=pages.world.dev,
            actor=pages.world.dev,
            at=datetime.now(UTC),
            keys=[str(theirs.session.session_key)],
            reason="",
        )
    assert theirs.get("/my-sign-in").status_code == 200


def test_the_page_asks_the_database_little(
    ada: Officer, django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = come_in(ada, give_app(ada))
    # session, officer, roles (twice: for the page and for its frame), browsers, factors
    with django_assert_max_num_queries(6):  # type: ignore[attr-defined] # a context manager
        client.get("/my-sign-in")
    with django_assert_max_num_queries(3):  # type: ignore[attr-defined] # session, officer, roles
        client.get("/privacy")


def test_a_factor_is_added_and_taken_away_with_the_password(ada: Officer, acts: Acts) -> None:
    client = come_in(ada, give_app(ada))
    only = factors.of(ada)[0].id
    gone = client.post("/my-sign-in/factor/remove", {"factor": only, "password": PHRASE})
    assert b"your only second factor" in gone.content
    assert client.post("/my-sign-in/factor/remove", {"factor": only}).status_code == 400
    assert acts(f"officer:{ada.pk}")[-1] == "session.sign_in_refused"
    page = client.get("/my-sign-in/factor").content.decode()
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None
    said = {"code": shown(found[1].replace(" ", "")), "password": PHRASE}
    twice = client.post("/my-sign-in/factor", said)
    assert b"an app with codes already" in twice.content
    assert len(factors.of(ada)) == 1


def test_changing_the_password_signs_out_everywhere_else(ada: Officer) -> None:
    secret = give_app(ada)
    there, here = come_in(ada, secret), come_in(ada, secret, ahead=1)
    new = {"new": "another long password", "again": "another long password"}
    assert here.post("/my-sign-in/password", {**new, "password": "wrong"}).status_code == 400
    assert here.post("/my-sign-in/password", {**new, "password": PHRASE}).status_code == 302
    assert here.get("/my-sign-in").status_code == 200
    assert there.get("/my-sign-in")["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(
    "older", [{"idle": sessions.IDLE}, {"whole": sessions.WHOLE}], ids=["idle", "whole"]
)
def test_a_session_ends_when_idle_or_old(
    ada: Officer, acts: Acts, older: dict[str, timedelta]
) -> None:
    client = come_in(ada, give_app(ada))
    age(client, **older)
    assert client.get("/recordings")["Location"].startswith("/sign-in?next=")
    assert who(client) is None
    assert acts(f"officer:{ada.pk}")[-1] == "session.signed_out"


def test_use_keeps_a_session_until_its_whole_time_is_over(ada: Officer) -> None:
    client = come_in(ada, give_app(ada))
    age(client, idle=timedelta(minutes=29), whole=timedelta(hours=11))
    assert client.post("/sign-in/stay").json()["seconds"] == sessions.IDLE.total_seconds()
    age(client, idle=timedelta(minutes=29), whole=timedelta(minutes=50))
    left = client.post("/sign-in/stay").json()["seconds"]
    assert 0 < left <= 600
    age(client, whole=timedelta(minutes=11))
    assert client.post("/sign-in/stay", headers={"sec-fetch-mode": "cors"}).status_code == 401


def test_what_was_typed_is_kept_for_who_typed_it(pages: Pages, ada: Officer) -> None:
    secret = give_app(ada)
    client = come_in(ada, secret)
    age(client, idle=sessions.IDLE)
    path = f"/recordings/{pages.recording.pk}/keep"
    typed = {"incident": "CAD 8812/08JUN17", "password": "not this"}
    assert client.post(path, typed)["Location"] == "/sign-in?next=/sign-in/kept"
    by_password(client, ada)
    next_code = factors.code_at(secret, datetime.now(UTC) + timedelta(seconds=30))
    client.post("/sign-in/step", {"code": next_code})
    page = client.get("/sign-in/kept").content.decode()
    assert f'action="{path}"' in page
    assert "CAD 8812/08JUN17" in page
    assert "not this" not in page
    assert client.get("/sign-in/kept").status_code == 302, "once"


def test_nobody_else_sees_what_was_typed(pages: Pages, ada: Officer) -> None:
    client = come_in(ada, give_app(ada))
    age(client, idle=sessions.IDLE)
    client.post(f"/recordings/{pages.recording.pk}/keep", {"incident": "CAD 8812/08JUN17"})
    give_password(pages.world.dev)
    secret = give_app(pages.world.dev)
    by_password(client, pages.world.dev)
    client.post("/sign-in/step", {"code": shown(secret)})
    assert client.get("/sign-in/kept")["Location"] == "/today"


def test_rows_of_sessions_that_are_over_go(ada: Officer) -> None:
    client = come_in(ada, give_app(ada))
    now = datetime.now(UTC)
    assert sessions.end_old(at=now) == 0
    assert sessions.end_old(at=now + sessions.IDLE + timedelta(minutes=1)) == 1
    assert not Session.objects.filter(session_key=client.session.session_key).exists()


def test_an_administrator_makes_a_code_and_sees_it_once(
    pages: Pages, chief: Officer, acts: Acts
) -> None:
    browser, ada = pages.browser(chief), pages.world.ada
    assert browser.get("/officers/codes").status_code == 200
    page = browser.post("/officers/codes", {"collar_number": "614lx", "purpose": "join"})
    found = re.search(rb"<code>([A-Z0-9-]{19})</code>", page.content)
    assert found is not None
    assert acts(f"officer:{ada.pk}")[-1] == "officer.credential_changed"
    (entry,) = ledger.search(subject=f"officer:{ada.pk}", act=Act.OFFICER_CREDENTIAL_CHANGED)
    assert entry.body is not None
    assert entry.body.detail == {"one_time_code": "join"}
    (row,) = OneTimeCode.objects.all()
    assert found[1].decode() not in row.digest
    assert codes.find(officer=ada, text=found[1].decode(), at=datetime.now(UTC)) == row


def test_what_no_code_is_made_for(pages: Pages, chief: Officer, acts: Acts) -> None:
    browser = pages.browser(chief)
    for said in (
        {"collar_number": "614LX", "purpose": "nonsense"},
        {"collar_number": "999ZZ", "purpose": "join"},
        {"collar_number": chief.collar_number, "purpose": "join"},
    ):
        assert browser.post("/officers/codes", said).status_code == 400
    assert not OneTimeCode.objects.exists()
    assert acts(f"officer:{chief.pk}")[-1] == "access.refused", "nobody makes one for themselves"


def test_an_administrator_of_one_unit_makes_none_for_another(pages: Pages) -> None:
    world = pages.world
    before = datetime.now(UTC) - timedelta(hours=1)
    roles.grant(
        actor=SETUP, officer=world.dev, role=Role.ADMINISTRATOR, unit=world.dev.unit, at=before
    )
    other = next(person for person in Officer.objects.all() if person.unit_id != world.dev.unit_id)
    browser = pages.browser(world.dev)
    assert browser.get("/officers/codes").status_code == 200
    said = {"collar_number": other.collar_number, "purpose": "join"}
    assert b"written down" in browser.post("/officers/codes", said).content
    assert not OneTimeCode.objects.exists()


def test_who_is_no_administrator_is_refused_and_that_is_written_down(
    pages: Pages, acts: Acts
) -> None:
    browser = pages.browser(pages.world.manager)
    assert browser.get("/officers/codes").status_code == 403
    assert browser.post("/officers/codes").status_code == 403
    assert acts("force")[-2:] == ["access.refused", "access.refused"]


@pytest.mark.parametrize("credential", ["{}", "[]", "nonsense", '{"response": {"userHandle": 7}}'])
def test_a_passkey_that_is_none_is_refused(pages: Pages, credential: str) -> None:
    browser = pages.browser(None)
    assert "challenge" in browser.post("/sign-in/passkey").json()["publicKey"]
    answer = browser.post("/sign-in/passkey", {"credential": credential})
    assert answer["Location"] == "/sign-in"
    assert b"could not be used here" in browser.get("/sign-in").content
    (entry,) = ledger.search(subject="force", act=Act.SESSION_SIGN_IN_REFUSED)
    assert entry.body is not None
    assert entry.body.reason == "unknown passkey"


def test_no_page_of_signing_in_runs_a_script_of_its_own(ada: Officer) -> None:
    give_app(ada)
    client = Client()
    pages = [client.get("/sign-in"), client.get("/sign-in/code")]
    by_password(client, ada)
    pages.append(client.get("/sign-in/step"))
    for page in pages:
        text = page.content.decode()
        assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
        assert re.findall(r"\son[a-z]+=|\sstyle=", text) == []
        assert "unsafe" not in page["Content-Security-Policy"]
