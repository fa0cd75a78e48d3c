"""A store that breaks, and a database connection that dies, at a step that a test chooses."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from fairwitness.vault.folder import FolderStore
from fairwitness.vault.port import BlobFacts, BlobReader, BlobWriter, Bytes, StoreFailed


class Killed(BaseException):
    """What a kill looks like from inside: nothing catches it."""


class Steps:
    """Counts steps and breaks at one of them."""

    def __init__(self, at: int, error: Callable[[], BaseException]) -> None:
        self.at, self.error, self.count = at, error, 0

    @property
    def reached(self) -> bool:
        return self.count > self.at

    def step(self) -> None:
        self.count += 1
        if self.count == self.at + 1:
            raise self.error()


class _BreakingWriter:
    def __init__(self, inner: BlobWriter, steps: Steps) -> None:
        self._inner, self._steps = inner, steps

    def write(self, data: Bytes) -> None:
        self._steps.step()
        self._inner.write(data)

    def finish(self) -> None:
        self._steps.step()
        self._inner.finish()

    def abort(self) -> None:
        self._inner.abort()


class BreakingStore:
    """A folder store whose every writing operation is a step."""

    def __init__(self, inner: FolderStore, steps: Steps) -> None:
        self._inner, self._steps = inner, steps

    def create(self, name: str, *, size: int | None = None) -> BlobWriter:
        self._steps.step()
        return _BreakingWriter(self._inner.create(name, size=size), self._steps)

    def sync(self, names: Iterable[str]) -> None:
        self._steps.step()
        self._inner.sync(names)

    def open(self, name: str) -> BlobReader:
        return self._inner.open(name)

    def delete(self, name: str) -> None:
        self._inner.delete(name)

    def names(self, prefix: str = "") -> Iterator[str]:
        return self._inner.names(prefix)

    def facts(self, name: str) -> BlobFacts:
        return self._inner.facts(name)

    def free_bytes(self) -> int:
        return self._inner.free_bytes()


def disk_fails() -> StoreFailed:
    return StoreFailed("The disk does not answer.")


@contextmanager
def statements_are_steps(steps: Steps) -> Iterator[None]:
    """Break before the chosen statement that this thread sends to the database."""

    def wrapper(execute: Any, sql: str, *rest: Any) -> Any:  # noqa: ANN401 # Django's signature
        steps.step()
        return execute(sql, *rest)

    with connection.execute_wrapper(wrapper):
        yield
