"""Many rows written as they are: one short statement, done for each.

`bulk_update` writes a CASE with a branch for each row and column, and `bulk_create` on SQLite a
new statement for each couple of dozen rows. Making and reading these costs many times what the
writing does.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

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
        _prepared(fields, rows, adding=True),
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
        _prepared([*columns, key], rows),
    )


def _prepared(
    columns: Sequence[Any], rows: Sequence[models.Model], *, adding: bool = False
) -> list[list[Any]]:
    """The values of these columns of each row, as the database takes them."""
    found = [(_value(each, adding=adding), _stored(each)) for each in columns]
    return [[stored(value(row)) for value, stored in found] for row in rows]


def _value(column: Any, *, adding: bool) -> Callable[[models.Model], Any]:  # noqa: ANN401 - a field, of which Django's types say too little
    """How a column's value is had from a row; what it becomes on being added where it says so."""
    if adding and type(column).pre_save is not models.Field.pre_save:
        return lambda row: column.pre_save(row, add=True)
    return attrgetter(column.attname)


def _stored(column: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - a field, and whatever it holds
    """What makes a column's value as the database takes it.

    Nothing, plain words and truth need no preparation, and SQLite takes numbers as they are, ids
    and moments as text: what Django itself makes of them, in more steps.
    """
    told_by = column.target_field if isinstance(column, models.ForeignKey) else column
    kind = type(told_by)
    plain = _PLAIN.get(kind)
    short = _ON_SQLITE.get(kind) if connection.vendor == "sqlite" else None

    def store(value: Any) -> Any:  # noqa: ANN401 - whatever the field holds
        if value is None or type(value) is plain:
            return value
        if short is not None and type(value) is short[0]:
            return short[1](value)
        return column.get_db_prep_save(value, connection)

    return store


def _moment(value: datetime) -> str | None:
    """A moment as SQLite keeps it, in UTC and without saying so."""
    if value.tzinfo is not UTC or connection.timezone is not UTC:
        return connection.ops.adapt_datetimefield_value(value)
    return value.replace(tzinfo=None).isoformat(" ")


_ON_SQLITE: Final[dict[type, tuple[type, Callable[[Any], Any]]]] = {
    models.DateTimeField: (datetime, _moment),
    models.UUIDField: (UUID, attrgetter("hex")),
    models.IntegerField: (int, int),
    models.BigIntegerField: (int, int),
    models.PositiveIntegerField: (int, int),
    models.PositiveBigIntegerField: (int, int),
    models.PositiveSmallIntegerField: (int, int),
    models.BigAutoField: (int, int),
}


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _each(sql: str, values: Sequence[list[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)
