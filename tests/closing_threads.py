"""Threads of the byte paths for a test, whose database is dropped soon."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import connection

from fairwitness.api.exchange import Threads

P = ParamSpec("P")
R = TypeVar("R")


class ClosingThreads(Threads):
    """Threads that keep no database connection, as a test's database is dropped soon."""

    async def run(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        def work() -> R:
            try:
                return call(*args, **kwargs)
            finally:
                connection.close()

        return await asyncio.to_thread(work)
