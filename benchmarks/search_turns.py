"""The turns of `benchmarks.search`, run in a process of its own whose Django is set up already."""

import gc
import json
import random
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks import search_fill, standing
from benchmarks.search_fill import CATEGORIES, NOW, Spot
from benchmarks.spending import Spending
from django.core.management import call_command
from tests.retention_world import AT, SETUP, World, open_vault

from fairwitness.accountability import finding, search
from fairwitness.force import authority, officers, roles, units
from fairwitness.force.asking import Role
from fairwitness.force.models import Camera, CameraStatus, Mount, Officer, Profile, Unit, UnitKind
from fairwitness.force.officers import NewOfficer
from fairwitness.force.units import NewUnit
from fairwitness.vault.keyring import KeyRing

EACH = 12
"""Searches of each kind for each round that is asked for."""
INCIDENTS = 25_000
UNITS = 30
OFFICERS = 20_000
CAMERAS = 20_000
_NAMES = ("Amara", "Bo", "Carys", "Dilip", "Eoin", "Farah", "Gwen", "Hugh", "Ines", "Jakub")
Fields = dict[str, list[str]]
Kinds = Mapping[str, tuple[Officer, Callable[[], Fields]]]


def main() -> None:
    """Print the figures as JSON."""
    root, each = Path(sys.argv[1]), EACH * int(sys.argv[2])
    live, kept = int(sys.argv[3]), sys.argv[4] == "1"
    if kept:
        standing.stand(root, live)
        ring = open_vault(root / "world").ring
        large = measured(_of_kept(), ring, each)
        json.dump({"large": large}, sys.stdout)
        return
    call_command("migrate", verbosity=0)
    world = World.make(root / "world")
    dice = random.Random(1)  # noqa: S311 - rows, not secrets
    people, cameras = force(world)
    search_fill.fill(live=live // 10)
    spots = search_fill.spots(dice)
    search_fill.mark(spots, dice, world.vault.ring)
    asked = kinds(dice, world.manager, people, cameras, spots)
    small = measured(asked, world.vault.ring, each)
    search_fill.fill(live=live)
    large = measured(asked, world.vault.ring, each)
    json.dump({"small": small, "large": large}, sys.stdout)


def _of_kept() -> Kinds:
    """The kinds of searches in a store that is kept."""
    dice = random.Random(1)  # noqa: S311 - rows, not secrets
    spots = search_fill.spots(dice)
    people = sorted(
        Officer.objects.filter(collar_number__regex=r"^\d+ZZ$"),
        key=lambda one: int(one.collar_number.removesuffix("ZZ")),
    )
    cameras = list(Camera.objects.filter(serial__regex=r"^7\d{5}$").order_by("serial"))
    manager = Officer.objects.get(collar_number="4101")
    return kinds(dice, manager, people, cameras, spots)


def force(world: World) -> tuple[list[Officer], list[Camera]]:
    """Units, officers and cameras as a large force has."""
    codes = [f"U{number:02}" for number in range(UNITS)]
    made = units.register_many(
        actor=SETUP,
        units=[NewUnit(code, f"Unit {code}", UnitKind.BOROUGH) for code in codes],
        at=AT,
    )
    new = [
        NewOfficer(f"{number}ZZ", _name(number), "ZZ", codes[number % UNITS], "PC")
        for number in range(OFFICERS)
    ]
    people = officers.register_officers_many(actor=SETUP, officers=new, at=AT - timedelta(days=1))
    cameras = [
        Camera(
            serial=f"7{number:05}",
            profile=Profile.BODY2,
            mount=Mount.CHEST,
            public_key="none",
            keyid=f"{number + 1:064}",
            status=CameraStatus.APPROVED,
            requested_at=AT,
            approved_at=AT,
            unit=made[number % UNITS],
            station=world.camera.station,
        )
        for number in range(CAMERAS)
    ]
    return people, Camera.objects.bulk_create(cameras)


def _name(number: int) -> str:
    """Names as people have: some given names for many, some family names for few."""
    return f"{_NAMES[number % len(_NAMES)]} Family{number // 40}"


def kinds(
    dice: random.Random,
    manager: Officer,
    people: list[Officer],
    cameras: list[Camera],
    spots: Sequence[Spot],
) -> Kinds:
    """Each kind of search: who asks, and other particulars at each asking."""
    one_unit = people[7]
    _supervise(one_unit)
    officer = people[11]
    return {
        "officer": (manager, lambda: {"officer": [dice.choice(people).collar_number]}),
        "officer by name": (
            manager,
            lambda: {"officer": [dice.choice(people).title.removeprefix("PC ")]},
        ),
        "officer by family name": (
            manager,
            lambda: {"officer": [dice.choice(people).title.rpartition(" ")[2]]},
        ),
        "camera": (manager, lambda: {"camera": [dice.choice(cameras).serial]}),
        "unit and category": (
            manager,
            lambda: {"unit": [_code(dice)], "category": [dice.choice(CATEGORIES[3:])]},
        ),
        "unit and window": (manager, lambda: {"unit": [_code(dice)], **_window(dice)}),
        "window": (manager, lambda: _window(dice)),
        "incident": (manager, lambda: {"incident": [f"CAD {dice.randrange(INCIDENTS)}"]}),
        "rare word": (manager, lambda: {"words": [f"rare{dice.randrange(50000)}"]}),
        "common word": (manager, lambda: {"words": [f"common{dice.randrange(20)}"]}),
        "rare word in a unit": (
            manager,
            lambda: {"words": [f"rare{dice.randrange(50000)}"], "unit": [_code(dice)]},
        ),
        "common word of an officer": (
            manager,
            lambda: {
                "words": [f"common{dice.randrange(20)}"],
                "officer": [dice.choice(people).collar_number],
            },
        ),
        **{f"flag: {flag}": (manager, _flagged(flag)) for flag in search.FLAGS},
        "category, one unit's supervisor": (
            one_unit,
            lambda: {"category": [dice.choice(CATEGORIES[3:])]},
        ),
        "incident, one unit's supervisor": (
            one_unit,
            lambda: {"incident": [f"CAD {dice.randrange(INCIDENTS)}"]},
        ),
        "window, one's own": (officer, lambda: _window(dice)),
        "another's, one's own": (
            officer,
            lambda: {"officer": [dice.choice(people).collar_number]},
        ),
        **{
            f"place, {metres:,} m{asking}": (who, _near(dice, spots, metres))
            for metres in (200, 500, 1000)
            for asking, who in (("", manager), (", one unit's supervisor", one_unit))
        },
        "place, 200 m, and window": (
            manager,
            lambda: {**_around(dice, spots, 200), **_window(dice)},
        ),
    }


def measured(asked: Kinds, ring: KeyRing, each: int) -> Mapping[str, Mapping[str, float]]:
    """Milliseconds of each kind, asked so many times."""
    return {kind: _kind(who, fields, ring, each) for kind, (who, fields) in asked.items()}


def _flagged(flag: str) -> Callable[[], Fields]:
    return lambda: {"flag": [flag]}


def _near(dice: random.Random, spots: Sequence[Spot], metres: int) -> Callable[[], Fields]:
    return lambda: _around(dice, spots, metres)


def _around(dice: random.Random, spots: Sequence[Spot], metres: int) -> Fields:
    spot = dice.choice(spots)
    place = f"{spot.latitude / 1e7:.6f}, {spot.longitude / 1e7:.6f}"
    return {"place": [place], "radius": [str(metres)]}


def _supervise(officer: Officer) -> None:
    """Let this officer supervise their own unit, once."""
    if authority.facts(officer=officer, at=NOW).by_unit:
        return
    unit = Unit.objects.get(pk=officer.unit_id)
    roles.grant(officer=officer, role=Role.SUPERVISOR, unit=unit, actor=SETUP, at=AT)


def _code(dice: random.Random) -> str:
    return f"U{dice.randrange(UNITS):02}"


def _window(dice: random.Random) -> Fields:
    begins: datetime = AT - timedelta(hours=dice.randrange(24, 24 * 260))
    ends = begins + timedelta(hours=2)
    return {"from": [begins.strftime("%Y-%m-%dT%H:%M")], "to": [ends.strftime("%Y-%m-%dT%H:%M")]}


def _kind(
    officer: Officer, fields: Callable[[], Fields], ring: KeyRing, each: int
) -> Mapping[str, float]:
    facts = authority.facts(officer=officer, at=NOW)
    gc.collect()
    gc.freeze()  # a force's officers and cameras lie in this process only because it dealt them
    taken = []
    for _ in range(each):
        sought = search.read(fields())
        with Spending() as spending:
            finding.find(sought=sought, facts=facts, at=NOW, ring=ring)
        taken.append(spending.spent)
    own, clock = [one.own for one in taken], [one.clock for one in taken]
    return {
        "p50": statistics.median(own),
        "p95": statistics.quantiles(own, n=20)[-1],
        "clock p50": statistics.median(clock),
        "clock p95": statistics.quantiles(clock, n=20)[-1],
    }
