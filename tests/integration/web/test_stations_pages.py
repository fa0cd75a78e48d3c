"""A station's pages: what is there, who changes it, and a search that begins at it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages
from tests.integration.web.test_force_people_pages import admin as admin  # noqa: PLC0414 - a fixture
from tests.integration.web.test_force_people_pages import dock as dock  # noqa: PLC0414 - another
from tests.integration.web.test_force_people_pages import told
from tests.integration.web.test_search import searches
from tests.integration.web.test_search_by_place import walked as walked  # noqa: PLC0414 - another
from tests.retention_world import SETUP, acts

from fairwitness.force import coordinates, issue, officers, stations
from fairwitness.force.asking import Role
from fairwitness.force.models import Camera, Dock, EnrolmentStatus, Officer, Station
from fairwitness.force.officers import NewOfficer

QUERIES = 16


def placed(where: str = "51.4960, -0.1176") -> None:
    """Say that Brixton's station is about 90 m from where the walk begins."""
    place = coordinates.read(where)
    Station.objects.filter(code="LAM1").update(latitude=place.latitude, longitude=place.longitude)


def test_a_station_shows_its_docks_cameras_and_who_has_them(pages: Pages, dock: Dock) -> None:
    now = datetime.now(UTC)
    told(dock, at=now)
    issue.issue_camera(
        camera=pages.world.camera, officer=pages.world.ada, actor=pages.world.manager, at=now
    )
    browser = pages.browser(pages.world.sergeant)
    listed = browser.get("/force/stations").content.decode()
    assert '<a href="/force/stations/LAM1">Brixton</a>' in listed
    assert "No station. Widen" in browser.get("/force/stations?state=closed").content.decode()
    with CaptureQueriesContext(connection) as caught:
        said = browser.get("/force/stations/LAM1").content.decode()
    assert len(caught) <= QUERIES
    assert f'<a href="/force/docks/{dock.pk}">D-0007</a>' in said
    assert "D-0007, bay 1" in said
    assert "2 of 3 in use" in said
    assert "PC Ada Whitlock, 614LX</a></th><td>00417" in said
    assert "Recordings made within" not in said
    assert "Close it" not in said
    placed()
    said = browser.get("/force/stations/LAM1").content.decode()
    assert "/search?around=LAM1&amp;radius=500" in said


def test_of_another_units_camera_it_shows_that_it_hung_there_alone(
    pages: Pages, dock: Dock
) -> None:
    now, world = datetime.now(UTC), pages.world
    told(dock, at=now)
    issue.issue_camera(camera=world.camera, officer=world.ada, actor=world.manager, at=now)
    Camera.objects.filter(pk=world.camera.pk).update(unit=world.second_manager.unit)
    for who, knows in ((world.sergeant, False), (world.manager, True)):
        said = pages.browser(who).get("/force/stations/LAM1").content.decode()
        assert "00417" in said
        assert ("PC Ada Whitlock, 614LX" in said) is knows
        assert (f"/force/cameras/{world.camera.pk}" in said) is knows


def test_more_docks_cost_no_more_queries(pages: Pages, dock: Dock) -> None:
    browser, counts = pages.browser(pages.world.manager), []
    told(dock, at=datetime.now(UTC))
    for more in (20, 0):
        with CaptureQueriesContext(connection) as caught:
            browser.get("/force/stations/LAM1")
        counts.append(len(caught))
        Dock.objects.bulk_create(
            Dock(
                serial=f"D-1{number:03}",
                keyid=f"key {number}",
                station=dock.station,
                status=EnrolmentStatus.APPROVED,
                approved_at=dock.approved_at,
                requested_at=dock.requested_at,
            )
            for number in range(more)
        )
    assert counts[0] == counts[1]


def test_an_administrator_registers_places_closes_and_opens_one(
    pages: Pages, admin: Officer
) -> None:
    browser = pages.browser(admin)
    new = {"code": "lam9", "name": "Stockwell", "unit": "LAM", "address": "", "place": "here"}
    wrong = browser.post("/force/stations/new", new)
    assert wrong.status_code == 400
    assert "latitude and longitude: 51.49520" in wrong.content.decode()
    assert 'value="Stockwell"' in wrong.content.decode()
    done = browser.post("/force/stations/new", {**new, "place": "51.4720, -0.1230"})
    assert done["Location"] == "/force/stations/LAM9"
    assert "Stockwell is registered." in browser.get(done["Location"]).content.decode()
    form = browser.get("/force/stations/LAM9/change").content.decode()
    assert 'value="51.47200, -0.12300"' in form
    said = {"name": "Stockwell Road", "address": "1 Stockwell Road", "place": ""}
    assert browser.post("/force/stations/LAM9/change", said).status_code == 302
    assert browser.post("/force/stations/LAM9/change", said).status_code == 400
    assert browser.post("/force/stations/LAM9/close", {"reason": ""}).status_code == 400
    assert browser.post("/force/stations/LAM9/close", {"reason": "sold"}).status_code == 302
    shown = browser.get("/force/stations/LAM9").content.decode()
    assert "Stockwell Road is closed." in shown
    assert "Closed since" in shown
    assert "LAM9" in browser.get("/force/stations?state=closed").content.decode()
    assert browser.post("/force/stations/LAM9/open", {"reason": "kept"}).status_code == 302
    written = acts("station:LAM9")
    assert written == ["station.registered", *["station.changed"] * 3]


def test_an_administrator_of_one_unit_changes_its_stations_alone(pages: Pages) -> None:
    theirs = officers.register_officer(
        actor=SETUP,
        officer=NewOfficer("5002", "Lee Ann", "LA", "LSH", "", (Role.ADMINISTRATOR,), ()),
        at=datetime.now(UTC) - timedelta(days=1),
    )
    browser = pages.browser(theirs)
    assert browser.get("/force/stations/LAM1/change").status_code == 403
    assert browser.post("/force/stations/LAM1/close", {"reason": "sold"}).status_code == 403
    new = {"code": "LAM9", "name": "Stockwell", "unit": "LAM"}
    assert browser.post("/force/stations/new", new).status_code == 400
    assert "Lambeth" not in browser.get("/force/stations/new").content.decode()
    assert browser.post("/force/stations/new", {**new, "unit": "LSH"}).status_code == 302
    assert stations.named("LAM9").unit.code == "LSH"


def test_a_search_begins_at_a_station_without_anybodys_whereabouts(walked: Pages) -> None:
    browser = walked.browser(walked.world.manager)
    assert "around a station" not in browser.get("/search").content.decode()
    placed()
    page = browser.get("/search?around=lam1&radius=500").content.decode()
    assert str(walked.recording.pk) in page
    assert '<option value="LAM1" selected>Brixton</option>' in page
    assert "within about 500 m of Brixton" in page
    (entry,) = searches(walked.world.manager)
    assert entry.body is not None
    assert (entry.body.detail["around"], entry.body.detail["radius"]) == ("LAM1", "500")
    placed("51.6000, -0.3000")
    page = browser.get("/search?around=LAM1&radius=500").content.decode()
    assert str(walked.recording.pk) not in page


@pytest.mark.parametrize("query", ["around=LAM1", "around=NONE", "around=LAM1&radius=1000"])
def test_a_station_whose_place_nobody_gave_finds_nothing(walked: Pages, query: str) -> None:
    answer = walked.browser(walked.world.manager).get(f"/search?{query}")
    assert answer.status_code == 200
    assert "Nothing that you may see matches" in answer.content.decode()


def test_a_place_and_a_station_at_once_are_no_search(walked: Pages) -> None:
    query = "around=LAM1&place=51.4952,-0.1176"
    answer = walked.browser(walked.world.manager).get(f"/search?{query}")
    assert answer.status_code == 400
    assert "not both" in answer.content.decode()


def test_what_one_may_not_see_no_station_shows(walked: Pages) -> None:
    placed()
    for who, sees in (("wearer", True), ("manager", True), ("colleague", False)):
        browser = walked.browser(walked.people[who])
        page = browser.get("/search?around=LAM1&radius=500").content.decode()
        assert (str(walked.recording.pk) in page) is sees
