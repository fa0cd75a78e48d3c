"""The lawful erasure of a body, which is itself an act.

What goes is who, why and what in detail, and the salt; with the salt goes the last way to check a
guess at them. What stays is the entry, its leaf and its place in its subject's chain, and the
entry that says who had the body erased and on what ground. The salt also lies with the sealed
entries beside the tiles; the integrator takes it out there when it integrates that entry.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from fairwitness.custody import ledger, rows, sealed
from fairwitness.custody.files import LogFiles
from fairwitness.custody.ledger import Draft
from fairwitness.custody.models import Body, BodyState, Entry, Leaf
from fairwitness.custody.rows import LeafRow
from fairwitness.custody.sealed import Sealing
from fairwitness.errors import FairwitnessError
from fairwitness.formats import custody
from fairwitness.formats.custody import Act
from fairwitness.formats.tile import WIDTH

ERASED_ENTRY: Final = "entry"
"""The detail that names the entry whose body was erased, by its leaf hash in hexadecimal."""

ERASED_ENTRIES: Final = "entries"
"""The detail that names several of one subject, where the act erased more than one."""

WITH_FOOTAGE: Final = frozenset(
    {
        Act.RECORDING_RECEIVED,
        Act.RECORDING_IMPORTED,
        Act.RECORDING_REBUILT,
        Act.RECORDING_COPY_MADE,
    }
)
"""The acts whose bodies name the footage by its digest, and are erased when it is deleted."""


class NothingToErase(FairwitnessError):
    """There is no such body, or it is gone already."""

    code = "custody.nothing_to_erase"


def erase_body(*, leaf_hash: bytes, actor: str, reason: str, at: datetime) -> ledger.Appended:
    """Erase one body in the caller's transaction, and write the act into the same subject's chain.

    Args:
        leaf_hash: names the entry whose body goes.
        actor: who decided it.
        reason: the ground in law; stays readable, so that it names nobody.
        at: when.

    Raises:
        NoTransaction: if the caller has not opened one.
        NothingToErase: if there is no such body any more.
    """
    ledger.demand_transaction()
    entry = Entry.objects.filter(leaf_hash=leaf_hash).first()
    if entry is None or not _erase([entry.id]):
        raise NothingToErase("There is no such entry, or its body was erased before.")
    return ledger.append(
        subject=entry.subject,
        act=Act.LOG_BODY_ERASED,
        actor=actor,
        at=at,
        reason=reason,
        detail={ERASED_ENTRY: leaf_hash.hex(), "sequence": entry.sequence},
    )


def erase_of(
    subjects: Sequence[str], *, acts: Collection[Act], actor: str, reason: str, at: datetime
) -> int:
    """Erase, in the caller's transaction, the bodies of all entries of these acts.

    Each subject of which something was erased gets one entry that says so.

    Args:
        subjects: whose.
        acts: which of their entries.
        actor: who decided it.
        reason: the ground; stays readable, so that it names nobody.
        at: when.

    Returns:
        How many bodies were erased.

    Raises:
        NoTransaction: if the caller has not opened one.
    """
    ledger.demand_transaction()
    wanted = Entry.objects.filter(subject__in=subjects, act__in=[act.value for act in acts])
    rows = list(wanted.order_by("subject", "sequence").values_list("id", "subject", "leaf_hash"))
    left = Body.objects.filter(entry_id__in=[pk for pk, _, _ in rows])
    there = set(left.exclude(state=BodyState.ERASED).values_list("entry_id", flat=True))
    named: dict[str, list[str]] = defaultdict(list)
    for pk, subject, leaf_hash in rows:
        if pk in there:
            named[subject].append(bytes(leaf_hash).hex())
    ledger.append_many(
        [
            Draft(subject, Act.LOG_BODY_ERASED, actor, at, reason, {ERASED_ENTRIES: entries})
            for subject, entries in named.items()
        ]
    )
    return _erase(list(there))


def named_by(body: custody.Body) -> list[str]:
    """The entries that an erasure names, by their leaf hashes in hexadecimal."""
    one, many = body.detail.get(ERASED_ENTRY), body.detail.get(ERASED_ENTRIES)
    return ([one] if isinstance(one, str) else []) + (many if isinstance(many, list) else [])


def scrub_erased_by(found: Iterable[LeafRow], *, files: LogFiles, sealing: Sealing) -> None:
    """Take the salts out of the sealed files for every erasure among these rows."""
    acts = [each for each in found if Act.LOG_BODY_ERASED.value.encode() in each.canonical]
    bodies = Body.objects.filter(entry_id__in=[each.entry_id for each in acts])
    hashes = []
    for each in bodies.filter(state=BodyState.KEPT):
        named = named_by(custody.parse_body(bytes(each.canonical)))
        hashes += [bytes.fromhex(name) for name in named]
    entries = Entry.objects.filter(leaf_hash__in=hashes).values_list("id", flat=True)
    _scrub(list(entries), files=files, sealing=sealing)


def scrub_all(*, files: LogFiles, sealing: Sealing) -> None:
    """Take the salts of all erased bodies out of the sealed files, where any was left."""
    erased = Body.objects.filter(state=BodyState.ERASED).values_list("entry_id", flat=True)
    _scrub(list(erased), files=files, sealing=sealing)


def erase_again(*, size: int, files: LogFiles, sealing: Sealing) -> int:
    """Erase the bodies that a restored database brought back, in the caller's transaction.

    An erased body is known by its sealed entry, which has no salt.

    Returns:
        How many were erased.
    """
    total = 0
    for start in range(0, size, WIDTH):
        width = min(WIDTH, size - start)
        entries = files.entries(start // WIDTH, width, sealing)
        gone = [start + i for i, each in enumerate(entries) if each.salt is None]
        if gone:
            ids = Leaf.objects.filter(index__in=gone).values_list("entry_id", flat=True)
            total += _erase(list(ids))
    return total


def _erase(entry_ids: list[int]) -> int:
    bodies = Body.objects.filter(entry_id__in=entry_ids).exclude(state=BodyState.ERASED)
    return bodies.update(state=BodyState.ERASED, actor="", salt=b"", canonical=b"")


def _scrub(entry_ids: list[int], *, files: LogFiles, sealing: Sealing) -> None:
    places = Leaf.objects.filter(entry_id__in=entry_ids).values_list("index", flat=True)
    for index in sorted({each // WIDTH for each in places}):
        width = files.sealed_width(index)
        if not width:
            continue
        present = rows.between(index * WIDTH, index * WIDTH + width)
        entries = [each.sealed for each in present]
        if entries != files.entries(index, width, sealing):
            data = sealing.seal(entries, index=index)
            files.write({sealed.path(index, width): data})
