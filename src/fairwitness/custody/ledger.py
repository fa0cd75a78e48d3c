"""The one way to write the custody log.

`append` runs inside the transaction of the act that it records, so that the act and its entry
commit together or not at all. It insists on that transaction. `refuse` is the one exception: a
refusal changes nothing, so that its entry commits alone.

Entries of one subject are a chain without gaps: each has the next sequence number and the leaf
hash of the one before. Writers of one subject take turns: on SQLite there is but one writer, on
PostgreSQL each takes a lock on the subject that its commit releases. A transaction that touches
several subjects does well to write them with one `append_many`, which takes its locks in order;
one that can't writes first of what keeps or marks recordings (a hold, an event, a case) and then of
the recordings, which have locks of their own (ADR 0070).
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias, TypeVar

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from fairwitness.custody import reading, waking
from fairwitness.custody.models import BodyState
from fairwitness.errors import FairwitnessError
from fairwitness.formats import custody, merkle
from fairwitness.formats.custody import Act, Detail

T = TypeVar("T")
Value: TypeAlias = str | int | bytes | datetime | None

HistoryRow = reading.HistoryRow
history = reading.history
search = reading.search

_LOCKS: Final = 1024  # subjects share this many locks, so that bulk acts don't exhaust the server's
_OF_OTHERS: Final = 0x66770001
_OF_RECORDINGS: Final = 0x66770004  # no bulk act's lock is by chance that of what it writes of
_RECORDING: Final = "recording:"
_CHUNK: Final = 500

_INSERT_ENTRY: Final = (
    "INSERT INTO custody_entry (subject, sequence, act, at, canonical, leaf, leaf_hash) VALUES "
)
_INSERT_BODY_OF: Final = "INSERT INTO custody_body (entry_id, state, actor, salt, canonical)"
_INSERT_BODY: Final = f"{_INSERT_BODY_OF} VALUES "
_LOCK: Final = "SELECT pg_advisory_xact_lock(%s, %s)"
_TAIL: Final = (
    "SELECT sequence, leaf_hash FROM custody_entry WHERE subject = %s"
    " ORDER BY sequence DESC LIMIT 1"
)


_BY_WAY_OF: Final[ContextVar[Mapping[str, Detail]]] = ContextVar("by way of")


@contextmanager
def by_way_of(*, token: str) -> Iterator[None]:
    """Name, in each entry written within, the token that a program acted with for the actor."""
    before = _BY_WAY_OF.set({"by_token": token})
    try:
        yield
    finally:
        _BY_WAY_OF.reset(before)


class NoTransaction(FairwitnessError):
    """A custody entry was to be written outside the transaction of its act."""

    code = "custody.no_transaction"


class TransactionOpen(FairwitnessError):
    """A refusal was to be written inside a transaction that may yet be undone."""

    code = "custody.transaction_open"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a caller says of an act; the ledger adds sequence, chain and salt.

    Attributes:
        subject: what it is about, such as `recording:<uuid>`.
        act: what was done.
        actor: who did it, such as `officer:<uuid>` or `system:retention`.
        at: when; aware, kept to the microsecond.
        reason: why, in the actor's words; may be empty.
        detail: the act's particulars.
    """

    subject: str
    act: Act
    actor: str
    at: datetime
    reason: str = ""
    detail: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Appended:
    """An entry that will stand as soon as the caller's transaction commits.

    Attributes:
        entry: the canonical bytes.
        salt: what the leaf was salted with.
        leaf_hash: the entry's public name, by which proofs are asked for.
    """

    entry_id: int
    subject: str
    sequence: int
    entry: bytes
    salt: bytes
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class _Prepared:
    draft: Draft
    sequence: int
    entry: bytes
    body: bytes
    salt: bytes
    leaf: bytes
    leaf_hash: bytes

    def entry_row(self) -> tuple[Value, ...]:
        at = connection.ops.adapt_datetimefield_value(self.draft.at)
        return (
            self.draft.subject,
            self.sequence,
            self.draft.act.value,
            at,
            self.entry,
            self.leaf,
            self.leaf_hash,
        )

    def body_row(self, entry_id: int) -> tuple[Value, ...]:
        return (entry_id, BodyState.KEPT.value, self.draft.actor, self.salt, self.body)

    def appended(self, entry_id: int) -> Appended:
        return Appended(
            entry_id, self.draft.subject, self.sequence, self.entry, self.salt, self.leaf_hash
        )


def append(
    *,
    subject: str,
    act: Act,
    actor: str,
    at: datetime,
    reason: str = "",
    detail: Mapping[str, Detail] | None = None,
) -> Appended:
    """Write one entry in the caller's transaction.

    Raises:
        NoTransaction: if the caller has not opened one.
        FormatError: if subject, actor, reason or detail can't stand in an entry.
    """
    demand_transaction()
    draft = Draft(subject, act, actor, at, reason, detail or {})
    with connection.cursor() as cursor:
        prepared = _prepare(draft, _locked_tail(cursor, subject))
        entry_id = _insert(cursor, prepared)
    transaction.on_commit(waking.wake)
    return prepared.appended(entry_id)


def append_many(drafts: Sequence[Draft]) -> list[Appended]:
    """Write many entries in the caller's transaction with a few queries, in the order given.

    Raises:
        NoTransaction: if the caller has not opened one.
        FormatError: if one of them can't stand in an entry; none is written then.
    """
    demand_transaction()
    subjects = sorted({draft.subject for draft in drafts})
    with connection.cursor() as cursor:
        _lock(cursor, subjects)
        tails = _tails(cursor, subjects)
        prepared = []
        for draft in drafts:
            entry = _prepare(draft, tails.get(draft.subject))
            tails[draft.subject] = (entry.sequence, entry.leaf_hash)
            prepared.append(entry)
        ids = _insert_entries(cursor, prepared)
        _insert_bodies(cursor, prepared, ids)
    transaction.on_commit(waking.wake)
    return [each.appended(ids[each.leaf_hash]) for each in prepared]


def refuse(
    *,
    subject: str,
    act: Act,
    actor: str,
    at: datetime,
    reason: str = "",
    detail: Mapping[str, Detail] | None = None,
) -> Appended:
    """Write the entry of a refusal in a transaction of its own, durable on return.

    Raises:
        TransactionOpen: inside another transaction, whose undoing would take the entry with it.
        FormatError: as `append`.
    """
    if connection.in_atomic_block and not _only_a_test_case():
        raise TransactionOpen("A refusal is logged after the refused act's transaction has ended.")
    with transaction.atomic():
        return append(subject=subject, act=act, actor=actor, at=at, reason=reason, detail=detail)


def demand_transaction() -> None:
    """Demand a transaction that the caller opened.

    Django's TestCase opens one of its own around a test; it does not count, so that what forgets
    its transaction fails in tests as it would in earnest.

    Raises:
        NoTransaction: if there is none.
    """
    if not connection.in_atomic_block or _only_a_test_case():
        raise NoTransaction("A custody entry is written in the transaction of the act it records.")


def _only_a_test_case() -> bool:
    blocks = getattr(connection, "atomic_blocks", ())
    return bool(blocks) and all(getattr(each, "_from_testcase", False) for each in blocks)


def _prepare(draft: Draft, tail: tuple[int, bytes] | None) -> _Prepared:
    salt = secrets.token_bytes(custody.SALT_SIZE)
    body = custody.Body(
        actor=draft.actor,
        reason=draft.reason,
        detail={**draft.detail, **_BY_WAY_OF.get({})},
        salt=salt,
    ).encode()
    sequence, previous = (tail[0] + 1, tail[1].hex()) if tail else (1, None)
    entry = custody.Entry(
        subject=draft.subject,
        sequence=sequence,
        previous=previous,
        act=draft.act,
        at=draft.at,
        body=custody.body_digest(body),
    ).encode()
    leaf = custody.leaf(entry, salt)
    return _Prepared(draft, sequence, entry, body, salt, leaf, merkle.leaf_hash(leaf))


def lock_of(subject: str) -> tuple[int, int]:
    """Which of the shared locks a subject's writers take on PostgreSQL; taken as they sort."""
    number = int.from_bytes(hashlib.sha256(subject.encode()).digest()[:4]) % _LOCKS
    return (_OF_RECORDINGS if subject.startswith(_RECORDING) else _OF_OTHERS, number)


def _lock(cursor: CursorWrapper, subjects: Sequence[str]) -> None:
    """Wait for other writers of these subjects; on SQLite the transaction itself did."""
    if connection.vendor != "postgresql":
        return
    for lock in sorted({lock_of(subject) for subject in subjects}):
        cursor.execute(_LOCK, lock)


def _locked_tail(cursor: CursorWrapper, subject: str) -> tuple[int, bytes] | None:
    """Wait for other writers of a subject, then find its last entry.

    On PostgreSQL in one round trip; the second statement sees all that was committed before it
    began, and it begins when the lock is held.
    """
    if connection.vendor == "postgresql":
        cursor.execute(f"{_LOCK}; {_TAIL}", [*lock_of(subject), subject])
        cursor.nextset()
    else:
        cursor.execute(_TAIL, [subject])
    tail = cursor.fetchone()
    return (tail[0], bytes(tail[1])) if tail else None


def _insert(cursor: CursorWrapper, prepared: _Prepared) -> int:
    """Write entry and body; on PostgreSQL in one round trip."""
    entry = f"{_INSERT_ENTRY}(%s, %s, %s, %s, %s, %s, %s) RETURNING id"
    if connection.vendor == "postgresql":
        _, *body = prepared.body_row(0)
        cursor.execute(
            f"WITH entry AS ({entry}) {_INSERT_BODY_OF}"  # noqa: S608 - only marks are filled in
            " SELECT id, %s, %s, %s, %s FROM entry RETURNING entry_id",
            [*prepared.entry_row(), *body],
        )
        return int(cursor.fetchone()[0])
    cursor.execute(entry, prepared.entry_row())
    entry_id = int(cursor.fetchone()[0])
    cursor.execute(f"{_INSERT_BODY}(%s, %s, %s, %s, %s)", prepared.body_row(entry_id))
    return entry_id


def _tails(cursor: CursorWrapper, subjects: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    tails: dict[str, tuple[int, bytes]] = {}
    for chunk in _chunks(subjects):
        marks = ", ".join(["%s"] * len(chunk))
        cursor.execute(
            "SELECT e.subject, e.sequence, e.leaf_hash FROM custody_entry e JOIN ("  # noqa: S608 - only marks are filled in
            f"SELECT subject, MAX(sequence) AS last FROM custody_entry WHERE subject IN ({marks})"
            " GROUP BY subject) AS t ON e.subject = t.subject AND e.sequence = t.last",
            list(chunk),
        )
        tails.update((row[0], (row[1], bytes(row[2]))) for row in cursor.fetchall())
    return tails


def _insert_entries(cursor: CursorWrapper, prepared: Sequence[_Prepared]) -> dict[bytes, int]:
    ids: dict[bytes, int] = {}
    for chunk in _chunks(prepared):
        values = ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(chunk))
        cursor.execute(
            f"{_INSERT_ENTRY}{values} RETURNING id, leaf_hash",
            [value for each in chunk for value in each.entry_row()],
        )
        ids.update((bytes(row[1]), row[0]) for row in cursor.fetchall())
    return ids


def _insert_bodies(
    cursor: CursorWrapper, prepared: Sequence[_Prepared], ids: Mapping[bytes, int]
) -> None:
    for chunk in _chunks(prepared):
        values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(chunk))
        rows = [each.body_row(ids[each.leaf_hash]) for each in chunk]
        cursor.execute(f"{_INSERT_BODY}{values}", [value for row in rows for value in row])


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
