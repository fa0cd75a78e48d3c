"""A data folder that is being made up is worth nothing until it is whole, and says so.

While `fairwitness seed` fills an empty folder, nothing is made durable one by one: see
`writing`. A file in the folder says that this is going on. It goes when all is on the medium;
where it stays, the seed was killed or the power failed, and every command refuses the folder.
"""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar, Final

from django.db import connection

from fairwitness.errors import FairwitnessError
from fairwitness.vault import durable, syncing

_MARK: Final = "being-made-up"
_WHILE: Final = {
    "sqlite": (
        "PRAGMA synchronous=OFF",
        "PRAGMA wal_autocheckpoint=20000",
        "PRAGMA cache_size=-200000",
    ),
    "postgresql": ("SET synchronous_commit TO off",),
}
_AFTER: Final = {
    "sqlite": (
        "PRAGMA synchronous=FULL",
        "PRAGMA wal_autocheckpoint=1000",
        "PRAGMA cache_size=-2000",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ),
    # a commit that waits for the journal to be written waits for all before it; it must have
    # written something there itself, or it does not wait
    "postgresql": (
        "SET synchronous_commit TO on",
        "SELECT pg_logical_emit_message(true, 'fairwitness', 'made up')",
    ),
}


class SeedUnfinished(FairwitnessError):
    """The made-up data here was cut short while it was being made."""

    code: ClassVar[str] = "seed.unfinished"


def demand_none(data: Path) -> None:
    """Refuse a folder that is being made up, or whose making was cut short.

    Raises:
        SeedUnfinished: it is.
    """
    if (data / _MARK).exists():
        raise SeedUnfinished(
            f"{data} is being filled with made-up data by `fairwitness seed`, or that was killed"
            " before it was whole. If no seed is running, throw the folder (and its database) away"
            " and seed another."
        )


@contextlib.contextmanager
def writing(data: Path, *, folders: Iterable[Path]) -> Iterator[None]:
    """Within, what is written to an empty deployment is not made durable; at the end all of it is.

    An error within leaves the mark: what is there is to be thrown away.

    Args:
        data: the data folder.
        folders: what else of the deployment may lie on a disk of its own.
    """
    durable.write_new(data / _MARK, b"fairwitness seed was not finished here\n")
    _tell(_WHILE)
    try:
        with syncing.put_off():
            yield
    finally:
        _tell(_AFTER)
    for folder in {each.stat().st_dev: each for each in (data, *folders)}.values():
        syncing.disk(folder)
    (data / _MARK).unlink()
    durable.sync_folder(data)


def _tell(statements: dict[str, tuple[str, ...]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
