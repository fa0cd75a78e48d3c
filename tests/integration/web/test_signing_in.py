"""Signing in: a password and a second factor, one-time codes, lock-out, the emergency account."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from tests.integration.web.conftest import Pages
from tests.signing_world import PHRASE, by_password, give_app, give_password, shown, who

from fairwitness.custody import ledger
from fairwitness.force import codes, emergency, factors, officers, roles
from fairwitness.force.account_rows import CodePurpose, Session
from fairwitness.force.asking import Role
from fairwitness.force.authority import System
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act

Acts = Callable[[str], list[str]]
SETUP = System("setup")


@pytest.fixture
def ada(pages: Pages) -> Officer:
    give_password(pages.world.ada)
    return pages.world.ada


def make_code(officer: Officer, purpose: CodePurpose) -> str:
    return codes.make(officer=officer, purpose=purpose, actor=SETUP, at=datetime.now(UTC))


def begin(client: Client, officer: Officer, code: str) -> None:
    said = {"collar_number": officer.collar_number, "code": code.lower().replace("-", " ")}
    answer = client.post("/sign-in/code", said)
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/step")


def set_up_app(client: Client) -> str:
    page = client.get("/sign-in/step").content.decode()
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None
    secret = found[1].replace(" ", "")
    answer = client.post("/sign-in/step", {"code": shown(secret)})
    assert (answer.status_code, answer["Location"]) == (302, "/today")
    return secret


def test_a_password_alone_is_not_enough(ada: Officer, acts: Acts) -> None:
    secret, client = give_app(ada), Client()
    answer = by_password(client, ada)
    assert answer["Location"] == "/sign-in/step"
    assert client.get("/recordings")["Location"].startswith("/sign-in?next=")
    assert who(client) is None
    assert client.post("/sign-in/step", {"code": "000000"}).status_code == 400
    before = client.session.session_key
    taken = client.post("/sign-in/step", {"code": shown(secret)})
    assert taken["Location"] == "/today"
    assert client.get("/recordings").status_code == 200
    assert client.session.session_key != before, "a fresh key at sign-in"
    said = acts(f"officer:{ada.pk}")
    assert said.count("session.sign_in_refused") == 1
    assert said[-1] == "session.signed_in"


def test_a_code_of_the_app_counts_once(ada: Officer) -> None:
    secret = give_app(ada)
    at = datetime(2027, 6, 8, 21, 13, tzinfo=UTC)
    code = factors.code_at(secret, at)
    assert factors.check_code(officer=ada, code=code, at=at)
    assert not factors.check_code(officer=ada, code=code, at=at)
    earlier = factors.code_at(secret, at - timedelta(seconds=30))
    assert not factors.check_code(officer=ada, code=earlier, at=at), "older than one that was used"
    late = at + timedelta(minutes=2)
    assert not factors.check_code(officer=ada, code=factors.code_at(secret, at), at=late)
    slow = factors.code_at(secret, late - timedelta(seconds=30))
    assert factors.check_code(officer=ada, code=slow, at=late), "a clock half a minute slow"


def test_the_secret_of_an_app_is_not_in_the_database_in_plain(ada: Officer) -> None:
    secret = give_app(ada)
    (row,) = Authenticator.objects.filter(user=ada)
    assert secret not in str(row.data)
    assert factors.Adapter().decrypt(row.data["secret"]) == secret


def test_without_a_factor_a_password_leads_nowhere(ada: Officer) -> None:
    client = Client()
    assert by_password(client, ada)["Location"] == "/sign-in/step"
    answer = client.get("/sign-in/step", follow=True)
    assert b"Ask your administrator for a one-time code" in answer.content
    assert who(client) is None


def test_a_joiner_begins_with_a_code_and_is_in(pages: Pages, acts: Acts) -> None:
    zoe = officers.register_officer(
        actor=SETUP,
        officer=officers.NewOfficer("901LX", "Zoe Quinn", "ZQ", pages.world.ada.unit.code),
        at=datetime.now(UTC) - timedelta(hours=1),
    )
    client, code = Client(), make_code(zoe, CodePurpose.JOIN)
    begin(client, zoe, code)
    assert b"Choose a password" in client.get("/sign-in/step").content
    short = client.post("/sign-in/step", {"password": "short", "again": "short"})
    assert short.status_code == 400
    differ = client.post("/sign-in/step", {"password": PHRASE, "again": "another long password"})
    assert b"The two passwords differ" in differ.content
    client.post("/sign-in/step", {"password": PHRASE, "again": PHRASE})
    assert who(client) is None
    set_up_app(client)
    assert who(client) == str(zoe.pk)
    assert acts(f"officer:{zoe.pk}")[-3:] == [
        "officer.credential_changed",
        "officer.credential_changed",
        "session.signed_in",
    ]
    again = Client().post("/sign-in/code", {"collar_number": "901LX", "code": code})
    assert again.status_code == 400, "a code works once"


def test_who_lost_a_factor_still_proves_the_password(ada: Officer) -> None:
    old, client = give_app(ada), Client()
    code = make_code(ada, CodePurpose.FACTOR)
    assert not factors.has_any(ada), "the lost one is dead at once"
    begin(client, ada, code)
    assert client.post("/sign-in/step", {"code": shown(old)}).status_code == 400
    assert client.post("/sign-in/step", {"password": "wrong"}).status_code == 400
    client.post("/sign-in/step", {"password": PHRASE})
    set_up_app(client)
    assert who(client) == str(ada.pk)


def test_who_forgot_a_password_still_proves_the_factor(ada: Officer) -> None:
    secret, client = give_app(ada), Client()
    code = make_code(ada, CodePurpose.PASSWORD)
    assert by_password(Client(), ada).status_code == 400, "the old password is dead at once"
    begin(client, ada, code)
    new = "quite another password"
    said = {"password": new, "again": new}
    assert client.post("/sign-in/step", said).status_code == 400, "the factor first"
    client.post("/sign-in/step", {"code": shown(secret)})
    assert client.post("/sign-in/step", said)["Location"] == "/today"
    assert who(client) == str(ada.pk)


@pytest.mark.parametrize("purpose", [CodePurpose.FACTOR, CodePurpose.PASSWORD])
def test_no_code_is_made_that_alone_would_be_enough(pages: Pages, purpose: CodePurpose) -> None:
    pages.world.dev.set_unusable_password()
    pages.world.dev.save()
    with pytest.raises(codes.CodeInvalid):
        make_code(pages.world.dev, purpose)


def test_a_code_ends_with_its_days_and_with_the_next(ada: Officer) -> None:
    give_app(ada)
    now = datetime.now(UTC)
    first = make_code(ada, CodePurpose.JOIN)
    second = make_code(ada, CodePurpose.JOIN)
    assert codes.find(officer=ada, text=first, at=now) is None
    assert codes.find(officer=ada, text=second, at=now) is not None
    assert codes.find(officer=ada, text=second, at=now + codes.LASTS + timedelta(minutes=1)) is None


def test_wrong_codes_are_made_to_wait(ada: Officer) -> None:
    secret, client = give_app(ada), Client()
    by_password(client, ada)
    for _ in range(8):
        assert client.post("/sign-in/step", {"code": "123456"}).status_code == 400
    answer = client.post("/sign-in/step", {"code": shown(secret)})
    assert b"Too many wrong tries" in answer.content
    assert who(client) is None


def test_a_leavers_sessions_and_factors_die_at_once(ada: Officer) -> None:
    secret, client = give_app(ada), Client()
    by_password(client, ada)
    client.post("/sign-in/step", {"code": shown(secret)})
    half = Client()
    by_password(half, ada)
    officers.leave(officer=ada, actor=SETUP, at=datetime.now(UTC))
    assert client.get("/recordings")["Location"].startswith("/sign-in?next=")
    assert half.get("/sign-in/step")["Location"] == "/sign-in"
    assert not Session.objects.filter(officer=ada).exists()
    assert not factors.has_any(ada)
    (entry,) = ledger.search(subject=f"officer:{ada.pk}", act=Act.OFFICER_DEACTIVATED)
    assert entry.body is not None
    assert entry.body.detail["browsers"] == 1
    assert entry.body.detail["factors"] == 1


def test_a_movers_roles_change_at_once(pages: Pages) -> None:
    sergeant = pages.world.sergeant
    client = pages.browser(sergeant)
    assert client.get("/unassigned").status_code == 200
    (standing,) = sergeant.grants.filter(role=Role.SUPERVISOR, ends_at__isnull=True)
    roles.end(grant=standing, actor=SETUP, at=datetime.now(UTC))
    assert client.get("/unassigned").status_code == 403


def test_the_emergency_account_opens_once_and_rings(pages: Pages, acts: Acts) -> None:
    now = datetime.now(UTC)
    text = emergency.seal(actor=SETUP, unit=pages.world.ada.unit, at=now)
    account = officers.named(emergency.COLLAR)
    for _ in range(9):  # nobody may lock it
        assert by_password(Client(), account, "wrong").status_code == 400
    client = Client()
    assert by_password(client, account, text)["Location"] == "/today"
    assert b"This is the emergency account" in client.get("/recordings").content
    (entry,) = ledger.search(subject=f"officer:{account.pk}", act=Act.SESSION_SIGNED_IN)
    assert entry.body is not None
    assert entry.body.detail["emergency_account"] == "seal broken"
    assert by_password(Client(), account, text).status_code == 400, "it opens once"
    manager = pages.browser(pages.world.manager)
    rung = b"The emergency account was used on"
    assert rung in manager.get("/cases").content
    assert rung in pages.browser(pages.world.standards).get("/cases").content
    assert rung not in pages.browser(pages.world.dev).get("/cases").content
    assert manager.post("/emergency/read").status_code == 302
    assert rung not in manager.get("/cases").content
    (read,) = ledger.search(subject=f"officer:{account.pk}", act=Act.LOG_READ)
    assert read.body is not None
    assert read.body.actor == f"officer:{pages.world.manager.pk}"
    assert manager.post("/emergency/read").status_code == 302
    assert len(ledger.search(subject=f"officer:{account.pk}", act=Act.LOG_READ)) == 1
    again = emergency.seal(actor=SETUP, unit=pages.world.ada.unit, at=now)
    assert client.get("/recordings").status_code == 302, "sealing ends its use"
    assert again != text
    assert by_password(Client(), account, again).status_code == 302
    assert acts(f"officer:{account.pk}").count("officer.credential_changed") == 2


def test_a_role_that_the_force_waives_needs_no_factor(
    ada: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fairwitness.config.composition import Deployment  # noqa: PLC0415 - needs settings

    waived = frozenset({Role.OFFICER})
    monkeypatch.setattr(Deployment, "no_second_factor", property(lambda _: waived))
    client = Client()
    assert by_password(client, ada)["Location"] == "/today"
    secret, with_app = give_app(ada), Client()
    assert by_password(with_app, ada)["Location"] == "/sign-in/step", "who has one is asked"
    assert with_app.post("/sign-in/step", {"code": shown(secret)}).status_code == 302
