"""Which tables have anything of some recordings: one statement, where most have nothing.

Most recordings have no hold, no release, no word of their officer. An act on many would ask, or
empty, a dozen tables one by one to learn that.
"""

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Model, UUIDField

_ID: Final = UUIDField()


def tables(models: Sequence[type[Model]], recordings: Sequence[UUID]) -> frozenset[type[Model]]:
    """Those of these models that have a row of one of these recordings.

    Each row as this transaction sees it now; whoever must not be overtaken holds the recordings'
    locks.

    Args:
        models: each with a column `recording`.
        recordings: any number.
    """
    if not recordings or not models:
        return frozenset()
    among, ids = _among(recordings)
    asked = ", ".join(f"EXISTS ({_of(each)} {among})" for each in models)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}", {"ids": ids})
        found = cursor.fetchone()
    return frozenset(each for each, there in zip(models, found, strict=True) if there)


def _among(recordings: Sequence[UUID]) -> tuple[str, str | list[UUID]]:
    """A condition that takes any number of ids as one parameter, and that parameter."""
    if connection.vendor == "postgresql":
        return "= ANY(%(ids)s)", list(recordings)
    listed = json.dumps([_ID.get_db_prep_value(pk, connection) for pk in recordings])
    return "IN (SELECT value FROM json_each(%(ids)s))", listed


def _of(model: type[Model]) -> str:
    """The question for rows of a table, up to the recordings that it is about."""
    meta = model._meta  # noqa: SLF001 - Django's documented way to a model's fields
    quoted = connection.ops.quote_name
    field: Any = meta.get_field("recording")
    return f"SELECT 1 FROM {quoted(meta.db_table)} WHERE {quoted(field.column)}"  # noqa: S608 - our own names, quoted
