"""A sweep reads what it left unfinished, not all that was ever deleted."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from tests.retention_world import AT, DAY, HOUR, World


def test_no_sweep_goes_through_all_deletions(world: World) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL goes through a table as small as this one anyway")
    world.record()
    world.sweep(AT + 25 * DAY)
    plans: list[str] = []

    def look(
        execute: Callable[..., CursorWrapper],
        sql: str,
        params: object,
        many: bool,  # noqa: FBT001 - Django's call
        context: object,
    ) -> CursorWrapper:
        if sql.startswith("SELECT"):
            said = execute(f"EXPLAIN QUERY PLAN {sql}", params, many, context)
            plans.extend(row[3] for row in said.fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        outcome = world.sweep(AT + 31 * DAY - HOUR)
    assert len(outcome.disposed) == 1
    of_deletions = [plan for plan in plans if plan.startswith("SCAN retention_disposal ")]
    assert of_deletions, "what is unfinished is looked for"
    for plan in of_deletions:
        assert plan == "SCAN retention_disposal USING INDEX retention_disposal_unfinished"
