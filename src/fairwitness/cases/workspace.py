"""The independent investigation's own workspace in a critical incident.

It plays, holds, copies, reads the log and checks it for itself. The force can't lift what is placed
here, nor see that it was: holds are silent and oversight's, the case is oversight's own, and what
its people do to a recording of the incident is left out of what the force reads of the log
(`evidence.apart_from_force`). It stays in the log: proofs, counts and gaps are as of anything else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from fairwitness.cases import declaring, opening, post_incident, producing
from fairwitness.cases.models import Case, CriticalIncident
from fairwitness.custody import ledger, proofs
from fairwitness.custody.files import LogFiles
from fairwitness.custody.reading import HistoryRow
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import fixity
from fairwitness.evidence.models import Recording, State
from fairwitness.force import authority
from fairwitness.force.asking import Action
from fairwitness.force.models import Officer
from fairwitness.formats import proof
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail, recording_subject
from fairwitness.formats.errors import FormatError
from fairwitness.formats.note import NoteVerifier
from fairwitness.retention import holds
from fairwitness.retention.holds import Placed, Terms
from fairwitness.retention.models import HoldKind
from fairwitness.vault.vault import Vault

ENTER: Final = Action.INVESTIGATE_INCIDENT


@dataclass(frozen=True, slots=True)
class Checked:
    """What the log says of one recording, derived anew.

    Attributes:
        recording: which.
        reference: its number.
        entries: how many.
        proved: how many of them lie in the log, under a checkpoint that its key signed.
        problem: what does not hold, in words; empty when all does.
    """

    recording: UUID
    reference: str
    entries: int
    proved: int
    problem: str


def demand(*, incident: CriticalIncident, officer: Officer, at: datetime) -> None:
    """Go on only in the workspace of one's own investigation.

    Raises:
        NotAllowed: after the refusal was written down.
    """
    authority.demand(
        actor=officer,
        action=ENTER,
        subject=post_incident.subject_of(incident),
        about=declaring.about(incident),
        at=at,
    )


def hold(*, incident: CriticalIncident, basis: str, officer: Officer, at: datetime) -> Placed:
    """Keep all that the incident has locked by now under a hold of the investigation's own.

    Raises:
        HoldInvalid: no basis. NothingToHold: nothing is left. NotAllowed.
    """
    demand(incident=incident, officer=officer, at=at)
    return holds.place(
        terms=Terms(
            kind=HoldKind.OVERSIGHT,
            reference=incident.reference,
            basis=basis.strip(),
            review_on=(at + declaring.REVIEW).date(),
            silent=True,
        ),
        owner=officer,
        at=at,
        recordings=[row.pk for row in living(incident)],
    )


def gather(*, incident: CriticalIncident, officer: Officer, at: datetime) -> Case:
    """The investigation's case, every recording of the incident an exhibit of it; for a copy.

    Each recording is an act of its own: cut off, it goes on where it stopped.

    Raises:
        NotAllowed: not the investigation's.
    """
    demand(incident=incident, officer=officer, at=at)
    case = incident.case or _open(incident, officer, at)
    for recording in living(incident):
        if case.exhibits.filter(withdrawn_at=None, hold__bindings__recording=recording).exists():
            continue
        producing.produce(
            case=case,
            recording=recording,
            producer=officer,
            title=f"Recording {recording.reference}",
            officer=officer,
            at=at,
        )
    return case


def check_log(
    *,
    incident: CriticalIncident,
    files: LogFiles,
    verifier: NoteVerifier,
    officer: Officer,
    at: datetime,
) -> list[Checked]:
    """Check the log of every recording of the incident, and of the incident itself.

    1. Each subject's entries are numbered without a gap, and each names the one before.
    2. What each says is what its entry names, or was erased.
    3. Each lies in the log, by a proof under a checkpoint that the log's key signed.

    Raises:
        NotAllowed: not the investigation's.
    """
    demand(incident=incident, officer=officer, at=at)
    bound = post_incident.bound_by(incident)
    found = [
        _check(row.recording_id, row.recording.reference, ledger.history(subject), files, verifier)
        for subject, row in bound.items()
    ]
    own = ledger.history(declaring.about(incident))
    found.append(_check(incident.pk, incident.reference, own, files, verifier))
    problems = sum(bool(each.problem) for each in found)
    _note(incident, officer, at, {"checked": len(found), "problems": problems})
    return found


def read_back(
    *,
    incident: CriticalIncident,
    recording: Recording,
    vault: Vault,
    officer: Officer,
    at: datetime,
) -> str:
    """Read one recording's master back from the store and compare its digest; what came of it.

    Raises:
        NotAllowed: not the investigation's.
    """
    demand(incident=incident, officer=officer, at=at)
    try:
        digest = fixity.read_back(recording=recording, vault=vault)
        same = digest.sha256.hex() == recording.sha256 and digest.size == recording.size
        said = "its bytes are those that were received" if same else "its bytes have CHANGED"
    except FairwitnessError as error:
        said = f"it can't be read: {error.message}"
    about = recording_subject(recording.pk)
    _note(incident, officer, at, {"recording": about, "found": said})
    return said


def living(incident: CriticalIncident) -> list[Recording]:
    """The recordings that the incident's lock binds, or bound, and that are not deleted."""
    return list(
        Recording.objects.select_related("wearer", "unit", "station")
        .filter(bindings__hold=incident.hold_id, state=State.LIVE)
        .order_by("docked_at", "pk")
    )


def _open(incident: CriticalIncident, officer: Officer, at: datetime) -> Case:
    with transaction.atomic():
        case = opening.open_case(
            reference=f"{incident.reference} oversight",
            title=incident.about[:200],
            unit=incident.unit,
            officer_in_case=officer,
            review_on=(at + declaring.REVIEW).date(),
            officer=officer,
            at=at,
            oversight=True,
        )
        incident.case = case
        incident.save(update_fields=["case"])
    return case


def _check(
    pk: UUID,
    reference: str,
    rows: Sequence[HistoryRow],
    files: LogFiles,
    verifier: NoteVerifier,
) -> Checked:
    problem, before = "", ""
    for number, row in enumerate(rows, 1):
        if row.entry.sequence != number or (row.entry.previous or "") != before:
            problem = problem or f"entry {number} does not follow the one before it"
        if row.body is None and row.body_state.value != "erased":
            problem = problem or f"what entry {number} says is not what it names"
        before = row.leaf_hash.hex()
    proved = 0
    shown = proofs.inclusions([row.leaf_hash for row in rows], files=files)
    for leaf_hash, text in shown.items():
        try:
            proof.verify(proof.parse(text), leaf_hash=leaf_hash, verifier=verifier)
        except FormatError as error:
            problem = problem or error.message
        else:
            proved += 1
    return Checked(pk, reference, len(rows), proved, problem)


def _note(
    incident: CriticalIncident, officer: Officer, at: datetime, detail: dict[str, Detail]
) -> None:
    with transaction.atomic():
        ledger.append(
            subject=declaring.about(incident),
            act=Act.AUDIT_RUN,
            actor=authority.text(officer),
            at=at,
            reason="the independent investigation's own",
            detail=detail,
        )
