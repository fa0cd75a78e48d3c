"""What a connection to PostgreSQL is told when it is made."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


@pytest.mark.skipif("config.getoption('--postgresql') == False", reason="PostgreSQL's own")
def test_no_query_is_compiled_before_it_is_run() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
        cursor.execute("SET jit_above_cost = 0")
        cursor.execute("EXPLAIN (ANALYZE) SELECT sum(n) FROM generate_series(1, 10) n")
        assert not [line for (line,) in cursor.fetchall() if "JIT" in line]
