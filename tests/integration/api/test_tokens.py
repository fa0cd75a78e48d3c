"""Tokens: told once, within scopes and a year, revoked at once; a machine account is nobody's."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.test import Client
from tests.integration.web.conftest import Pages
from tests.machine_world import ALL, Callers, told
from tests.retention_world import SETUP, acts

from fairwitness.api.exchange import Exchange, Limits, Threads
from fairwitness.api.machines import answers, cursors, door
from fairwitness.api.machines.door import Machines, Pace
from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Annotation
from fairwitness.force import codes, officers, persons, service_binding, tokens
from fairwitness.force.account_rows import CodePurpose
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.force.token_rows import ApiAnswer, ApiToken, MachineAccount, Scope
from fairwitness.formats.acts import Act

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def administrator(pages: Pages) -> Officer:  # noqa: ARG001 - its unit must be there
    new = NewOfficer("9100", "Ruth Admin", "RA", "LAM", "", (), (Role.ADMINISTRATOR,))
    return officers.register_officer(actor=SETUP, officer=new, at=callers_at())


def callers_at() -> datetime:
    return now() - timedelta(minutes=5)


def system(administrator: Officer, role: Role = Role.EVIDENCE_MANAGER) -> Officer:
    return tokens.register_machine(
        new=NewOfficer("CRIS", "Crime records", "API", "LAM", "", (role,)),
        purpose="marks what the crime records name",
        actor=administrator,
        at=callers_at(),
    )


def make(officer: Officer, actor: Officer, **change: Any) -> tokens.Made:  # noqa: ANN401 - as make
    asked: dict[str, Any] = {
        "officer": officer,
        "name": "night run",
        "scopes": ALL,
        "expires_at": now() + 30 * DAY,
        "actor": actor,
        "at": now(),
    }
    return tokens.make(**(asked | change))


def test_only_a_digest_is_kept_and_what_is_made_is_written_down(callers: Callers) -> None:
    manager = callers.people["manager"]
    made = make(manager, manager)
    assert made.text not in json.dumps(list(ApiToken.objects.values()), default=str)
    assert acts(f"officer:{manager.pk}")[-1] == "officer.credential_changed"
    assert callers.call("GET", "/force/units", text=made.text).status == 200
    assert ApiToken.objects.get(pk=made.token.pk).used_at is not None


@pytest.mark.parametrize(
    "change",
    [
        {"name": " "},
        {"name": "x" * 61},
        {"scopes": ()},
        {"expires_at": datetime(2000, 1, 1, tzinfo=UTC)},
        {"expires_at": datetime(9000, 1, 1, tzinfo=UTC)},
        {"name": "a records system"},
    ],
)
def test_one_that_makes_no_sense_is_not_made(callers: Callers, change: dict[str, object]) -> None:
    manager = callers.people["manager"]
    count = ApiToken.objects.count()
    with pytest.raises(tokens.TokenInvalid):
        make(manager, manager, **change)
    assert ApiToken.objects.count() == count


def test_a_revoked_an_ended_and_a_leavers_token_open_nothing(callers: Callers) -> None:
    manager, standards = callers.people["manager"], callers.people["standards"]
    mine = make(manager, manager)
    with pytest.raises(NotAllowed):
        tokens.revoke(token=mine.token, actor=standards, at=now())
    tokens.revoke(token=mine.token, actor=manager, at=now())
    ended = make(manager, manager)
    ApiToken.objects.filter(pk=ended.token.pk).update(made_at=now() - 2 * DAY, expires_at=now())
    for text in (mine.text, ended.text):
        assert callers.call("GET", "/force/units", text=text).status == 401
        assert acts(f"officer:{manager.pk}")[-1] == "session.sign_in_refused"
    officers.leave(officer=standards, actor=SETUP, reason="left", at=now())
    assert callers.call("GET", "/force/units", who="standards").status == 401


def test_another_system_takes_two_people_and_never_signs_in(
    callers: Callers, administrator: Officer
) -> None:
    made = system(administrator)
    manager = callers.people["manager"]
    with pytest.raises(NotAllowed):
        make(made, administrator)
    with pytest.raises(NotAllowed):
        make(callers.people["wearer"], administrator)
    text = make(made, manager).text
    assert callers.call("GET", f"/recordings/{callers.recording}", text=text).status == 200
    tries: list[Callable[[], object]] = [
        lambda: officers.set_password(
            officer=made, password=codes.make_text(), actor=SETUP, at=now()
        ),
        lambda: codes.make(officer=made, purpose=CodePurpose.JOIN, actor=administrator, at=now()),
        lambda: service_binding.bind(officer=made, subject="x", actor=administrator, at=now()),
    ]
    for attempt in tries:
        with pytest.raises(persons.NoPerson):
            attempt()


def test_who_registered_a_system_makes_no_token_for_it_with_whatever_role(
    callers: Callers, administrator: Officer
) -> None:
    made = system(administrator)
    MachineAccount.objects.filter(pk=made.pk).update(made_by=callers.people["manager"])
    with pytest.raises(NotAllowed, match="somebody else"):
        make(made, callers.people["manager"])
    make(made, callers.people["second manager"])


def test_a_system_is_never_one_of_two_people(callers: Callers, administrator: Officer) -> None:
    text = make(system(administrator), callers.people["manager"]).text
    path = f"/holds/{callers.hold().pk}/lift"
    reply = callers.call("POST", path, body={"reason": "over"}, text=text)
    assert (reply.status, told(reply)["code"]) == (403, "token.second_person")


def test_an_act_and_its_answer_stand_or_fall_together(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise ZeroDivisionError

    path, key = f"/recordings/{callers.recording}/notes", {"idempotency-key": "k"}
    with monkeypatch.context() as broken:
        broken.setattr(answers, "_keep", fail)
        with pytest.raises(ZeroDivisionError):
            callers.call("POST", path, body={"text": "one"}, headers=key)
    assert not Annotation.objects.filter(text="one").exists()
    assert not ApiAnswer.objects.exists()
    assert callers.call("POST", path, body={"text": "one"}, headers=key).status == 201
    assert Annotation.objects.filter(text="one").count() == 1


def test_a_key_with_another_body_is_refused_and_is_new_after_a_day(callers: Callers) -> None:
    path, key = f"/recordings/{callers.recording}/notes", {"idempotency-key": "k"}
    assert callers.call("POST", path, body={"text": "one"}, headers=key).status == 201
    other = callers.call("POST", path, body={"text": "two"}, headers=key)
    assert (other.status, told(other)["code"]) == (422, "request.key_reused")
    ApiAnswer.objects.update(made_at=now() - DAY)
    again = callers.call("POST", path, body={"text": "two"}, headers=key)
    assert (again.status, again.replayed) == (201, False)
    assert ApiAnswer.objects.count() == 1


def test_a_kept_answer_can_be_read_with_the_token_alone(callers: Callers) -> None:
    path = f"/recordings/{callers.recording}/viewings"
    body = {"task": "incident", "reference": "CAD 1"}
    granted = told(callers.call("POST", path, body=body))
    row = ApiAnswer.objects.get()
    assert granted["master"].encode() not in bytes(row.sealed)


def test_a_refusal_is_kept_as_an_answer_and_written_down_once(callers: Callers) -> None:
    path, key = f"/recordings/{callers.recording}/notes", {"idempotency-key": "k"}
    subject = f"recording:{callers.recording}"
    for _ in range(2):
        reply = callers.call("POST", path, who="colleague", body={"text": "x"}, headers=key)
        assert reply.status == 404
    assert acts(subject).count("access.refused") == 1


def test_lists_come_in_pages_that_leave_nothing_out(callers: Callers) -> None:
    world = callers.pages.world
    made = {str(world.record(ended_at=now() - 3 * DAY).pk) for _ in range(5)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = told(callers.call("GET", f"/recordings?limit=2{cursor}"))
        assert len(page["items"]) <= 2
        seen += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen))
    assert set(seen) == made | {callers.recording}
    numbers: list[str] = []
    more, cursor = True, ""
    while more:
        page = told(callers.call("GET", f"/force/officers?limit=3{cursor}"))
        numbers += [row["collar_number"] for row in page["items"]]
        more, cursor = page["next"] is not None, f"&cursor={page['next']}"
    assert numbers == sorted(Officer.objects.values_list("collar_number", flat=True))


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "cursor=%21", "cursor=aGk", "limit=1&limit=2", "x=1"],
)
def test_nonsense_in_an_address_is_refused(callers: Callers, query: str) -> None:
    for path in ("/recordings", "/holds"):
        assert callers.call("GET", f"{path}?{query}").status == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"text": 1}, 400),
        ({"text": "x", "more": 1}, 400),
        ([], 400),
        ({"text": "a\0b"}, 400),
        ({"text": "half of a character: \ud800"}, 400),
        ({"text": "x" * 2001}, 400),
        ({"text": "  "}, 400),
    ],
)
def test_a_body_is_read_strictly(callers: Callers, body: object, status: int) -> None:
    path = f"/recordings/{callers.recording}/notes"
    assert callers.call("POST", path, body=body).status == status
    form = callers.call("POST", path, body={}, headers={"content-type": "text/plain"})
    assert form.status == 415


def test_who_calls_too_often_waits(callers: Callers) -> None:
    callers.machines = Machines(
        clock=now, threads=Threads(), vault=callers.pages.world.vault, pace=Pace(3, 0.0)
    )
    found = [callers.call("GET", "/force/units").status for _ in range(5)]
    assert found == [200, 200, 200, 429, 429]


def test_a_token_that_has_ended_fills_no_log(callers: Callers) -> None:
    manager = callers.people["manager"]
    mine = make(manager, manager)
    tokens.revoke(token=mine.token, actor=manager, at=now())
    before = len(acts(f"officer:{manager.pk}"))
    callers.machines = Machines(
        clock=now, threads=Threads(), vault=callers.pages.world.vault, pace=Pace(3, 0.0)
    )
    found = [callers.call("GET", "/force/units", text=mine.text).status for _ in range(5)]
    assert found == [401, 401, 401, 429, 429]
    assert len(acts(f"officer:{manager.pk}")) == before + 3


@pytest.mark.parametrize(
    ("path", "place"),
    [("/holds", f"0001-01-01T00:00:00+23:59 {'0' * 32}"), ("/force/units", "LA\0M")],
)
def test_a_made_up_cursor_is_refused(callers: Callers, path: str, place: str) -> None:
    reply = callers.call("GET", f"{path}?cursor={cursors.seal(place)}")
    assert (reply.status, told(reply)["code"]) == (400, "request.cursor")


def test_a_token_names_itself_in_no_entry_but_its_own(callers: Callers) -> None:
    path = f"/recordings/{callers.recording}/notes"
    callers.call("POST", path, body={"text": "by a program"})
    with transaction.atomic():
        ledger.append(
            subject="force",
            act=Act.AUDIT_RUN,
            actor=f"officer:{callers.people['manager'].pk}",
            at=now(),
        )
    row = ledger.history("force")[-1]
    assert row.body is not None
    assert "by_token" not in row.body.detail


def test_a_wearer_learns_nothing_of_a_silent_hold(callers: Callers) -> None:
    world = callers.pages.world
    recording = world.record(ended_at=now() - 2 * DAY)
    before = told(callers.call("GET", f"/recordings/{recording.pk}", who="wearer"))
    body = {
        "recordings": [str(recording.pk)],
        "kind": "professional-standards",
        "reference": "PS 1",
        "basis": "an inquiry",
        "silent": True,
    }
    assert callers.call("POST", "/holds", who="standards", body=body).status == 201
    after = told(callers.call("GET", f"/recordings/{recording.pk}", who="wearer"))
    assert after == before
    assert told(callers.call("GET", "/holds", who="wearer")).get("items", []) == []


def exchanged(machines: Machines, method: str, path: str, head: dict[str, str]) -> Any:  # noqa: ANN401 - messages
    sent: list[Any] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"x" * (2 << 20), "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401 - as ASGI has it
        sent.append(message)

    scope = {
        "method": method,
        "path": path,
        "headers": [(k.encode(), v.encode()) for k, v in head.items()],
        "query_string": b"",
    }
    exchange = Exchange(scope, receive, send, Limits())
    asyncio.run(machines(exchange))
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def test_the_door_tells_its_document_and_refuses_large_bodies(callers: Callers) -> None:
    status, head, body = exchanged(callers.machines, "GET", "/api/v1/openapi.json", {})
    assert (status, head[b"content-type"]) == (200, b"application/json")
    assert json.loads(body)["openapi"] == "3.1.0"
    status, head, body = exchanged(callers.machines, "GET", "/api/v1/", {})
    assert status == 200
    assert b"<script" not in body
    assert b"access-control-allow-origin" not in head
    status, head, _ = exchanged(callers.machines, "POST", "/api/v1/cases", {})
    assert (status, head[b"content-type"]) == (413, b"application/problem+json")


def test_the_page_makes_shows_once_and_revokes(callers: Callers, administrator: Officer) -> None:
    browser = callers.pages.browser(callers.people["manager"])
    form = {
        "name": "my script",
        "scope": ["force:read", "holds:read"],
        "until": (now() + 20 * DAY).date().isoformat(),
    }
    answer = browser.post("/tokens", form)
    text = answer.content.decode().partition("<code>fwt_")[2].partition("<")[0]
    assert callers.call("GET", "/force/units", text=f"fwt_{text}").status == 200
    again = browser.get("/tokens")
    assert b"my script" in again.content
    for scope in Scope:  # as the document calls them
        assert f">{scope.value}</code>".encode() in again.content
    assert text.encode() not in again.content
    token = ApiToken.objects.get(name="my script")
    assert (
        callers.pages.browser(callers.people["standards"])
        .post(f"/tokens/{token.pk}/revoke")
        .status_code
        == 403
    )
    browser.post(f"/tokens/{token.pk}/revoke")
    assert callers.call("GET", "/force/units", text=f"fwt_{text}").status == 401
    assert browser.post("/tokens", form | {"until": "x"}).status_code == 400
    _of_systems(browser, callers.pages.browser(administrator))


def _of_systems(manager: Client, administrator: Client) -> None:
    said = {"number": "CAD", "name": "Dispatch", "purpose": "marks", "role": "supervisor"}
    assert manager.post("/tokens/systems", said).status_code == 403
    assert (
        administrator.post("/tokens/systems", said | {"role": "administrator"}).status_code == 400
    )
    for watching in ("professional_standards", "independent_investigator"):
        refused = administrator.post("/tokens/systems", said | {"role": watching})
        assert refused.status_code == 400
        assert watching.encode() not in administrator.get("/tokens").content
    assert administrator.post("/tokens/systems", said).status_code == 302
    account = MachineAccount.objects.get(officer__collar_number="CAD")
    form = {"name": "live", "scope": "force:read", "until": (now() + DAY).date().isoformat()}
    assert administrator.post(f"/tokens/systems/{account.pk}", form).status_code == 403
    assert b"fwt_" in manager.post(f"/tokens/systems/{account.pk}", form).content
    assert b"Dispatch" in administrator.get("/tokens").content


def test_the_page_is_asked_the_six_questions(callers: Callers) -> None:
    pages = callers.pages
    nobody = officers.register_officer(
        actor=SETUP, officer=NewOfficer("99LX", "Kit Role", "KR", "LAM"), at=callers_at()
    )
    assert pages.browser(nobody).get("/tokens").status_code == 403
    until = (now() + DAY).date().isoformat()
    form = {"name": "x", "scope": "force:read", "until": until}
    assert pages.browser(nobody).post("/tokens", form).status_code == 403
    assert acts(f"officer:{nobody.pk}")[-1] == "access.refused"
    assert pages.browser(pages.world.manager).get("/tokens").status_code == 200
    assert pages.browser(None).get("/tokens").status_code == 302
    assert pages.browser(pages.world.manager).put("/tokens").status_code == 405
    for path in ("systems", f"systems/{pages.world.ada.pk}", f"{pages.world.ada.pk}/revoke"):
        assert pages.browser(pages.world.manager).get(f"/tokens/{path}").status_code == 405
        assert pages.browser(None).post(f"/tokens/{path}").status_code == 302
        assert pages.browser(pages.world.sergeant).post(f"/tokens/{path}").status_code == 403


def test_errors_of_ours_are_told_as_problems() -> None:
    reply = door.problem(FairwitnessError("A sentence.", code="hold.invalid"))
    assert told(reply) == {
        "type": "urn:fairwitness:problem:hold.invalid",
        "title": "Bad Request",
        "status": 400,
        "detail": "A sentence.",
        "code": "hold.invalid",
    }
    assert {scope.value for scope in Scope} >= {"holds:read"}
