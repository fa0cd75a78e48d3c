"""The quarantine desk: each address is asked the same questions, and hostile text stays text."""

from collections.abc import Callable

import pytest
from django.test import Client
from tests.ingest_world import World, video

from fairwitness.force import roles
from fairwitness.force.asking import Role
from fairwitness.force.authority import System
from fairwitness.force.models import Officer
from fairwitness.formats.keys import SigningKey
from fairwitness.ingest.models import Quarantine, QuarantineState
from fairwitness.retention import rules

HOSTILE = "<img src=x onerror=alert(1)>.mp4"
Acts = Callable[[str], list[str]]


def quarantined(world: World, shade: int = 90) -> Quarantine:
    """Footage of a camera that nobody enrolled, with a name that means harm."""
    data = video(shade=shade)
    statement = world.signed(world.claim(data, camera="09999"), key=SigningKey.generate())
    create = world.create(len(data), statement=statement, filename=HOSTILE.encode())
    upload = world.begin_with(create)
    world.send(upload, data)
    world.accept()
    return Quarantine.objects.get(upload=upload)


@pytest.fixture
def case(settled_world: World) -> Quarantine:
    return quarantined(settled_world)


def browser(officer: Officer | None) -> Client:
    client = Client()
    if officer is not None:
        client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def manager_of_another_unit(world: World) -> Officer:
    dev, lewisham = world.force.dev, world.force.lewisham
    Officer.objects.filter(pk=dev.pk).update(unit=lewisham)
    roles.grant(
        officer=dev,
        role=Role.EVIDENCE_MANAGER,
        unit=lewisham,
        actor=System("test"),
        at=world.at,
    )
    return Officer.objects.get(pk=dev.pk)


ADDRESSES = [
    ("/quarantine/{}", {"get", "head"}),
    ("/quarantine/{}/decide", {"post"}),
    ("/quarantine/{}/watch", {"post"}),
    ("/quarantine/check", {"post"}),
]
each = pytest.mark.parametrize(("address", "methods"), ADDRESSES)


@each
def test_a_wrong_method_is_refused(
    settled_world: World, case: Quarantine, address: str, methods: set[str]
) -> None:
    client = browser(settled_world.force.manager)
    for method in {"get", "head", "post", "put", "patch", "delete"} - methods:
        assert getattr(client, method)(address.format(case.pk)).status_code == 405, method


@each
def test_who_is_signed_out_is_sent_to_sign_in(
    case: Quarantine, address: str, methods: set[str]
) -> None:
    for method in methods:
        answer = getattr(browser(None), method)(address.format(case.pk))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in?next=")


@each
def test_the_wrong_role_and_another_unit_are_refused_and_nothing_changes(
    settled_world: World, case: Quarantine, address: str, methods: set[str]
) -> None:
    force = settled_world.force
    stranger = manager_of_another_unit(settled_world)
    for officer in (force.ada, force.sergeant, stranger):
        for method in methods - {"head"}:
            answer = getattr(browser(officer), method)(
                address.format(case.pk), {"step": "check", "why": "camera.unknown"}
            )
            content = answer.content.decode()
            assert "09999" not in content
            if officer is stranger and address.endswith("check"):
                assert answer.status_code == 302, "their own unit's cases: none"
            else:
                assert answer.status_code in {403, 404}
    case.refresh_from_db()
    assert case.state == QuarantineState.HELD


def test_the_page_says_what_why_and_what_to_do(
    settled_world: World, case: Quarantine, acts: Acts
) -> None:
    client = browser(settled_world.force.manager)
    answer = client.get(f"/quarantine/{case.pk}")
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "Its camera is not enrolled" in shown
    assert "have its enrolment asked for and approved" in shown
    assert "09999-1" in shown
    assert "Deletes in 31 days" in shown
    assert "It was put into quarantine." in shown
    assert "&lt;img src=x onerror=alert(1)&gt;.mp4" in shown
    assert "<img src=x" not in shown
    client.get(f"/quarantine/{case.pk}")
    read = [act for act in acts(f"recording:{case.recording_id}") if "history" in act]
    assert read == ["recording.history_read"], "once a visit is enough"


def test_standards_see_and_do_not_decide(settled_world: World, case: Quarantine) -> None:
    force = settled_world.force
    roles.grant(
        officer=force.dev,
        role=Role.PROFESSIONAL_STANDARDS,
        unit=None,
        actor=System("test"),
        at=settled_world.at,
    )
    client = browser(force.dev)
    shown = client.get(f"/quarantine/{case.pk}").content.decode()
    assert "Its camera is not enrolled" in shown
    assert "Propose to let it in" not in shown
    assert "Watch it" not in shown
    for step in ("decide", "watch"):
        answer = client.post(f"/quarantine/{case.pk}/{step}", {"step": "check"})
        assert answer.status_code == 403


def test_it_is_watched_after_its_entry(settled_world: World, case: Quarantine, acts: Acts) -> None:
    client = browser(settled_world.force.manager)
    answer = client.post(f"/quarantine/{case.pk}/watch")
    assert answer.status_code == 302
    assert acts(f"recording:{case.recording_id}")[-1] == "recording.viewed"
    assert "/quarantined" in client.get(f"/quarantine/{case.pk}").content.decode()


def test_two_people_decide_and_the_page_tells_the_outcome(
    settled_world: World, case: Quarantine
) -> None:
    force = settled_world.force
    first, second = browser(force.manager), browser(force.second_manager)
    there = f"/quarantine/{case.pk}"
    bare = first.post(f"{there}/decide", {"step": "reject", "reason": " "})
    assert bare.status_code == 400
    asked = {"step": "reject", "reason": "<b>a toy</b>"}
    assert first.post(f"{there}/decide", asked).status_code == 302
    assert "Somebody else has to confirm it" in first.get(there).content.decode()
    confirmed = {"step": "confirm", "proposal": "reject"}
    assert first.post(f"{there}/decide", confirmed).status_code == 400
    shown = second.get(there).content.decode()
    assert "&lt;b&gt;a toy&lt;/b&gt;" in shown
    assert '<input type="hidden" name="proposal" value="reject">' in shown
    for other in ({}, {"proposal": "release"}):
        read = {"step": "confirm"} | other
        assert second.post(f"{there}/decide", read).status_code == 400
    second.post(f"{there}/decide", confirmed)
    over = second.get(there).content.decode()
    assert f"{force.second_manager} rejected it. It is in the bin until" in over
    assert "unless taken back" in over
    assert "Propose" not in over
    assert second.post(f"{there}/decide", {"step": "check"}).status_code == 400


def test_the_bin_is_shown_and_undone(settled_world: World, case: Quarantine) -> None:
    force = settled_world.force
    first, second = browser(force.manager), browser(force.second_manager)
    there = f"/quarantine/{case.pk}"
    link = f'href="{there}"'
    first.post(f"{there}/decide", {"step": "reject", "reason": "a toy"})
    assert first.post(f"{there}/decide", {"step": "take_back"}).status_code == 400
    second.post(f"{there}/decide", {"step": "confirm", "proposal": "reject"})
    assert link not in first.get("/quarantine").content.decode()
    binned = first.get("/quarantine?waits=bin").content.decode()
    assert link in binned
    assert "<b>1</b> in the bin" in binned
    assert "Take it back" in first.get(there).content.decode()
    stranger = browser(manager_of_another_unit(settled_world))
    assert link not in stranger.get("/quarantine?waits=bin").content.decode()
    assert stranger.post(f"{there}/decide", {"step": "take_back"}).status_code == 404
    asked = {"step": "take_back", "reason": "<i>no toy</i>"}
    assert first.post(f"{there}/decide", asked).status_code == 302
    assert link in second.get("/quarantine").content.decode()
    shown = second.get(there).content.decode()
    assert "took it back out of the bin" in shown
    assert "&lt;i&gt;no toy&lt;/i&gt;" in shown
    assert "Propose to reject it" in shown


def test_the_list_counts_filters_and_checks_many_again(settled_world: World) -> None:
    cases = [quarantined(settled_world, shade) for shade in (10, 20, 30)]
    client = browser(settled_world.force.manager)

    def shown(query: str) -> list[bool]:
        content = client.get(f"/quarantine?{query}").content.decode()
        return [f'href="/quarantine/{one.pk}"' in content for one in cases]

    settled_world.at += rules.Policy().nag
    Quarantine.objects.filter(pk=cases[0].pk).update(nag_at=cases[0].arrived_at)
    Quarantine.objects.filter(pk=cases[1].pk).update(reason="digest.bad", proposal="reject")
    assert shown("") == [True, True, True]
    assert shown("waits=long") == [True, False, False]
    assert shown("waits=second") == [False, True, False]
    assert shown("why=camera.unknown") == [True, False, True]
    assert shown("words=09999") == [True, True, True]
    assert shown("words=nothing") == [False, False, False]
    assert shown("why=nonsense&waits=nonsense&page=x") == [True, True, True]
    assert "1 has waited in quarantine" in client.get("/recordings").content.decode()
    ada = browser(settled_world.force.ada)
    assert "waited in quarantine" not in ada.get("/recordings").content.decode()
    assert client.post("/quarantine/check", {"why": ""}).status_code == 400
    client.post("/quarantine/check", {"why": "camera.unknown"})
    assert shown("") == [False, True, False]


def test_a_case_that_is_not_there_is_not_found(settled_world: World) -> None:
    assert browser(settled_world.force.manager).get("/quarantine/999999").status_code == 404
