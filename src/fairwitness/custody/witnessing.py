"""Has outside witnesses follow the log: submits checkpoints, keeps cosignatures, hears objections.

What a witness says counts for as much as it can show:

1. A cosignature that its key made is kept beside the checkpoint, durably. That a witness follows is
   an entry once a day.
2. A checkpoint with the log's own signature that our log does not extend proves a fork, whoever
   shows it: a dispute (`gaps`), and nothing more is signed.
3. Any other objection is an entry, once a day while it lasts, and a finding of the audit. A witness
   that lies, or was set up wrongly, stops nothing.
4. A witness that is slow or away is asked again a little later. Each is asked in a thread of its
   own, and nobody waits longer than `WAIT` for all of them together.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from django.db import transaction

from fairwitness.custody import durable, gaps, ledger, proofs, reading, witness_client
from fairwitness.custody.files import COSIGNED, LogFiles
from fairwitness.custody.findings import Finding
from fairwitness.custody.witness_client import WitnessAway
from fairwitness.errors import FairwitnessError
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle, note
from fairwitness.formats.acts import Act
from fairwitness.formats.errors import FormatError
from fairwitness.formats.note import Note, NoteVerifier
from fairwitness.formats.policy import Witness

WAIT: Final = witness_client.SECONDS + 1.0
"""Seconds that a start, a sweep or an export waits for all witnesses together, at most."""

_AWAY_SECONDS: Final = 20.0
_DAY: Final = timedelta(days=1)
_TRIES: Final = 3
_ACTOR: Final = "system:witnessing"
_WITNESSED: Final = 10
_LOG: Final = logging.getLogger(__name__)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Objection:
    """What a witness said instead of cosigning.

    Attributes:
        text: in words.
        size: of the largest tree of ours that it says it knows; None if it says none.
        proof: a checkpoint that our log signed and does not extend; None if it shows none.
    """

    text: str
    size: int | None = None
    proof: bytes | None = None


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint with a witness's cosignature, kept; `size` is the tree's."""

    size: int


@dataclass(slots=True)
class _Line:
    """One witness and how it goes with asking it; at most one question at a time."""

    witness: Witness
    busy: threading.Lock = field(default_factory=threading.Lock)
    not_before: float = 0.0
    told: str = ""


class Witnesses:
    """The outside witnesses of one log, in one process; safe in any thread."""

    def __init__(self, witnesses: Sequence[Witness], *, files: LogFiles, log: NoteVerifier) -> None:
        """Asks nobody yet.

        Args:
            witnesses: whom the policy names; those without an address are never asked.
            files: the log's files.
            log: verifier of the log's own key.
        """
        self.every = tuple(witnesses)
        self._files = files
        self._log = log
        self._lines: list[_Line] = [_Line(each) for each in self.every if each.url]

    def remembered(self) -> tuple[bytes, ...]:
        """The checkpoints that the witnesses remember, those that our log signed; asks everybody.

        A witness that can't be reached, or tells what our log never signed, is logged as a warning.
        """
        found = self._ask_all(self._remembered_by, ask_again=True)
        return tuple(note_ for _, note_ in found if note_ is not None)

    def submit(self, *, at: datetime) -> int:
        """Submit the latest checkpoint to each witness that has not cosigned it, and write entries.

        Lets witnesses be that did not answer a moment ago.

        Returns:
            How many cosigned.
        """
        cosigned = 0
        for each, outcome in self._ask_all(self._submit_to):
            if isinstance(outcome, Objection):
                _LOG.error("The witness %s objects: %s", each.name, outcome.text)
                _write_objection(each, outcome, at)
            elif outcome is not None:
                cosigned += 1
                _write_witnessed(each, outcome, at)
        return cosigned

    def findings(self) -> list[Finding]:
        """Witnesses that objected last: findings of the log's audit."""
        found = []
        for each in self.every:
            last = _last(each)
            if last is not None and last.entry.act is Act.LOG_WITNESS_DISAGREED:
                told = last.body.reason if last.body else "What it said is lost."
                text = f"The witness {each.name} objects: {told}"
                found.append(Finding(_WITNESSED, "log.witness_disagreed", text, subject="log"))
        return found

    def _ask_all(
        self, ask: Callable[[Witness], _T], *, ask_again: bool = False
    ) -> list[tuple[Witness, _T]]:
        answers: list[tuple[Witness, _T]] = []
        threads = [
            threading.Thread(target=self._ask, args=[line, ask, answers], daemon=True)
            for line in self._lines
            if ask_again or line.not_before <= time.monotonic()
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + WAIT
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return list(answers)

    def _ask(
        self,
        line: _Line,
        ask: Callable[[Witness], _T],
        answers: list[tuple[Witness, _T]],
    ) -> None:
        """Ask one witness, in a thread of its own that touches no database."""
        if not line.busy.acquire(timeout=witness_client.SECONDS):
            line.not_before = time.monotonic() + _AWAY_SECONDS  # it is still at the last question
            return
        try:
            answers.append((line.witness, ask(line.witness)))
            line.not_before, line.told = 0.0, ""
        except (FairwitnessError, OSError) as error:
            line.not_before = time.monotonic() + _AWAY_SECONDS
            if line.told != str(error):
                _LOG.warning("The witness %s is away: %s", line.witness.name, error)
            line.told = str(error)
        finally:
            line.busy.release()

    def _remembered_by(self, witness: Witness) -> bytes | None:
        told = witness_client.remembered(witness.url, origin=self._log.name)
        if told is None:
            return None
        try:
            checkpoints.open_checkpoint(told, verifier=self._log)
        except FormatError as error:
            text = "The witness %s remembers what our log did not sign: %s"
            _LOG.warning(text, witness.name, error.message)
            return None
        return told

    def _submit_to(self, witness: Witness) -> Cosigned | Objection | None:
        """Have one witness cosign; None if there is nothing to cosign."""
        path = f"{COSIGNED}/{witness.verifier.key_id.hex()}"
        kept = self._files.read(path)
        old = 0 if kept is None else checkpoints.parse(kept)[0].size
        for _ in range(_TRIES):
            data = self._files.checkpoint()
            if data is None:
                return None
            opened = checkpoints.open_checkpoint(data, verifier=self._log)
            if kept is not None and checkpoints.parse(kept)[0] == opened:
                return None
            if old > opened.size:
                return self._objection(witness, f"it has seen {old} entries", size=old)
            proof = proofs.consistency(old, opened.size, files=self._files)
            answer = witness_client.submit(witness.url, old_size=old, proof=proof, checkpoint=data)
            if answer.status == 200:  # noqa: PLR2004 - cosigned
                return self._keep(witness, path, data, answer.body)
            if answer.size is None or answer.size == old:
                return self._objection(witness, f"it answered {answer.status}", size=answer.size)
            old, kept = answer.size, None
        return None  # the log grew meanwhile, and somebody else submits as well

    def _keep(self, witness: Witness, path: str, data: bytes, lines: bytes) -> Cosigned | Objection:
        """Check a cosignature, and make it durable beside the checkpoint."""
        try:
            answered = note.parse(data + lines)
            mine = witness.verifier.find(answered)
            (cosigned,) = checkpoints.cosignatures(data + lines, witnesses=[witness.verifier])
        except (FormatError, ValueError):
            return Objection("its answer bears no valid cosignature by the key in the policy file")
        text = Note(answered.text, (*self._log.find(answered), *mine)).encode()
        durable.sync_folders(durable.write(self._files.folder / path, text))
        _LOG.debug("%s cosigned at %s", witness.name, cosigned.at)
        return Cosigned(checkpoints.parse(data)[0].size)

    def _objection(self, witness: Witness, told: str, *, size: int | None) -> Objection:
        """What a witness objects, with the proof if it shows one."""
        try:
            shown = self._remembered_by(witness)
        except WitnessAway as error:
            return Objection(f"{told}, and shows nothing ({error.message})", size)
        if shown is None or self._extended(shown):
            return Objection(f"{told}, and shows no checkpoint that our log does not extend", size)
        opened = checkpoints.parse(shown)[0]
        return Objection(
            f"{told}, and shows a checkpoint of {opened.size} entries that our log signed and does"
            " not extend",
            opened.size,
            shown,
        )

    def _extended(self, shown: bytes) -> bool:
        """Whether our log, as it is now, extends a checkpoint that it signed."""
        opened = checkpoints.parse(shown)[0]
        latest = self._files.checkpoint()
        size = checkpoints.parse(latest)[0].size if latest is not None else 0
        if opened.size > size:
            return False
        return merkle.root(opened.size, self._files.tree(size).node) == opened.root


def _subject(witness: Witness) -> str:
    return f"witness:{witness.verifier.key_id.hex()}"


def _last(witness: Witness) -> reading.HistoryRow | None:
    found = reading.search(subject=_subject(witness), limit=1)
    return found[0] if found else None


def _write_witnessed(witness: Witness, cosigned: Cosigned, at: datetime) -> None:
    with transaction.atomic():
        last = _last(witness)
        fresh = last is not None and last.entry.at > at - _DAY
        if last is not None and fresh and last.entry.act is Act.LOG_WITNESSED:
            return
        ledger.append(
            subject=_subject(witness),
            act=Act.LOG_WITNESSED,
            actor=_ACTOR,
            at=at,
            detail={"name": witness.verifier.name, "size": cosigned.size},
        )


def _write_objection(witness: Witness, objection: Objection, at: datetime) -> None:
    detail = {"name": witness.verifier.name, "size": objection.size}
    with transaction.atomic():
        last = _last(witness)
        fresh = last is not None and last.entry.at > at - _DAY
        if last is None or not fresh or last.entry.act is not Act.LOG_WITNESS_DISAGREED:
            ledger.append(
                subject=_subject(witness),
                act=Act.LOG_WITNESS_DISAGREED,
                actor=_ACTOR,
                at=at,
                reason=objection.text,
                detail=detail,
            )
    if objection.proof is not None:
        gaps.dispute(
            actor=_subject(witness),
            reason=f"The witness {witness.name} objects: {objection.text}.",
            at=at,
            detail={**detail, "checkpoint": objection.proof.decode()},
        )
