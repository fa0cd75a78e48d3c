"""The search finds what a slow, plain filter finds, for each officer: no more, and no less."""

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from tests.retention_world import AT, SETUP, World

from fairwitness.accountability import finding, search, walking
from fairwitness.accountability.search import Sought
from fairwitness.config import composition
from fairwitness.evidence import annotations, cells, circle, places, words
from fairwitness.evidence.models import (
    AccessClass,
    Annotation,
    CircleMember,
    PlaceEpoch,
    PlaceMark,
    Provenance,
    Recording,
    Standing,
    State,
)
from fairwitness.force import authority, roles
from fairwitness.force.asking import Action, Allowed, Role
from fairwitness.force.models import Officer, Unit
from fairwitness.force.permissions import may

NOW = AT + timedelta(days=20)
LAMBETH = (514_952_000, -1_176_000)
INCIDENTS = ("", "", "CAD 1", "CAD 2", "CRIME 3/17")
CATEGORIES = ("", "stop-search", "burglary")
TEXTS = ("a red car at the café", "the RED door", "nothing to see", "Crème brûlée, 2nd floor")


def some_time(dice: random.Random, around: timedelta) -> datetime | None:
    """None, or a time on either side of now."""
    hours = around.total_seconds() / 3600
    return None if dice.random() < 0.5 else NOW + timedelta(hours=dice.uniform(-hours, hours) + 1)


def some_recording(
    dice: random.Random, number: int, world: World, people: list[Officer]
) -> Recording:
    pk = uuid.UUID(int=dice.getrandbits(128), version=4)
    began = AT + timedelta(minutes=dice.randrange(0, 600, 10))
    told = dice.random() < 0.85
    gone = dice.random() < 0.1
    units = [None, *Unit.objects.order_by("code")]
    return Recording(
        id=pk,
        reference=f"00417-{number}/1",
        camera=dice.choice([None, world.camera]),
        unit=dice.choice(units),
        station=dice.choice([None, world.camera.station]),
        wearer=dice.choice([None, *people]),
        provenance=dice.choice([Provenance.UNSIGNED, Provenance.AXIS]),
        source=f"test:{pk}",
        state=State.DISPOSED if gone else State.LIVE,
        sha256="" if gone else "0" * 64,
        received_at=began + timedelta(hours=6),
        docked_at=began + timedelta(hours=6),
        clock_started_at=began,
        started_at=began if told and not gone else None,
        ended_at=began + timedelta(minutes=dice.choice([3, 40, 300]))
        if told and not gone
        else None,
        size=1,
        commitment=pk.hex,
        media_type="video/mp4",
        category=dice.choice(CATEGORIES),
        incident="" if gone else dice.choice(INCIDENTS),
        evidential=dice.random() < 0.3,
        late=dice.random() < 0.3,
        locked=dice.random() < 0.25,
        access_class=dice.choice([*AccessClass, AccessClass.OPEN, AccessClass.OPEN]),
        hidden_from=some_time(dice, timedelta(days=3)),
        gone_by=some_time(dice, timedelta(days=12)),
        shown_hidden_from=some_time(dice, timedelta(days=3)),
        shown_gone_by=some_time(dice, timedelta(days=12)),
        force_hidden_from=some_time(dice, timedelta(days=3)),
        force_gone_by=some_time(dice, timedelta(days=12)),
    )


LEAVE = {Standing.NAMED, Standing.GLASS}


def fill(dice: random.Random, world: World, people: list[Officer], number: int = 90) -> None:
    rows = [some_recording(dice, one, world, people) for one in range(number)]
    Recording.objects.bulk_create(rows)
    for row in rows:
        for standing in Standing:
            if dice.random() < 0.2:
                CircleMember.objects.create(
                    recording=row,
                    officer=dice.choice(people),
                    standing=standing,
                    oversight=dice.random() < 0.4,
                    reference=dice.choice(["", "CI-1"]),
                    since=AT,
                    until=NOW + timedelta(hours=dice.choice([-1, 1]))
                    if standing in LEAVE
                    else None,
                )
        if row.state == State.LIVE and dice.random() < 0.5:
            text = dice.choice(TEXTS)
            Annotation.objects.create(
                recording=row, kind="note", text=text, first_officer=world.ada, first_at=AT
            )
            with transaction.atomic():
                words.keep({row.pk: [text]})


def visible(officer: Officer) -> list[Recording]:
    """Each recording asked about by itself, the newest first."""
    facts = authority.facts(officer=officer, at=NOW)
    seen = [
        row
        for row in Recording.objects.select_related("unit", "wearer", "camera", "station")
        if isinstance(
            may(
                facts,
                Action.SEE_RECORDING,
                circle.subject_of(recording=row, at=NOW, asking=officer.pk),
            ),
            Allowed,
        )
    ]
    return sorted(seen, key=lambda row: (began(row), row.pk), reverse=True)


def began(row: Recording) -> datetime:
    return row.started_at or row.docked_at


def all_pages(sought: Sought, officer: Officer, limit: int = 7) -> list[uuid.UUID]:
    facts = authority.facts(officer=officer, at=NOW)
    shown: list[uuid.UUID] = []
    page = finding.find(
        sought=sought, facts=facts, at=NOW, ring=composition.deployment().vault.ring, limit=limit
    )
    while True:
        shown += [row.pk for row in page.recordings]
        if page.after is None:
            return shown
        assert len(page.recordings) == limit
        text = {"after": [str(page.after)]}
        sought = replace_after(sought, search.read(text))
        page = finding.find(
            sought=sought,
            facts=facts,
            at=NOW,
            ring=composition.deployment().vault.ring,
            limit=limit,
        )


def replace_after(sought: Sought, begins: Sought) -> Sought:
    return replace(sought, after=begins.after)


def noted(row: Recording) -> str:
    return " ".join(note.text for note in row.annotations.all())


def known_gone_by(row: Recording, officer: Officer) -> datetime | None:
    if row.wearer_id == officer.pk:
        return row.shown_gone_by
    facts = authority.facts(officer=officer, at=NOW)
    oversight = facts.holds_anywhere(Role.INDEPENDENT_INVESTIGATOR)
    return row.gone_by if oversight else row.force_gone_by


def soon(row: Recording, officer: Officer) -> bool:
    day = known_gone_by(row, officer)
    return day is not None and day <= NOW + timedelta(days=7)


WINDOW = {"from": ["2017-06-09T01:00"], "to": ["2017-06-09T04:00"]}
BEGINS, ENDS = datetime(2017, 6, 9, tzinfo=UTC), datetime(2017, 6, 9, 3, tzinfo=UTC)
Plain = Callable[[Recording, Officer], bool]
SEARCHES: Sequence[tuple[dict[str, list[str]], Plain]] = (
    ({}, lambda _r, _o: True),
    ({"officer": ["614lx"]}, lambda r, _o: bool(r.wearer and r.wearer.collar_number == "614LX")),
    ({"officer": ["anand"]}, lambda r, _o: bool(r.wearer and r.wearer.collar_number == "702LX")),
    ({"officer": ["an"]}, lambda r, _o: bool(r.wearer and "an" in r.wearer.name.lower())),
    (
        {"officer": ["a"], "flag": ["evidential"]},
        lambda r, _o: r.evidential and bool(r.wearer and "a" in r.wearer.name.lower()),
    ),
    ({"officer": ["nobody"]}, lambda _r, _o: False),
    ({"camera": ["00417"]}, lambda r, _o: r.camera_id is not None),
    ({"unit": ["lsh"]}, lambda r, _o: bool(r.unit and r.unit.code == "LSH")),
    ({"station": ["LAM1"]}, lambda r, _o: r.station_id is not None),
    (WINDOW, lambda r, _o: began(r) < ENDS and (r.ended_at or began(r)) >= BEGINS),
    ({"incident": ["CAD 1"]}, lambda r, _o: r.incident == "CAD 1"),
    ({"category": ["none"]}, lambda r, _o: not r.category),
    (
        {"category": ["burglary"], "unit": ["LAM"]},
        lambda r, _o: r.category == "burglary" and bool(r.unit and r.unit.code == "LAM"),
    ),
    ({"flag": ["evidential", "late"]}, lambda r, _o: r.evidential and r.late),
    ({"flag": ["kept"]}, lambda r, o: known_gone_by(r, o) is None),
    ({"flag": ["soon"]}, soon),
    ({"flag": ["locked"]}, lambda r, _o: r.locked),
    ({"flag": ["restricted"]}, lambda r, _o: r.access_class != AccessClass.OPEN),
    ({"flag": ["unassigned", "uncategorised"]}, lambda r, _o: not r.wearer_id and not r.category),
    ({"flag": ["unsigned"]}, lambda _r, _o: True),
    ({"words": ["Cafe"]}, lambda r, _o: "café" in noted(r)),
    ({"words": ["red car"]}, lambda r, _o: "red car" in noted(r)),
    ({"words": ["00417-5/1"]}, lambda r, _o: r.reference == "00417-5/1"),
    ({"words": ["?!"]}, lambda _r, _o: False),
)


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:  # noqa: ARG001 - asks for the database
    return World.make(tmp_path)


def people_of(world: World) -> list[Officer]:
    """Everyone, some of whom hold roles for one unit only."""
    for officer, role, unit in (
        (world.dev, Role.INVESTIGATOR, "LSH"),
        (world.second_manager, Role.SUPERVISOR, "LAM"),
        (world.ada, Role.PROFESSIONAL_STANDARDS, "LSH"),
        (world.detective, Role.INDEPENDENT_INVESTIGATOR, "LSH"),
    ):
        roles.grant(
            officer=officer, role=role, unit=Unit.objects.get(code=unit), actor=SETUP, at=AT
        )
    return list(Officer.objects.order_by("collar_number"))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("few", [0, finding.FEW])
def test_it_finds_what_a_plain_filter_finds(
    world: World, seed: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With words that are common, and with words that are not."""
    monkeypatch.setattr(finding, "FEW", few)
    dice = random.Random(seed)  # noqa: S311 - a world, not a secret
    people = people_of(world)
    fill(dice, world, people)
    met = 0
    for officer in people:
        seen = visible(officer)
        met += len(seen)
        for fields, plain in SEARCHES:
            expected = [row.pk for row in seen if plain(row, officer)]
            assert all_pages(search.read(fields), officer) == expected, (officer, fields)
    assert met > 100, "a world in which nobody sees anything shows nothing"


@pytest.mark.parametrize(
    ("named", "passed"), [(1, walking.MOST_PASSED), (1, 7), (finding.MOST_NAMED, 7)]
)
def test_a_busy_place_finds_what_a_plain_filter_finds(
    world: World, named: int, passed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where more were than are named at once, all along or from some way on; and where fewer."""
    monkeypatch.setattr(finding, "MOST_NAMED", named)
    monkeypatch.setattr(walking, "MOST_PASSED", passed)
    for name in ("FIRST", "STRIDE"):
        monkeypatch.setattr(walking, name, 3)
    monkeypatch.setattr(walking, "LONGEST_STRIDE", 5)
    dice = random.Random(5)  # noqa: S311 - a world, not a secret
    people = people_of(world)
    fill(dice, world, people)
    pks = Recording.objects.order_by("pk").values_list("pk", flat=True)
    near = {pk for pk in pks if dice.random() < 0.6}
    mark_at(LAMBETH, near)
    place = {"place": ["51.49520, -0.11760"], "radius": ["200"]}
    met = 0
    for officer in people:
        seen = [row for row in visible(officer) if row.pk in near]
        met += len(seen)
        expected = [row.pk for row in seen]
        assert all_pages(search.read(place), officer) == expected, officer
        late = [row.pk for row in seen if row.late]
        assert all_pages(search.read({**place, "flag": ["late"]}), officer) == late, officer
    assert met > 100, "a world in which nobody sees anything shows nothing"


def mark_at(place: tuple[int, int], recordings: set[uuid.UUID]) -> None:
    """That these were at a place, without a trail that says so."""
    ring = composition.deployment().vault.ring
    epoch = PlaceEpoch.objects.create(begun_at=AT)
    key = places._Key(epoch.pk, ring.create(epoch.pk))
    cell = cells.pack([cells.cell_of(*place)])
    PlaceMark.objects.bulk_create([key.mark(cell, pk) for pk in sorted(recordings)])


def test_a_note_is_found_until_its_recording_is_deleted(world: World) -> None:
    """Its words are written with it, and go with the footage."""
    kept = world.record()
    annotations.annotate(recording=kept, officer=world.ada, text="A Red Kite", at=AT)
    facts = authority.facts(officer=world.ada, at=AT)
    sought = search.read({"words": ["kite red"]})
    assert [
        row.pk
        for row in finding.find(sought=sought, facts=facts, at=AT, ring=world.vault.ring).recordings
    ] == [kept.pk]
    assert kept.words.count() == 2
    world.live_through(AT + timedelta(days=20), AT + timedelta(days=33))
    kept.refresh_from_db()
    assert kept.state == State.DISPOSED
    assert kept.words.count() == 0
