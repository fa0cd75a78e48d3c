"""A made-up force stands on the domain's own rules, and is the same each time."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from fairwitness.accountability import roll_out
from fairwitness.custody import reading
from fairwitness.force import officers, ready_data, seed, trusted
from fairwitness.force.asking import Role
from fairwitness.force.models import Camera, Dock, Issue, Officer, Unit, UnitKind
from fairwitness.force.ready_data import ReadyDataUnknown
from fairwitness.force.seed import ForceExists
from fairwitness.formats.acts import Act

if TYPE_CHECKING:
    from fairwitness.formats.keys import SigningKey

NOW = datetime(2017, 8, 31, 12, tzinfo=UTC)


def test_the_ready_data_is_londons_roll_out() -> None:
    ready = ready_data.read("met")
    boroughs = [unit for unit in ready.units if unit.kind is UnitKind.BOROUGH]
    assert len(boroughs) == 32
    assert ready.units[0].code == "LSH"
    assert ready.units[0].actual_on == datetime(2016, 10, 17, tzinfo=UTC).date()
    by_mid_august = [
        unit for unit in boroughs if unit.actual_on and unit.actual_on.isoformat() < "2017-08-14"
    ]
    assert len(by_mid_august) == 30
    assert sum(unit.planned_cameras for unit in ready.units) == 22_000
    (armed,) = [unit for unit in ready.units if unit.code == seed.ARMED]
    assert armed.planned_cameras == 1_000
    assert {unit.code for unit in ready.units} == {each.unit for each in ready.stations}
    assert any("not history" in line for line in ready.about)


def test_other_ready_data_does_not_exist() -> None:
    with pytest.raises(ReadyDataUnknown):
        ready_data.read("gotham")


@pytest.mark.django_db
def test_a_seeded_force_is_whole_and_logged() -> None:
    kept: dict[str, SigningKey] = {}
    made = seed.seed(scale=0.002, at=NOW, keep_key=kept.__setitem__)
    assert (made.units, Unit.objects.count()) == (37, 37)
    assert made.officers == Officer.objects.count()
    assert made.cameras == Camera.objects.filter(status="approved").count()
    assert made.docks == Dock.objects.filter(status="approved").count()
    assert made.issued == Issue.objects.count()
    counts = reading.count_by_act()
    assert counts[Act.CAMERA_ISSUED] == made.issued
    assert counts[Act.OFFICER_REGISTERED] == made.officers
    assert Act.ACCESS_REFUSED not in counts
    assert {key.keyid for key in kept.values()} == {key.keyid for key in trusted.trusted_keys()}
    armed = Camera.objects.filter(unit__code=seed.ARMED)
    assert {camera.profile for camera in armed} == {"flex2"}
    assert not Camera.objects.filter(serial=seed.RESERVED_SERIAL).exists()
    assert not Issue.objects.filter(begins_at__gt=NOW).exists()
    manager = officers.facts(officer=officers.named("4101"), at=NOW)
    assert manager.force_wide == {Role.EVIDENCE_MANAGER}
    with pytest.raises(ForceExists):
        seed.seed(scale=0.002, at=NOW)


@pytest.mark.django_db
def test_years_later_the_roll_out_stands_where_it_stood_then() -> None:
    today = datetime(2026, 11, 28, 12, tzinfo=UTC)
    made = seed.seed(scale=0.005, at=today)
    counted = roll_out.count(at=today)
    assert (counted.boroughs_begun, len(counted.boroughs)) == (30, 32)
    assert counted.planned == pytest.approx(110, abs=2)
    assert counted.issued == made.issued
    assert 0.8 < counted.issued / counted.planned < 0.96
    still_to_come = {unit.code for unit in counted.units if not unit.issued}
    assert still_to_come == {"KNG", "STN", "AVP"}
    assert not {unit.code for unit in counted.late} & still_to_come
    first, last = (Issue.objects.order_by(by)[0].begins_at for by in ("begins_at", "-begins_at"))
    assert first.weekday() == 0, "Lewisham began on a Monday"
    assert today - timedelta(days=9) < last < today, "the armed units have just begun"


@pytest.mark.django_db
def test_the_same_force_has_the_same_people() -> None:
    def people() -> list[tuple[str, str, str]]:
        with transaction.atomic():
            point = transaction.savepoint()
            seed.seed(scale=0.001, at=NOW)
            found = list(Officer.objects.values_list("collar_number", "name", "unit__code"))
            transaction.savepoint_rollback(point)
        return found

    assert people() == people()
