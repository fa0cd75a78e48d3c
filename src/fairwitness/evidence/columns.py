"""Many rows written as they are: one short statement, done for each.

`bulk_update` writes a CASE with a branch for each row and column, and `bulk_create` on SQLite a
new statement for each couple of dozen rows. Making and reading these costs many times what the
writing does.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

from django.db import connection, models

_PLAIN: Final[dict[type, type]] = {
    models.CharField: str,
    models.TextField: str,
    models.BooleanField: bool,
}
"""Columns that take a value of this very type as it is."""


def insert(rows: Sequence[models.Model]) -> None:
    """Insert these rows, all of one model; keys that the database gives are not told.

    Raises:
        IntegrityError: one of them can't stand beside what is there.
    """
    if not rows:
        return
    meta = rows[0]._meta  # noqa: SLF001 - Django's documented way to a model's fields
    fields: list[Any] = [
        each
        for each in meta.concrete_fields
        if not each.generated and not isinstance(each, models.AutoField)
    ]
    names = ", ".join(_quoted(each.column) for each in fields)
    marks = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {_quoted(meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608 - only names of columns are filled in
    _each(
        sql,
        [[_stored(each, each.pre_save(row, add=True)) for each in fields] for row in rows],
    )
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001 - as Django's own `bulk_create` leaves them


def write(rows: Sequence[models.Model], fields: Collection[str]) -> None:
    """Write these fields of these rows, all of one model, as the objects have them."""
    if not rows:
        return
    meta = rows[0]._meta  # noqa: SLF001 - as above
    key: Any = meta.pk
    columns: list[Any] = [meta.get_field(name) for name in fields]
    sets = ", ".join(f"{_quoted(each.column)} = %s" for each in columns)
    sql = f"UPDATE {_quoted(meta.db_table)} SET {sets} WHERE {_quoted(key.column)} = %s"  # noqa: S608 - only names of columns are filled in
    _each(
        sql,
        [
            [
                *(_stored(each, getattr(row, each.attname)) for each in columns),
                key.get_db_prep_value(row.pk, connection),
            ]
            for row in rows
        ],
    )


def _stored(column: Any, value: Any) -> Any:  # noqa: ANN401 - a field's own matter, as Django has it
    """A value as the database takes it; nothing, plain words and truth need no preparation."""
    if value is None or type(value) is _PLAIN.get(type(column)):
        return value
    return column.get_db_prep_save(value, connection)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _each(sql: str, values: Sequence[list[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)
