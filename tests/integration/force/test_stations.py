"""Where a station is, that it closes, and what no database keeps of it."""

import threading

import pytest
from django.db import IntegrityError, transaction
from tests.at_once import at_once
from tests.integration.force.made_up import AT, SETUP, Force, acts, make_force

from fairwitness.custody import reading
from fairwitness.force import coordinates, enrolment, ready_data, stations
from fairwitness.force.asking import NotAllowed
from fairwitness.force.coordinates import Coordinates, PlaceInvalid
from fairwitness.force.enrolment import EnrolmentRefused
from fairwitness.force.enrolment_desk import Desk
from fairwitness.force.models import Dock, EnrolmentStatus, Station
from fairwitness.force.stations import Described, NewStation, StationInvalid
from fairwitness.formats.docking import DeviceKind

BRIXTON = Coordinates(514_655_000, -1_140_000)


@pytest.mark.parametrize("text", ["51.4655,-0.1140", " 51.46550, -0.11400 ", "51.4655 -0.114"])
def test_a_place_is_read_as_people_write_it(text: str) -> None:
    assert coordinates.read(text) == BRIXTON
    assert str(BRIXTON) == "51.46550, -0.11400"


@pytest.mark.parametrize("text", ["", "Brixton", "51.4655", "91, 0", "0, 181", "51,4655, -0,114"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(PlaceInvalid, match="latitude and longitude"):
        coordinates.read(text)


def test_a_stations_name_address_and_place_are_said_anew_and_logged(force: Force) -> None:
    said = Described(name=" Brixton ", address="367 Brixton Road", place=BRIXTON)
    row = stations.change(
        station=stations.named("LAM1"), said=said, actor=force.administrator, at=AT
    )
    row.refresh_from_db()
    assert (row.name, row.address, row.place) == ("Brixton", "367 Brixton Road", BRIXTON)
    entry = reading.history("station:LAM1")[-1]
    assert entry.entry.act == "station.changed"
    assert entry.body is not None
    assert entry.body.detail == {
        "name": "Brixton",
        "address": "367 Brixton Road",
        "place": "51.46550, -0.11400",
    }
    with pytest.raises(StationInvalid, match="Nothing would change"):
        stations.change(station=row, said=said, actor=force.administrator, at=AT)
    with pytest.raises(StationInvalid, match="has a name"):
        stations.change(station=row, said=Described(name=" "), actor=force.administrator, at=AT)
    assert acts("station:LAM1") == ["station.registered", "station.changed"]


def test_only_an_administrator_changes_or_closes_one(force: Force) -> None:
    row = stations.named("LAM1")
    mine = Described(name="Mine")
    with pytest.raises(NotAllowed):
        stations.change(station=row, said=mine, actor=force.manager, at=AT)
    for act in (stations.close, stations.reopen):
        with pytest.raises(NotAllowed):
            act(station=row, actor=force.manager, at=AT, reason="sold")
    assert acts("station:LAM1") == ["station.registered", *["access.refused"] * 3]


def test_a_station_closes_when_no_dock_stands_there_and_opens_again(force: Force) -> None:
    row = stations.named("LAM1")
    Dock.objects.all().delete()
    dock = Dock.objects.create(
        serial="D9",
        keyid="k9",
        station=row,
        status=EnrolmentStatus.APPROVED,
        requested_at=AT,
        approved_at=AT,
    )
    with pytest.raises(StationInvalid, match="Dock D9 stands there"):
        stations.close(station=row, actor=force.administrator, at=AT, reason="sold")
    dock.status, dock.revoked_at = EnrolmentStatus.REVOKED, AT
    dock.save()
    with pytest.raises(StationInvalid, match="Say why"):
        stations.close(station=row, actor=force.administrator, at=AT, reason=" ")
    closed = stations.close(station=row, actor=force.administrator, at=AT, reason="sold")
    assert closed.closed_at == AT
    with pytest.raises(StationInvalid, match="closed already"):
        stations.close(station=row, actor=force.administrator, at=AT, reason="sold")
    asks = force.request("D10", kind=DeviceKind.DOCK)
    with pytest.raises(EnrolmentRefused, match="no dock stands there"):
        enrolment.request_enrolment(envelope=asks, at=AT)
    stations.reopen(station=row, actor=force.administrator, at=AT, reason="not sold")
    with pytest.raises(StationInvalid, match="is open"):
        stations.reopen(station=row, actor=force.administrator, at=AT, reason="not sold")
    assert enrolment.request_enrolment(envelope=asks, at=AT).serial == "D10"
    written = acts("station:LAM1")
    assert written == ["station.registered", "station.changed", "station.changed"]


def test_a_declined_dock_does_not_ask_again_at_a_closed_station(force: Force) -> None:
    row = stations.named("LAM1")
    Dock.objects.all().delete()
    first = enrolment.request_enrolment(envelope=force.request("D10", kind=DeviceKind.DOCK), at=AT)
    enrolment.decline(device=first, officer=force.manager, at=AT, reason="not ours")
    stations.close(station=row, actor=force.administrator, at=AT, reason="sold")
    with pytest.raises(EnrolmentRefused, match="no dock stands there"):
        enrolment.request_enrolment(envelope=force.request("D10", kind=DeviceKind.DOCK), at=AT)


@pytest.mark.django_db(transaction=True)
def test_a_station_that_closes_while_a_dock_asks_sees_the_dock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The dock has been judged and is not written yet: closing waits for it, and loses."""
    force = make_force()
    Dock.objects.all().delete()
    row, raised, write = stations.named("LAM1"), list[Exception](), Desk.write

    def close() -> None:
        raised.extend(
            at_once(
                lambda: stations.close(station=row, actor=force.administrator, at=AT, reason="sold")
            )
        )

    closing = threading.Thread(target=close)

    def write_late(desk: Desk) -> None:
        closing.start()
        closing.join(1)  # time to close, if nothing keeps it back
        write(desk)

    monkeypatch.setattr(Desk, "write", write_late)
    enrolment.request_enrolment(envelope=force.request("D10", kind=DeviceKind.DOCK), at=AT)
    closing.join()
    assert [type(each) for each in raised] == [StationInvalid]
    assert stations.named("LAM1").closed_at is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(4))
def test_of_closing_a_station_and_a_dock_that_asks_there_one_loses(turn: int) -> None:
    force = make_force()
    Dock.objects.all().delete()
    row, asks = stations.named("LAM1"), force.request("D10", kind=DeviceKind.DOCK)
    both = [
        lambda: stations.close(station=row, actor=force.administrator, at=AT, reason="sold"),
        lambda: enrolment.request_enrolment(envelope=asks, at=AT),
    ]
    (lost,) = at_once(*(both if turn % 2 else both[::-1]))
    assert isinstance(lost, (StationInvalid, EnrolmentRefused))
    assert (stations.named("LAM1").closed_at is None) is Dock.objects.exists()


@pytest.mark.usefixtures("force")
@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(514_655_000, None), (None, -1_140_000), (900_000_001, 0), (0, -1_800_000_001)],
)
def test_the_database_keeps_no_half_place_and_none_off_the_earth(
    latitude: int | None, longitude: int | None
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Station.objects.filter(code="LAM1").update(latitude=latitude, longitude=longitude)


def test_ready_data_says_where_the_stations_of_boroughs_are(db: None) -> None:  # noqa: ARG001 - asks for the database
    ready_data.load_units(ready=ready_data.read("met"), actor=SETUP, at=AT)
    assert stations.named("LAM1").place == BRIXTON
    nowhere = Station.objects.filter(latitude__isnull=True)
    assert {row.unit.kind for row in nowhere.select_related("unit")} == {"command"}


def test_a_station_may_be_registered_with_its_place(force: Force) -> None:
    new = NewStation("LAM2", "Kennington", "LAM", "49 Kennington Road", BRIXTON)
    row = stations.register(actor=force.administrator, station=new, at=AT)
    assert (row.address, row.place) == ("49 Kennington Road", BRIXTON)
