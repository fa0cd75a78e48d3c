"""Deleting recordings: the only code that destroys keys of evidence.

Design rules:

1. **Decide last.** `commit` locks the recording's row, the same lock that a hold takes, reads all
   facts again and asks the rules again. What a hold reached first stays.
2. **Say it first.** Custody entry, tombstone and state commit together, before any key is touched.
   From that commit on no running system opens the recording.
3. **Then the key**, in every copy of the ring that is there, and with it the hidden marks by which
   it is found by place. It is idempotent and retried; that it happened is an entry of its own,
   `key.destroyed`, once all copies have confirmed.
4. **Then the record of deletion** is signed. It says *pending* until every copy has confirmed, and
   is signed anew when they have.
5. **Then the sealed bytes go.** They are useless by now; that some are left is no breach. With
   them go the bodies of the custody entries that name a digest of the footage or of its copies.
6. **Each step is durable before the next begins**, and each can be repeated. Whoever is killed
   between two of them leaves a row in a state from which `finish` goes on.
7. Parts of one activation go together, or none does.
8. A tombstone keeps what proves identity and adds up figures: id, camera, counter, part, keyed
   digest, unit, wearer, whether people were told, dates of arrival and deletion. Digest, claim,
   exact times, incident, notes, what officers said of it, what was found in the video and names of
   files go with the footage.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from fairwitness.custody import erasure, ledger
from fairwitness.custody.ledger import Draft
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import beside, columns, glass, naming, places
from fairwitness.evidence.models import (
    Annotation,
    CircleMember,
    Copy,
    Growth,
    Piece,
    Recording,
    State,
    Transcript,
    VideoSeals,
    Viewing,
    Word,
)
from fairwitness.formats import disposal, statement, timestamp
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.disposal import DisposalClaim
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.statement import Statement
from fairwitness.retention import categories, dates, gathering, holds, listing, rules
from fairwitness.retention.gathering import Activation
from fairwitness.retention.listing import Line
from fairwitness.retention.models import (
    Announcement,
    CategoryMark,
    Disposal,
    DisposalRun,
    DisposalState,
    DisposalStatus,
    EarlyDeletion,
    Release,
    Review,
    Said,
    Unmarking,
)
from fairwitness.retention.records import UNFINISHED
from fairwitness.retention.rules import Dispose
from fairwitness.vault import enclosures, manifests
from fairwitness.vault.keyring import Destruction
from fairwitness.vault.port import BlobStore, DeletesMany
from fairwitness.vault.vault import Vault

_LOG = logging.getLogger(__name__)
ACTOR = "system:retention"
BATCH = 50
"""Recordings committed in one transaction, which must not last."""

_UNWRITTEN = "No copy of the key ring could be written: try again."

_GO_WITH_IT = (
    Copy,
    VideoSeals,
    Annotation,
    Transcript,
    Word,
    Growth,
    Viewing,
    CircleMember,
    CategoryMark,
    Review,
    Unmarking,
    Release,
    EarlyDeletion,
    Announcement,
    Said,
)
"""What there is beside a recording and tells of it."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a deletion works with.

    Attributes:
        vault: where the sealed bytes and their keys are.
        key: signs records of deletion.
        batch: how many are committed in one transaction; more only where nobody waits for it.
    """

    vault: Vault
    key: SigningKey
    batch: int = BATCH


def commit(
    recordings: Sequence[UUID], *, at: datetime, run: DisposalRun | None = None
) -> list[UUID]:
    """Decide again on these recordings and commit the deletion of those that are due; step 1.

    Args:
        recordings: candidates; parts of their activations are looked at too.
        at: a time that both clocks agree has come.
        run: the run that this is part of.

    Returns:
        What was committed, whole activations only.

    Raises:
        ListMismatch: a list of deletions is not what the custody log says.
    """
    with transaction.atomic():
        locked = gathering.lock(recordings)
        policy = categories.policy()
        activations = gathering.gather(locked)
        missed = holds.bind_missed(activations, policy, at)
        if missed:
            dates.recompute_many(missed, at)
            activations = gathering.gather(locked)
        due = [
            (each, decision)
            for each in activations
            if isinstance(decision := rules.decide(each.facts, policy, at), Dispose)
        ]
        allowed = listing.listed(
            [Line(part.pk, answer.due) for each, answer in due for part in each.parts], at=at
        )
        going = [
            (each, answer)
            for each, answer in due
            if all(Line(part.pk, answer.due) in allowed for part in each.parts)
        ]
        gone = _commit(going, at, run)
        stays = [each for each in activations if each.parts[0].pk not in set(gone)]
        dates.store(stays, policy, at)  # what the stored dates said wrongly is put right
        return gone


def finish(tools: Tools, *, at: datetime, limit: int | None = None) -> int:
    """Bring committed deletions on: key, record, bytes; steps 2 to 4, for whatever was left.

    Returns:
        How many were brought to their end.
    """
    left = Disposal.objects.filter(UNFINISHED)
    unsigned = left.filter(Q(status=DisposalStatus.PENDING) | ~Q(signed_status=F("status")))
    for batch in _batches(unsigned, limit, tools.batch):
        destroy_keys(batch, tools, at=at)
        sign_records(batch, tools)
    recorded = left.filter(state=DisposalState.RECORDED)
    return sum(_removed(batch, tools, at) for batch in _batches(recorded, limit, tools.batch))


def destroy_keys(disposals: Sequence[UUID], tools: Tools, *, at: datetime) -> None:
    """Destroy the keys of committed deletions and write down how many copies confirmed; step 2.

    What can't be destroyed now (no copy of the ring is there) keeps its state and its problem.
    """
    places.forget(disposals, ring=tools.vault.ring)
    try:
        outcomes = tools.vault.ring.destroy_many(disposals, at=at)
    except FairwitnessError as error:
        Disposal.objects.filter(pk__in=disposals).update(problem=error.message)
        return
    if lost := [pk for pk, outcome in outcomes.items() if not outcome.confirmed]:
        Disposal.objects.filter(pk__in=lost).update(problem=_UNWRITTEN)
    with transaction.atomic():
        _note_destructions({pk: each for pk, each in outcomes.items() if each.confirmed}, at)


def sign_records(disposals: Sequence[UUID], tools: Tools) -> None:
    """Sign the record of each deletion as it stands, and again when more is known; step 3."""
    outdated = Disposal.objects.exclude(state=DisposalState.COMMITTED).exclude(
        signed_status=F("status")
    )
    named = Recording.objects.filter(pk__in=disposals).values_list("pk", "reference", "commitment")
    what = {pk: (reference, commitment) for pk, reference, commitment in named}
    said = {
        row.pk: (row.status, _sign(row, *what[row.pk], tools.key))
        for row in outdated.filter(pk__in=disposals)
    }
    with transaction.atomic():
        signed, drafts = [], []
        for row in outdated.select_for_update().filter(pk__in=said).order_by("pk"):
            status, text = said[row.pk]
            if row.status != status:
                continue  # more became known meanwhile; whoever learnt it signs it
            row.statement, row.signed_status = text, status
            if row.state == DisposalState.DESTROYED:
                row.state = DisposalState.RECORDED
            signed.append(row)
            drafts.append(_record_draft(row))
        columns.write(signed, ["statement", "signed_status", "state"])
        ledger.append_many(drafts)


def remove_bytes(disposals: Sequence[UUID], tools: Tools, *, at: datetime) -> int:
    """Remove what is left of recorded deletions; step 4.

    That is the sealed bytes, manifests and papers of transcripts, and the bodies in the custody log
    that name a digest.
    """
    rows = list(Disposal.objects.filter(pk__in=disposals, state=DisposalState.RECORDED))
    ids = [row.pk for row in rows]
    blobs = list(Piece.objects.filter(recording_id__in=ids).values_list("blob", flat=True))
    _delete([*blobs, *map(manifests.name, ids)], tools.vault.store)
    for pk in ids:
        enclosures.delete_all(store=tools.vault.store, owner=pk)
    with transaction.atomic():
        erasure.erase_of(
            [recording_subject(pk) for pk in ids],
            acts=erasure.WITH_FOOTAGE,
            actor=ACTOR,
            reason="the footage that they name was deleted",
            at=at,
        )
        Piece.objects.filter(recording_id__in=ids).delete()
        Disposal.objects.filter(pk__in=ids, state=DisposalState.RECORDED).update(
            state=DisposalState.DONE, problem=""
        )
    return len(ids)


def _removed(disposals: Sequence[UUID], tools: Tools, at: datetime) -> int:
    """As `remove_bytes`; what the store keeps back is noted, and stops no other deletion."""
    try:
        return remove_bytes(disposals, tools, at=at)
    except FairwitnessError as error:
        if len(disposals) == 1:
            _LOG.warning("The sealed bytes of %s are still there: %s", disposals[0], error.message)
            Disposal.objects.filter(pk__in=disposals).update(problem=error.message)
            return 0
        return sum(_removed([pk], tools, at) for pk in disposals)


def _delete(blobs: Sequence[str], store: BlobStore) -> None:
    if isinstance(store, DeletesMany):
        store.delete_many(blobs)
        return
    for blob in blobs:
        store.delete(blob)


def _commit(
    going: list[tuple[Activation, Dispose]], at: datetime, run: DisposalRun | None
) -> list[UUID]:
    parts = [(part, answer) for each, answer in going for part in each.parts]
    entries = ledger.append_many([_disposed_draft(part, answer, at) for part, answer in parts])
    ids = [part.pk for part, _ in parts]
    columns.insert(
        [
            Disposal(
                recording=part,
                run=run,
                rule=answer.rule,
                because=answer.because,
                due=answer.due,
                disposed_at=at,
                entry_leaf=entry.leaf_hash.hex(),
            )
            for (part, answer), entry in zip(parts, entries, strict=True)
        ]
    )
    leave_tombstones(ids)
    return ids


def leave_tombstones(ids: Sequence[UUID]) -> None:
    """Make these rows tombstones, in the transaction of the entry that says why; see rule 8."""
    Recording.objects.filter(pk__in=ids).update(
        state=State.DISPOSED,
        sha256="",
        claim=None,
        media=None,
        said=None,
        started_at=None,
        ended_at=None,
        incident="",
        filename="",
        keep_reason="",
        shown_reason="",
        force_reason="",
    )
    there = beside.tables(_GO_WITH_IT, ids)
    for model in _GO_WITH_IT:
        if model in there:
            model.objects.filter(recording__in=ids).delete()
    naming.forget(recordings=ids)
    glass.forget(recordings=ids)


def _disposed_draft(part: Recording, answer: Dispose, at: datetime) -> Draft:
    return Draft(
        subject=recording_subject(part.pk),
        act=Act.RECORDING_DISPOSED,
        actor=ACTOR,
        at=at,
        reason=answer.because,
        detail={"rule": answer.rule, "due": timestamp.text(answer.due), "late": part.late},
    )


def _key_draft(recording: UUID, outcome: Destruction, at: datetime) -> Draft:
    return Draft(
        subject=recording_subject(recording),
        act=Act.KEY_DESTROYED if outcome.complete else Act.KEY_DESTRUCTION_PENDING,
        actor=ACTOR,
        at=at,
        detail={"copies": outcome.copies, "confirmed": outcome.confirmed},
    )


def _record_draft(row: Disposal) -> Draft:
    return Draft(
        subject=recording_subject(row.pk),
        act=Act.DISPOSAL_CERTIFIED,
        actor=ACTOR,
        at=row.key_destroyed_at or row.disposed_at,
        detail={"status": row.status, "sha256": sha256(row.statement.encode()).hexdigest()},
    )


def _note_destructions(outcomes: Mapping[UUID, Destruction], at: datetime) -> None:
    """Write down what the ring confirmed; most of a batch have the same news, in one statement."""
    alike: dict[tuple[int, int, str], list[UUID]] = defaultdict(list)
    drafts = []
    waiting = Disposal.objects.filter(status=DisposalStatus.PENDING, pk__in=outcomes)
    for row in waiting.select_for_update().order_by("pk"):
        outcome = outcomes[row.pk]
        known = (row.copies_confirmed, row.ring_copies)
        if row.state == DisposalState.COMMITTED or known != (outcome.confirmed, outcome.copies):
            drafts.append(_key_draft(row.pk, outcome, at))
        state = row.state if row.state != DisposalState.COMMITTED else DisposalState.DESTROYED
        alike[outcome.confirmed, outcome.copies, state].append(row.pk)
    for (confirmed, copies, state), ids in alike.items():
        complete = confirmed == copies
        Disposal.objects.filter(pk__in=ids).update(
            copies_confirmed=confirmed,
            ring_copies=copies,
            state=state,
            status=DisposalStatus.CONFIRMED if complete else DisposalStatus.PENDING,
            key_destroyed_at=at if complete else None,
            problem="",
        )
    ledger.append_many(drafts)


def _sign(row: Disposal, reference: str, commitment: str, key: SigningKey) -> str:
    claim = DisposalClaim(
        recording=row.pk,
        reference=reference,
        rule=row.rule,
        reason=row.because,
        due=row.due,
        disposed_at=row.disposed_at,
        key_destroyed_at=row.key_destroyed_at,
        ring_copies=row.ring_copies,
        copies_confirmed=row.copies_confirmed,
        status=disposal.DisposalStatus(row.status),
        commitment=commitment,
        entry_leaf=row.entry_leaf,
    )
    return statement.sign_statement(Statement(claim), key=key).encode().decode()


def _batches(rows: QuerySet[Disposal], limit: int | None, size: int) -> list[list[UUID]]:
    wanted = list(rows.order_by("pk").values_list("pk", flat=True)[:limit])
    return [wanted[start : start + size] for start in range(0, len(wanted), size)]
