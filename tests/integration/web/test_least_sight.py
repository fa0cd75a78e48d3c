"""A role for one unit shows the lists of that unit, and of no other."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.web.conftest import Pages
from tests.retention_world import SETUP

from fairwitness.evidence.models import Recording
from fairwitness.force import officers, roles
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer, Station, Unit
from fairwitness.retention import holds
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import Hold, HoldKind

NOW = datetime.now(UTC)


def manager_of(unit: str, *, home: str) -> Officer:
    """An evidence manager of one unit who belongs to `home`."""
    officer = officers.register_officer(
        actor=SETUP,
        officer=officers.NewOfficer("4177", "Noor Haddad", "NH", home, "", (), ()),
        at=NOW - timedelta(days=1),
    )
    roles.grant(
        officer=officer,
        role=Role.EVIDENCE_MANAGER,
        unit=Unit.objects.get(code=unit),
        actor=SETUP,
        at=NOW,
    )
    return officer


@pytest.fixture
def hold(pages: Pages) -> Hold:
    placed = holds.place(
        terms=Terms(HoldKind.COMPLAINT, "C/12", "a complaint", (NOW + timedelta(days=90)).date()),
        owner=pages.world.standards,
        at=NOW,
        recordings=[pages.recording.pk],
    )
    return Hold.objects.get(pk=placed.hold)


@pytest.fixture
def lists(pages: Pages, hold: Hold) -> dict[str, str]:
    """Lambeth's: one deleted, one under a hold, one without a wearer; what each list shows."""
    gone = pages.world.record(ended_at=NOW - timedelta(days=33))
    pages.world.live_through(NOW - timedelta(days=8), NOW)
    nobodys = pages.world.record(ended_at=NOW - timedelta(days=1))
    Recording.objects.filter(pk=nobodys.pk).update(wearer=None)
    return {
        "/deletions": f"/deletions/{gone.pk}",
        "/holds": hold.reference,
        "/unassigned": f"/unassigned/{nobodys.pk}",
    }


def test_a_manager_of_that_unit_sees_them_wherever_they_belong(
    pages: Pages, lists: dict[str, str]
) -> None:
    browser = pages.browser(manager_of("LAM", home="LSH"))
    for path, shown in lists.items():
        assert shown in browser.get(path).content.decode(), path
    assert browser.get(lists["/deletions"]).status_code == 200
    answer = browser.post(lists["/unassigned"], {"collar_number": "614LX", "reason": "roster"})
    assert answer.status_code == 302


def test_a_camera_docked_elsewhere_waits_where_it_belongs(pages: Pages) -> None:
    """Only there can its wearer be named; a form that is always refused helps nobody."""
    nobodys = pages.world.record(ended_at=NOW - timedelta(days=1))
    elsewhere = Station.objects.create(
        code="LSH1", name="Lewisham", unit=Unit.objects.get(code="LSH")
    )
    Recording.objects.filter(pk=nobodys.pk).update(wearer=None, station=elsewhere)
    for officer, shown in ((pages.world.sergeant, True), (manager_of("LSH", home="LSH"), False)):
        page = pages.browser(officer).get("/unassigned").content.decode()
        assert (f"/unassigned/{nobodys.pk}" in page) is shown, officer


def test_a_manager_of_another_unit_sees_none_of_them(
    pages: Pages, lists: dict[str, str], hold: Hold
) -> None:
    browser = pages.browser(manager_of("LSH", home="LAM"))
    for path, hidden in lists.items():
        answer = browser.get(path)
        assert answer.status_code == 200
        assert hidden not in answer.content.decode(), path
    assert "No hold stands" in browser.get("/holds").content.decode()
    assert browser.get(lists["/deletions"]).status_code == 404
    assert browser.post(lists["/unassigned"], {"collar_number": "614LX"}).status_code == 403
    assert browser.post(f"/holds/{hold.pk}/lift", {"reason": "not theirs"}).status_code == 403
    hold.refresh_from_db()
    assert hold.lifted_at is None
