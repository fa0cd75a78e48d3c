"""A search over a million is walked along an index, and nothing is fetched to be sorted.

SQLite is told that it holds a million recordings, in the words that it finds for itself when
`statistics` has it look at a bounded number of rows; then it says how it would go about a search.
What a search costs, `python -m benchmarks search` measures.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from tests.retention_world import AT, DAY, SETUP, World

from fairwitness.accountability import finding, search
from fairwitness.config import statistics
from fairwitness.evidence import knowing, places, words
from fairwitness.evidence.models import CircleMember, Recording, Standing
from fairwitness.force import authority, roles
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer, Unit
from fairwitness.web import unit_list

A_MILLION = {
    "evidence_find_time": "1030192 1 1",
    "evidence_find_unit": "1207800 334 1 1",
    "evidence_find_wearer": "1744217 167 1 1",
    "evidence_find_camera": "1156528 63 1 1",
    "evidence_find_station": "1248060 1001 1 1",
    "evidence_find_category": "1497672 1001 1 1",
    "evidence_find_unit_cat": "1246080 334 77 1 1",
    "evidence_find_incident": "1227930 4 1 1",
    "evidence_find_kept": "191084 1 1",
    "evidence_find_locked": "1005 1 1",
    "evidence_find_late": "24924 1 1",
    "evidence_find_restricted": "1200 1 1",
    "evidence_find_unsigned": "1200 1 1",
    "evidence_rec_due": "3470159 1001 1001 1",
    "evidence_rec_due_force": "3470159 1001 1001 1",
    "evidence_rec_unit_due": "1246080 334 334 3",
    "evidence_rec_commitment": "1234688 1",
    "evidence_rec_activation": "1253798 63 1",
    "sqlite_autoindex_evidence_recording_1": "728190 1",
    "sqlite_autoindex_evidence_recording_2": "870744 63 1 1",
}
WALKS = (
    {"officer": ["614LX"]},
    {"camera": ["00417"]},
    {"unit": ["LAM"]},
    {"station": ["LAM1"]},
    {"unit": ["LAM"], "category": ["burglary"]},
    {"category": ["burglary"], "officer": ["614LX"]},
    {"category": ["none"]},
    {"from": ["2017-06-09T01:00"], "to": ["2017-06-09T04:00"]},
    {"from": ["2017-06-09T01:00"], "to": ["2017-06-09T04:00"], "unit": ["LAM"]},
    {"words": ["common"]},
    {"words": ["common"], "officer": ["614LX"]},
    {"incident": ["CAD 1"]},
    *({"flag": [flag]} for flag in search.FLAGS),
)


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:  # noqa: ARG001 - asks for the database
    return World.make(tmp_path)


@pytest.fixture
def plans(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    statistics_forgotten: None,  # noqa: ARG001 - asked for what it does afterwards
) -> Iterator[list[tuple[str, list[str]]]]:
    """Each walk over recordings that is made from now on, and how SQLite goes about it."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL can't be told what it holds")
    first, second = world.record(), world.record()
    monkeypatch.setattr(finding, "FEW", 1)
    with transaction.atomic():
        words.keep({first.pk: ["common"], second.pk: ["common"]})
    statistics.renew()
    with connection.cursor() as cursor:
        for name, stat in A_MILLION.items():
            cursor.execute("DELETE FROM sqlite_stat1 WHERE idx = %s", [name])
            cursor.execute(
                "INSERT INTO sqlite_stat1 VALUES ('evidence_recording', %s, %s)", [name, stat]
            )
        cursor.execute("ANALYZE sqlite_schema")
    met: list[tuple[str, list[str]]] = []

    def look(
        execute: Callable[..., CursorWrapper],
        sql: str,
        params: object,
        many: bool,  # noqa: FBT001 - Django's call
        context: object,
    ) -> CursorWrapper:
        if " ORDER BY " in sql and 'FROM "evidence_recording"' in sql:
            said = execute(f"EXPLAIN QUERY PLAN {sql}", params, many, context)
            met.append((sql, [row[3] for row in said.fetchall()]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield met


def walk(officer: Officer, fields: dict[str, list[str]], world: World) -> None:
    facts = authority.facts(officer=officer, at=AT)
    finding.find(sought=search.read(fields), facts=facts, at=AT, ring=world.vault.ring)


def sorted_ones(plans: list[tuple[str, list[str]]]) -> list[str]:
    return [
        sql for sql, steps in plans if " DESC" in sql and any("ORDER BY" in step for step in steps)
    ]


def test_no_walk_fetches_all_and_sorts(world: World, plans: list[tuple[str, list[str]]]) -> None:
    unit = Unit.objects.get(code="LAM")
    roles.grant(officer=world.dev, role=Role.SUPERVISOR, unit=unit, actor=SETUP, at=AT)
    for officer in (world.manager, world.dev, world.ada):
        for fields in WALKS:
            before = len(plans)
            walk(officer, fields, world)
            assert not sorted_ones(plans[before:]), (officer, fields, plans[before:])
    assert len(plans) > 2 * len(WALKS)


def test_what_several_officers_recorded_is_all_that_is_sorted(
    world: World, plans: list[tuple[str, list[str]]]
) -> None:
    with CaptureQueriesContext(connection) as met:
        walk(world.manager, {"officer": ["a"]}, world)
    ((_ids, steps),) = plans
    assert "USING INDEX evidence_find_wearer (wearer_id=?)" in " ".join(steps)
    (asked,) = asking_who_may_see(met)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked}")
        rest = [row[3] for row in cursor.fetchall()]
    assert "(id=?)" in rest[0], "and who may see them is asked of those of a page"


def asking_who_may_see(met: CaptureQueriesContext) -> list[str]:
    told = [each["sql"] for each in met if '"gone_by" IS NULL' in each["sql"]]
    return [sql for sql in told if sql.startswith("SELECT")]


def test_who_may_see_what_was_near_a_busy_place_is_asked_once_for_all_grounds(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Own, of one's unit, where one was present, what one holds: and asked by id alone."""
    monkeypatch.setattr(finding, "MOST_NAMED", 0)
    unit = Unit.objects.get(code="LAM")
    roles.grant(officer=world.dev, role=Role.SUPERVISOR, unit=unit, actor=SETUP, at=AT)
    held, mine, units = (world.record() for _ in range(3))
    CircleMember.objects.create(recording=held, officer=world.dev, standing=Standing.HOLD, since=AT)
    Recording.objects.filter(pk=mine.pk).update(incident="CAD 1", wearer=world.dev)
    near = frozenset(row.pk.bytes for row in (held, mine, units))
    monkeypatch.setattr(places, "near", lambda **_where: near)
    with CaptureQueriesContext(connection) as met:
        walk(world.dev, {"place": ["51.5, -0.1"]}, world)
    (asked,) = asking_who_may_see(met)
    assert '"id" IN (' in asked
    assert '"unit_id" = ' not in asked, "a unit leads through all that it keeps"


def test_beside_what_is_named_one_by_one_nothing_that_many_have_leads(world: World) -> None:
    """PostgreSQL would read the index of a category from end to end, to meet a few of it."""
    unit = Unit.objects.get(code="LAM")
    roles.grant(officer=world.dev, role=Role.SUPERVISOR, unit=unit, actor=SETUP, at=AT)
    held, mine = world.record(), world.record()
    CircleMember.objects.create(recording=held, officer=world.dev, standing=Standing.HOLD, since=AT)
    Recording.objects.filter(pk=mine.pk).update(incident="CAD 1", wearer=world.dev)
    fields = {"category": ["burglary"], "flag": ["evidential"], "unit": ["LAM"]}
    with CaptureQueriesContext(connection) as met:
        walk(world.dev, fields, world)
    walks = [each["sql"] for each in met if "ORDER BY 1 DESC, 2 DESC" in each["sql"]]
    led = [sql.partition("CASE WHEN")[0].partition(" WHERE ")[2] for sql in walks]
    own, units, *named = led
    assert len(named) == 2, "what one holds, and what one was present at"
    for sql in named:
        assert '"id" IN' in sql or '"incident" IN' in sql
        assert not any(f'"{name}"' in sql for name in ("category", "evidential", "unit_id"))
    for sql in (own, units):
        assert '"category" = ' in sql, "an index of the unit's and of the category's leads"


@pytest.mark.parametrize("words", ["00417-", "614LX", "CAD"])
def test_what_is_typed_over_a_units_list_leads_and_no_list_of_days(
    plans: list[tuple[str, list[str]]], words: str
) -> None:
    Recording.objects.update(incident="CAD 1")
    gone = "force_gone_by"
    for found in (Recording.objects.all(), Recording.objects.filter(unit__code="LAM")):
        typed = unit_list.typed(
            found, words=words, days=knowing.Columns(gone, "force_hidden_from"), dead=True, at=AT
        )
        name = typed.days.gone_by
        kinds = {"soon": Q(state="live", **{f"{name}__gt": AT, f"{name}__lte": AT + 7 * DAY})}
        rows, _ = unit_list.page_of(typed.found, kinds, name, "")
        assert rows == [], "their days are far"
        kinds = {"later": Q(state="live", **{f"{name}__gt": AT})}
        rows, _ = unit_list.page_of(typed.found, kinds, name, "")
        assert len(rows) == 2
        assert not typed.more
    assert len(plans) == 4
    for sql, steps in plans:
        assert "_due" not in steps[0], (sql, steps)


def test_the_statistics_name_each_index_of_the_table(world: World) -> None:  # noqa: ARG001 - asks for the database
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL can't be told what it holds")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index'"
            " AND tbl_name = 'evidence_recording'"
        )
        there = {name for (name,) in cursor.fetchall()}
    assert set(A_MILLION) <= there
