"""Writing some columns of many rows: one short statement, done for each.

`bulk_update` writes a CASE with a branch for each row and column. Making and reading that costs
many times what the writing does.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, models


def write(rows: Sequence[models.Model], fields: Collection[str]) -> None:
    """Write these fields of these rows, all of one model, as the objects have them."""
    if not rows:
        return
    meta = rows[0]._meta  # noqa: SLF001 - Django's documented way to a model's fields
    key: Any = meta.pk
    columns: list[Any] = [meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(each.column)} = %s" for each in columns)
    sql = f"UPDATE {quote(meta.db_table)} SET {sets} WHERE {quote(key.column)} = %s"  # noqa: S608 - only names of columns are filled in
    with connection.cursor() as cursor:
        cursor.executemany(
            sql,
            [
                [
                    *(
                        each.get_db_prep_save(getattr(row, each.attname), connection)
                        for each in columns
                    ),
                    key.get_db_prep_value(row.pk, connection),
                ]
                for row in rows
            ],
        )
