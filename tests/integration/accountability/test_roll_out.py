"""The roll-out, from the rows: the Met of August 2017, as the ready data plans it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fairwitness.accountability import roll_out
from fairwitness.evidence import columns
from fairwitness.force import ready_data
from fairwitness.force.authority import System
from fairwitness.force.models import Camera, CameraStatus, Issue, Mount, Officer, Profile, Unit
from fairwitness.web import roll_out as page

AT = datetime(2017, 8, 31, 12, tzinfo=UTC)
PART = {
    "ENF": 339,
    "HDN": 257,
    "HVG": 228,
    "BAR": 237,
    "RCH": 132,
    "BXL": 254,
    "MRT": 188,
    "BRM": 215,
    "FRM": 420,
    "RTP": 490,
    "TSG": 300,
    "DSU": 96,
    "CTY": 0,
}
"""As in the look: what the units that had begun and were not done had; the rest had all."""


@pytest.fixture
def met(db: None) -> None:  # noqa: ARG001 - asks for the database
    ready = ready_data.read("met")
    ready_data.load_units(ready=ready, actor=System("test"), at=datetime(2016, 10, 1, tzinfo=UTC))
    unit = Unit.objects.get(code="LAM")
    wearer = Officer.objects.create(
        collar_number="1LX", name="Kit Moss", initials="KM", unit=unit, joined_at=AT
    )
    cameras, issues = [], []
    for row in Unit.objects.exclude(actual_on=None):
        assert row.actual_on is not None
        begins = datetime.combine(row.actual_on, time(9), tzinfo=UTC)
        for number in range(PART.get(row.code, row.planned_cameras)):
            camera = Camera(
                serial=f"{row.code}{number}",
                keyid=f"{row.code}{number}",
                profile=Profile.BODY2,
                mount=Mount.CHEST,
                unit=row,
                status=CameraStatus.APPROVED,
                requested_at=begins,
                approved_at=begins,
            )
            cameras.append(camera)
            issues.append(Issue(camera=camera, officer=wearer, begins_at=begins))
    columns.insert(cameras)
    columns.insert(issues)


@pytest.mark.usefixtures("met")
def test_the_met_of_august_2017() -> None:
    with CaptureQueriesContext(connection) as seen:
        counted = roll_out.count(at=AT)
    assert len(seen) == 2
    assert counted.planned == 22_000
    assert counted.issued == Camera.objects.count()
    assert (counted.boroughs_begun, len(counted.boroughs)) == (30, 32)
    late = {unit.code: unit.late_days for unit in counted.late}
    assert late == {"RCH": 21, "BRM": 9, "KNG": 6, "STN": 6}
    due = [unit.planned_on is not None and unit.planned_on <= AT.date() for unit in counted.units]
    behind = [unit.share for unit, is_due in zip(counted.units, due, strict=True) if is_due]
    assert behind == sorted(behind)
    drawn = page.tile_map(counted)
    assert drawn is not None
    assert (len(drawn.tiles), drawn.full, drawn.part, drawn.none) == (32, 22, 8, 2)
    assert len({(tile.row, tile.column) for tile in drawn.tiles}) == 32


@pytest.mark.usefixtures("met")
def test_months_run_on_and_what_is_to_come_is_planned_alone() -> None:
    months = {month.first: month for month in roll_out.count(at=AT).months}
    assert min(months) == date(2016, 10, 1)
    assert max(months) == date(2017, 10, 1)
    assert len(months) == 13
    assert months[date(2016, 10, 1)].issued == 660 + 860 + 1100
    assert months[date(2017, 8, 1)].issued == Camera.objects.count()
    assert months[date(2017, 9, 1)].issued is None
    assert months[date(2017, 10, 1)].planned == 22_000


@pytest.mark.usefixtures("met")
def test_a_camera_counts_once_from_its_first_issue_and_not_when_it_is_gone() -> None:
    before = roll_out.count(at=AT).issued
    again = Camera.objects.get(serial="LAM0")
    Issue.objects.filter(camera=again).update(ends_at=AT - timedelta(days=9))
    Issue.objects.create(camera=again, officer=Officer.objects.get(), begins_at=AT)
    assert roll_out.count(at=AT).issued == before
    Camera.objects.filter(serial="LAM1").update(status=CameraStatus.LOST)
    assert roll_out.count(at=AT).issued == before - 1
    assert roll_out.count(at=datetime(2016, 10, 1, tzinfo=UTC)).issued == 0


@pytest.mark.usefixtures("met")
def test_a_units_first_day_is_that_of_its_first_issue_when_none_was_registered() -> None:
    Unit.objects.filter(code="ENF").update(actual_on=None, planned_on=date(2017, 8, 1))
    issued = {unit.code: unit for unit in roll_out.count(at=AT).units}
    first = Issue.objects.filter(camera__unit__code="ENF").earliest("begins_at")
    assert issued["ENF"].actual_on == first.begins_at.date()
    Unit.objects.filter(code="STN").update(planned_on=date(2017, 8, 1))
    late = {unit.code: unit.late_days for unit in roll_out.count(at=AT).late}
    assert late["STN"] == 30
    Unit.objects.filter(code="KNG").update(planned_on=date(2017, 12, 1))
    order = [unit.code for unit in roll_out.count(at=AT).units]
    assert order.index("STN") < order.index("KNG"), "what is not due yet comes after what is"


def test_a_force_without_units_has_none(db: None) -> None:  # noqa: ARG001 - asks for the database
    counted = roll_out.count(at=AT)
    assert (counted.units, counted.months, page.tile_map(counted)) == ((), (), None)
