"""Units and stations are registered once, by who may, with their days."""

from datetime import date
from functools import partial

import pytest
from tests.integration.force.made_up import AT, SETUP, Force, acts

from fairwitness.errors import FairwitnessError
from fairwitness.force import stations, units
from fairwitness.force.asking import NotAllowed
from fairwitness.force.models import Station, Unit, UnitKind
from fairwitness.force.stations import NewStation, StationInvalid
from fairwitness.force.units import NewUnit, UnitInvalid


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (NewUnit("LAM", "Another Lambeth", UnitKind.BOROUGH), "unit.taken"),
        (NewUnit("LBT", "Lambeth", UnitKind.BOROUGH), "unit.taken"),
        (NewUnit("lbt", "Lower", UnitKind.BOROUGH), "unit.invalid"),
        (NewUnit("LBT", " ", UnitKind.BOROUGH), "unit.invalid"),
        (NewUnit("HCK", "Hackney Wick", UnitKind.BOROUGH), "unit.invalid"),
    ],
)
def test_one_wrong_unit_of_a_list_stops_all(force: Force, wrong: NewUnit, code: str) -> None:
    fine = NewUnit("HCK", "Hackney", UnitKind.BOROUGH)
    with pytest.raises(UnitInvalid) as refused:
        units.register_many(actor=force.administrator, units=[fine, wrong], at=AT)
    assert refused.value.stable_code == code
    assert not Unit.objects.filter(code="HCK").exists()


def test_registering_needs_an_administrator(force: Force) -> None:
    with pytest.raises(NotAllowed):
        units.register(actor=force.manager, unit=NewUnit("HCK", "Hackney", UnitKind.BOROUGH), at=AT)
    with pytest.raises(NotAllowed):
        stations.register(
            actor=force.manager, station=NewStation("LAM2", "Kennington", "LAM"), at=AT
        )
    assert not Unit.objects.filter(code="HCK").exists()
    assert not Station.objects.filter(code="LAM2").exists()
    assert acts("force")[-2:] == ["access.refused", "access.refused"]


def test_a_plan_is_kept_and_logged(force: Force) -> None:
    plan = partial(
        units.plan,
        unit=force.lambeth,
        cameras=420,
        first_on=date(2016, 10, 24),
        actor=force.administrator,
        at=AT,
    )
    plan()
    kept = units.named("lam")
    assert (kept.planned_cameras, kept.planned_on) == (420, date(2016, 10, 24))
    assert acts("unit:LAM") == ["unit.registered", "unit.changed"]
    with pytest.raises(UnitInvalid, match="planned already"):
        plan()


@pytest.mark.parametrize("cameras", [-1, units.MOST_PLANNED + 1])
def test_a_plan_out_of_range_changes_nothing(force: Force, cameras: int) -> None:
    with pytest.raises(UnitInvalid) as refused:
        units.plan(
            unit=force.lambeth, cameras=cameras, first_on=None, actor=force.administrator, at=AT
        )
    assert refused.value.stable_code == "unit.plan"
    assert acts("unit:LAM") == ["unit.registered"]


def test_only_administrators_plan(force: Force) -> None:
    with pytest.raises(NotAllowed):
        units.plan(unit=force.lambeth, cameras=3, first_on=None, actor=force.manager, at=AT)
    assert acts("unit:LAM") == ["unit.registered", "access.refused"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (NewStation("LAM1", "Again", "LAM"), "station.taken"),
        (NewStation("lam2", "Lower", "LAM"), "station.invalid"),
        (NewStation("ZZZ1", "Nowhere", "ZZZ"), "unit.unknown"),
        (NewStation("LSH1", "Twice", "LSH"), "station.taken"),
    ],
)
def test_one_wrong_station_of_a_list_stops_all(force: Force, wrong: NewStation, code: str) -> None:
    fine = NewStation("LSH1", "Lewisham police station", "LSH")
    with pytest.raises(FairwitnessError) as refused:
        stations.register_many(actor=force.administrator, stations=[fine, wrong], at=AT)
    assert refused.value.stable_code == code
    assert Station.objects.count() == 1


@pytest.mark.usefixtures("force")
def test_unknown_codes_are_told() -> None:
    with pytest.raises(UnitInvalid, match="ZZZ"):
        units.named("ZZZ")
    with pytest.raises(StationInvalid, match="ZZZ1"):
        stations.named("ZZZ1")
    assert stations.named("lam1").name == "Brixton police station"


@pytest.mark.usefixtures("db")
def test_the_deployment_itself_may_set_up_a_force() -> None:
    row = units.register(actor=SETUP, unit=NewUnit("HCK", "Hackney", UnitKind.BOROUGH), at=AT)
    assert acts(f"unit:{row.code}") == ["unit.registered"]
