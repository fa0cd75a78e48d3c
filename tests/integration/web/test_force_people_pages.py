"""Officers, units, docks and settings: lists, pages, and what administrators change there."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages
from tests.integration.web.test_force_pages import ADDRESSES
from tests.retention_world import SETUP, acts

from fairwitness.custody import ledger
from fairwitness.force import bays, issue, officers
from fairwitness.force.asking import Role
from fairwitness.force.models import (
    Camera,
    CameraSettings,
    Dock,
    EnrolmentStatus,
    Issue,
    Officer,
    RoleGrant,
    Unit,
)
from fairwitness.force.officers import NewOfficer
from fairwitness.formats.bay_board import BayBoard, BayTold
from fairwitness.web import force_urls

NOBODYS = UUID(int=1)
QUERIES = 26
LISTS = ("/force/officers", "/force/units", "/force/docks", "/force/stations", "/force/settings")


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def admin(pages: Pages) -> Officer:
    new = NewOfficer("5001", "Ann Lee", "AL", "LAM", "", (), (Role.ADMINISTRATOR,))
    assert pages.world.camera.unit is not None
    return officers.register_officer(actor=SETUP, officer=new, at=now() - timedelta(days=1))


@pytest.fixture
def dock(pages: Pages) -> Dock:
    return Dock.objects.create(
        serial="D-0007",
        keyid="k",
        station=pages.world.camera.station,
        status=EnrolmentStatus.APPROVED,
        approved_at=now() - timedelta(days=9),
        requested_at=now() - timedelta(days=9),
    )


def told(dock: Dock, *, at: datetime) -> None:
    board = BayBoard(
        bays=(
            BayTold(
                bay=1,
                doing="uploading",
                light="blinking yellow",
                camera="00417",
                docked_at=at,
                recordings_left=2,
                bytes_owed=1_200_000,
                seconds_left=90,
                firmware="1.1",
                battery_percent=64,
            ),
            BayTold(bay=2, doing="failed", light="blinking red", camera="volume <b>x"),
            BayTold(bay=3, doing="empty", light="off"),
        )
    )
    bays.note(dock=dock, board=board, at=at)


def addresses(pages: Pages, dock: Dock) -> dict[str, tuple[str, str, str]]:
    """Each address, with its methods and who may: people who see the force, or administrators."""
    ada = pages.world.ada.pk
    return {
        "force-officers": ("/force/officers", "read", "force"),
        "force-officer": (f"/force/officers/{ada}", "read", "force"),
        "force-units": ("/force/units", "read", "force"),
        "force-unit": ("/force/units/LAM", "read", "force"),
        "force-unit-plan": ("/force/units/lam/plan", "both", "admin"),
        "force-docks": ("/force/docks", "read", "force"),
        "force-dock": (f"/force/docks/{dock.pk}", "read", "force"),
        "force-settings": ("/force/settings", "read", "force"),
        "force-settings-change": ("/force/settings/body2", "both", "manager"),
        "force-settings-unit": ("/force/settings/body2/lam", "both", "manager"),
        "force-settings-follow": ("/force/settings/body2/LAM/follow", "post", "manager"),
        "force-stations": ("/force/stations", "read", "force"),
        "force-station": ("/force/stations/LAM1", "read", "force"),
        "force-station-new": ("/force/stations/new", "both", "admin"),
        "force-station-change": ("/force/stations/lam1/change", "both", "admin"),
        "force-station-close": ("/force/stations/LAM1/close", "post", "admin"),
        "force-station-open": ("/force/stations/LAM1/open", "post", "admin"),
        "force-officer-new": ("/force/officers/new", "both", "admin"),
        "force-officer-change": (f"/force/officers/{ada}/change", "post", "admin"),
        "force-officer-move": (f"/force/officers/{ada}/move", "post", "admin"),
        "force-officer-leave": (f"/force/officers/{ada}/leave", "both", "admin"),
        "force-role-grant": (f"/force/officers/{ada}/roles", "post", "admin"),
        "force-role-end": (f"/force/officers/{ada}/roles/{NOBODYS}/end", "post", "admin"),
    }


METHODS = {"read": {"get", "head"}, "both": {"get", "head", "post"}, "post": {"post"}}


def test_each_address_is_asked_the_same_questions(pages: Pages, dock: Dock, admin: Officer) -> None:
    works = {"force": pages.world.sergeant, "manager": pages.world.manager, "admin": admin}
    wrong = {"force": pages.world.dev, "manager": pages.world.sergeant, "admin": pages.world.dev}
    for name, (path, kind, who) in addresses(pages, dock).items():
        methods = METHODS[kind]
        if "get" in methods:
            answer = pages.browser(works[who]).get(path)
            assert (answer.status_code, b"<main" in answer.content) == (200, True), name
        for method in ("get", "head", "post", "put", "patch", "delete"):
            answer = getattr(pages.browser(admin), method)(path)
            assert (answer.status_code == 405) == (method not in methods), (name, method)
        for method in methods:
            answer = getattr(pages.browser(None), method)(path)
            assert answer["Location"].startswith("/sign-in?next="), name
        for method in methods - {"head"}:
            answer = getattr(pages.browser(wrong[who]), method)(path)
            assert answer.status_code == 403, (name, method)
            assert b"Go back" in answer.content
            last = ledger.search(actor=f"officer:{wrong[who].pk}", limit=1)[0]
            assert last.entry.act == "access.refused", name


def test_another_units_records_are_refused(pages: Pages, dock: Dock) -> None:
    sergeant = pages.browser(pages.world.sergeant)
    assert sergeant.get(f"/force/officers/{pages.world.standards.pk}").status_code == 403
    assert sergeant.get("/force/units/LSH").status_code == 403
    assert sergeant.get("/force/units/LSH/plan").status_code == 403
    assert sergeant.get("/force/units/nowhere").status_code == 403
    assert b"Lewisham" not in sergeant.get("/force/units").content
    assert b", 4103<" not in sergeant.get("/force/officers").content
    assert pages.world.camera.station is not None
    pages.world.camera.station.unit = Unit.objects.get(code="LSH")
    pages.world.camera.station.save()
    assert sergeant.get(f"/force/docks/{dock.pk}").status_code == 403
    assert sergeant.get("/force/stations/LAM1").status_code == 403
    assert sergeant.get("/force/stations/nowhere").status_code == 403
    assert b"Brixton" not in sergeant.get("/force/stations").content
    assert b"D-0007" not in sergeant.get("/force/docks").content
    assert sergeant.get(f"/force/docks/{NOBODYS}").status_code == 403


def test_a_docks_page_does_not_say_who_holds_another_units_camera(pages: Pages, dock: Dock) -> None:
    issue.issue_camera(
        camera=pages.world.camera, officer=pages.world.ada, actor=pages.world.manager, at=now()
    )
    told(dock, at=now())
    sergeant = pages.browser(pages.world.sergeant)
    said = sergeant.get(f"/force/docks/{dock.pk}").content.decode()
    assert "614LX" in said
    pages.world.camera.unit = Unit.objects.get(code="LSH")
    pages.world.camera.save()
    said = sergeant.get(f"/force/docks/{dock.pk}").content.decode()
    assert "00417" in said, "what hangs in the bay is seen by whoever stands there"
    assert "614LX" not in said
    assert f"/force/cameras/{pages.world.camera.pk}" not in said
    everywhere = pages.browser(pages.world.manager).get(f"/force/docks/{dock.pk}")
    assert "614LX" in everywhere.content.decode()


def test_officers_are_found_by_number_name_role_and_unit(pages: Pages) -> None:
    browser = pages.browser(pages.world.manager)

    def found(asked: str) -> str:
        return str(browser.get(f"/force/officers?{asked}").content.decode())

    assert "Ada Whitlock, 614LX" in found("words=614lx")
    assert "Ada Whitlock" in found("words=whitlock")
    assert "Dev Anand" not in found("words=whitlock")
    assert "Jo Hale" in found("role=supervisor")
    assert "Ada Whitlock" not in found("role=supervisor")
    assert "Ada Whitlock" not in found("unit=LSH")
    assert "Nobody. Widen the filter" in found("left=yes")
    assert "Dev Anand" not in found("after=702LX")


def test_an_officers_page_shows_cameras_and_roles(pages: Pages) -> None:
    issue.issue_camera(
        camera=pages.world.camera, officer=pages.world.ada, actor=pages.world.manager, at=now()
    )
    shown = pages.browser(pages.world.sergeant).get(f"/force/officers/{pages.world.ada.pk}")
    said = shown.content.decode()
    assert "00417</a>" in said
    assert "has it" in said
    assert "Lambeth" in said
    assert "Grant a role" not in said


def post(browser: Client, path: str, **said: str) -> tuple[int, str]:
    """Do it; the answer and what the next page says."""
    answer = browser.post(path, said)
    leads = answer.get("Location", "")
    shown = browser.get(leads) if leads else answer
    return answer.status_code, shown.content.decode()


def test_somebody_joins_moves_is_corrected_gets_a_role_and_leaves(
    pages: Pages, admin: Officer
) -> None:
    browser = pages.browser(admin)
    new = {
        "collar_number": "777lx",
        "name": "Noor Aziz",
        "rank": "PC",
        "initials": "na",
        "unit": "LAM",
        "role": "officer",
    }
    assert post(browser, "/force/officers/new", **{**new, "initials": "7"})[0] == 400
    assert post(browser, "/force/officers/new", **{**new, "role": "king"})[0] == 400
    status, said = post(browser, "/force/officers/new", **new)
    assert status == 302
    assert "PC Noor Aziz (777LX) is registered." in said
    noor = Officer.objects.get(collar_number="777LX")
    page = f"/force/officers/{noor.pk}"
    assert post(browser, f"{page}/change", name="Noor Azizi", rank="Sgt", initials="NA")[0] == 302
    assert post(browser, f"{page}/change", name="Noor Azizi", rank="Sgt", initials="NA")[0] == 400
    status, said = post(browser, f"{page}/roles", role="supervisor", unit="LAM")
    assert "supervisor for Lambeth." in said
    assert post(browser, f"{page}/roles", role="auditor", unit="", until="yesterday")[0] == 400
    post(browser, f"{page}/roles", role="auditor", unit="", until="2099-01-31")
    auditor = RoleGrant.objects.get(officer=noor, role="auditor")
    assert auditor.ends_at == datetime(2099, 2, 1, tzinfo=UTC)
    _, said = post(browser, f"{page}/roles/{auditor.pk}/end")
    assert "is auditor no more" in said
    status, said = post(browser, f"{page}/move", unit="LSH")
    assert "is with Lewisham now" in said
    assert not RoleGrant.objects.filter(officer=noor, unit__code="LAM", ends_at=None).exists()
    issue.issue_camera(camera=pages.world.camera, officer=noor, actor=pages.world.manager, at=now())
    asked = browser.get(f"{page}/leave").content.decode()
    assert "Camera 00417 counts as returned." in asked
    assert "These roles end: officer." in asked
    assert post(browser, f"{page}/leave", reason="retires")[0] == 400
    assert post(browser, f"{page}/leave", reason="retires", sure="yes")[0] == 302
    noor.refresh_from_db()
    assert (noor.active, Issue.objects.get().ends_at is None) == (False, False)
    assert acts(f"officer:{noor.pk}") == [
        "officer.registered",
        "officer.changed",
        "role.granted",
        "role.granted",
        "role.ended",
        "officer.changed",
        "officer.deactivated",
    ]
    assert "closed already" in browser.get(f"{page}/leave").content.decode()


def test_nobody_changes_oneself(pages: Pages, admin: Officer) -> None:
    browser, page = pages.browser(admin), f"/force/officers/{admin.pk}"
    assert browser.post(f"{page}/roles", {"role": "auditor", "unit": ""}).status_code == 403
    assert browser.post(f"{page}/move", {"unit": "LSH"}).status_code == 403
    assert browser.get(f"{page}/leave").status_code == 403
    assert "Grant a role" not in browser.get(page).content.decode()


def test_a_dock_tells_its_bays_and_a_silent_one_is_flagged(pages: Pages, dock: Dock) -> None:
    browser = pages.browser(pages.world.sergeant)
    path = f"/force/docks/{dock.pk}"
    assert "It has told nothing of its bays yet." in browser.get(path).content.decode()
    told(dock, at=now())
    shown = browser.get(path).content.decode()
    assert "Uploading, leave it in" in shown
    assert "2, 1 MB" in shown
    assert "about 2 minutes" in shown
    assert "volume &lt;b&gt;x" in shown
    assert "Silent" not in shown
    listed = browser.get("/force/docks").content.decode()
    assert "2 of 3" in listed
    assert "D-0007" not in browser.get("/force/docks?state=silent").content.decode()
    camera = browser.get(f"/force/cameras/{pages.world.camera.pk}").content.decode()
    assert "Dock D-0007 said on" in camera
    assert "2 recordings were still on it, 1 MB to send." in camera
    told(dock, at=now() - timedelta(hours=2))
    shown = browser.get(path).content.decode()
    assert "This dock has told nothing since" in shown
    assert "D-0007" in browser.get("/force/docks?state=silent").content.decode()


def change(**said: str) -> dict[str, str]:
    usual = {"buffer_seconds": "60", "quality": "1080p", "beeps": "yes", "firmware": "1.2"}
    usual |= {"battery_percent": "80", "charge_minutes": "240", "reason": "winter"}
    return {**usual, **said}


def test_settings_are_shown_before_they_are_decided(pages: Pages) -> None:
    browser, path = pages.browser(pages.world.manager), "/force/settings/body2"
    asked = browser.post(path, change()).content.decode()
    assert "Is this right?" in asked
    assert "1 camera of this kind gets it" in asked
    assert not CameraSettings.objects.exists()
    status, said = post(browser, path, **change(confirmed="yes", over="0"))
    assert status == 302
    assert "Version 1 is decided. Each camera gets it at its next docking." in said
    assert "Wait for their docking" in said
    row = CameraSettings.objects.get()
    assert (row.settings["buffer_seconds"], row.settings["beeps"]) == (60, True)
    assert (row.settings["vibration"], row.decided_by) == (False, pages.world.manager)
    assert acts("camera_settings:body2") == ["camera.settings_changed"]
    assert browser.post(path, change()).status_code == 400, "nothing would change"
    assert browser.post(path, change(confirmed="yes", over="0")).status_code == 400
    page = browser.get(f"/force/cameras/{pages.world.camera.pk}").content.decode()
    assert "not docked yet; version 1 waits" in page
    Camera.objects.update(last_docked_at=now())
    page = browser.get(f"/force/cameras/{pages.world.camera.pk}").content.decode()
    assert "<dt>Settings</dt><dd>version 1</dd>".replace(" ", "") in page.replace(" ", "")


@pytest.mark.parametrize(
    "said",
    [
        {"buffer_seconds": "31"},
        {"buffer_seconds": "x"},
        {"quality": "great"},
        {"battery_percent": "101"},
        {"charge_minutes": "-1"},
        {"reason": " "},
    ],
)
def test_settings_that_no_camera_can_have_are_refused(pages: Pages, said: dict[str, str]) -> None:
    browser = pages.browser(pages.world.manager)
    for confirmed in ({}, {"confirmed": "yes", "over": "0"}):
        answer = browser.post("/force/settings/body2", change(**said, **confirmed))
        assert answer.status_code == 400
    assert not CameraSettings.objects.exists()
    assert browser.get("/force/settings/toaster").status_code == 403


def test_a_unit_is_given_its_own_settings_and_follows_the_force_again(pages: Pages) -> None:
    browser, path = pages.browser(pages.world.manager), "/force/settings/body2"
    post(browser, path, **change(confirmed="yes", over="0"))
    assert "Give it its own" in browser.get("/force/settings").content.decode()
    assert "Lambeth has what the force decided." in browser.get(f"{path}/LAM").content.decode()
    asked = browser.post(f"{path}/LAM", change(quality="480p")).content.decode()
    assert "Body 2 (chest) of Lambeth: version 2" in asked
    assert "1 camera of this kind gets it" in asked
    assert "until the unit gives its own up" in asked
    said = change(quality="480p", confirmed="yes", over="1")
    assert post(browser, f"{path}/LAM", **said)[0] == 302
    shown = browser.get("/force/settings").content.decode()
    assert 'Version 2 <span class="tag">Its own</span>' in shown
    camera = f"/force/cameras/{pages.world.camera.pk}"
    assert "version 2, Lambeth’s own waits" in browser.get(camera).content.decode()
    asked = browser.post(path, change(quality="720p-low", reason="all")).content.decode()
    assert "0 cameras of this kind get it" in asked
    Camera.objects.update(last_docked_at=now())
    assert "version 2, Lambeth’s own</dd>" in browser.get(camera).content.decode()
    status, said_next = post(browser, f"{path}/LAM/follow", reason="the pilot is over")
    assert (status, "Lambeth follows the force again" in said_next) == (302, True)
    assert post(browser, f"{path}/LAM/follow", reason="again")[0] == 400
    shown = browser.get(camera).content.decode()
    assert "version 2, Lambeth’s own; version 1 waits for its next docking" in shown
    assert "Its own</span>" not in browser.get("/force/settings").content.decode()
    assert browser.get(f"{path}/nowhere").status_code == 403


@pytest.mark.parametrize("path", [*LISTS, "/force/units/LAM"])
def test_queries_do_not_grow_with_what_there_is(pages: Pages, dock: Dock, path: str) -> None:
    told(dock, at=now())
    browser = pages.browser(pages.world.manager)
    browser.get(path)
    with CaptureQueriesContext(connection) as few:
        browser.get(path)
    assert len(few) <= QUERIES
    for number in range(5):
        new = NewOfficer(f"9{number}LX", "Some Body", "SB", "LAM", "PC")
        officers.register_officer(actor=SETUP, officer=new, at=now())
        Dock.objects.create(
            serial=f"E-{number}",
            keyid=str(uuid4()),
            station=pages.world.camera.station,
            requested_at=now(),
        )
    with CaptureQueriesContext(connection) as many:
        browser.get(path)
    assert len(many) == len(few)


def test_every_address_of_the_force_is_asked(pages: Pages, dock: Dock) -> None:
    named = {pattern.name for pattern in force_urls.urlpatterns}
    cameras = {each.name for each in ADDRESSES}
    assert named == set(addresses(pages, dock)) | cameras
