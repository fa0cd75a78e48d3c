"""An outside witness: it remembers the largest checkpoint of each log, and cosigns what extends it.

This is the heart of C2SP tlog-witness; `witness_server` puts it on HTTP. An oversight body runs it
over a folder of its own, with its own key. It knows nothing of entries and needs no database.

A checkpoint is accepted in this order:

1. its origin is one that the witness was told of;
2. it bears a valid signature of that log's key;
3. the older size that the log names is the one that the witness remembers;
4. the consistency proof shows that the new tree extends the remembered one;
5. cosigned, it is durable in the witness's folder before the cosignature leaves it.

Of the signatures that came with it only the log's own are kept: anybody can submit a checkpoint.
"""

import base64
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from fairwitness.custody import durable
from fairwitness.errors import FairwitnessError
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle, note
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.errors import FormatError
from fairwitness.formats.merkle import ProofInvalid
from fairwitness.formats.note import Note, NoteSigner, NoteVerifier

MAX_REQUEST_BYTES: Final = 128 * 1024
MAX_HASHES: Final = 63
_OLD: Final = re.compile("old (0|[1-9][0-9]{0,18})")


class WitnessRefused(FairwitnessError):
    """The witness does not cosign this checkpoint.

    Attributes:
        status: the HTTP status that tlog-witness gives this refusal.
    """

    code = "witness.refused"
    status = 400


class LogUnknown(WitnessRefused):
    """The checkpoint is of a log that the witness was not told of."""

    code = "witness.log_unknown"
    status = 404


class LogUnsigned(WitnessRefused):
    """The checkpoint bears no valid signature of its log."""

    code = "witness.log_unsigned"
    status = 403


class SizeConflict(WitnessRefused):
    """The log took another size for the one that the witness remembers.

    Attributes:
        size: the size remembered; the log asks again from there.
    """

    code = "witness.size_conflict"
    status = 409

    def __init__(self, message: str, *, size: int) -> None:
        super().__init__(message)
        self.size = size


class Inconsistent(WitnessRefused):
    """The checkpoint does not extend the one remembered: the log may have forked."""

    code = "witness.inconsistent"
    status = 422


class RootConflict(Inconsistent):
    """The checkpoint has the size of the one remembered and another root: the log forked."""

    status = 409


@dataclass(frozen=True, slots=True)
class Request:
    """What a log submits: see `parse_request`."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def encode(self) -> bytes:
        """The request body of tlog-witness `add-checkpoint`."""
        lines = [
            f"old {self.old_size}",
            *(base64.b64encode(each).decode() for each in self.proof),
            "",
            "",
        ]
        return "\n".join(lines).encode() + self.checkpoint


def parse_request(body: bytes) -> Request:
    """Read the body of an `add-checkpoint` request.

    Raises:
        WitnessRefused: if it is malformed.
    """
    head, blank, rest = body.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
        match = _OLD.fullmatch(lines[0])
        proof = tuple(note.decode_base64(each) for each in lines[1:])
    except (UnicodeDecodeError, FormatError) as error:
        raise WitnessRefused("The request is malformed.") from error
    if match is None or not blank or len(proof) > MAX_HASHES or len(body) > MAX_REQUEST_BYTES:
        raise WitnessRefused("The request is malformed.")
    return Request(int(match[1]), proof, rest)


def demand_extends(known: Checkpoint | None, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """Demand that `new` extends what is known; pure.

    Raises:
        Inconsistent: if the proof does not show it.
    """
    if known is None or known.size == 0:
        if proof:
            raise Inconsistent("Nothing needs no proof to be extended.")
        return
    if known.size == new.size and known.root != new.root:
        raise RootConflict("Another tree of this size was cosigned before.")
    try:
        merkle.verify_consistency(
            old_size=known.size,
            new_size=new.size,
            old_root=known.root,
            new_root=new.root,
            proof=proof,
        )
    except ProofInvalid as error:
        raise Inconsistent(error.message) from error


class Witness:
    """A witness with its folder and key; safe across threads and processes."""

    def __init__(
        self, folder: Path, *, logs: Mapping[str, NoteVerifier], signer: NoteSigner
    ) -> None:
        """Promises nothing yet.

        Args:
            folder: where its memory lies; nobody else writes there.
            logs: the keys of the logs that it follows, by origin.
            signer: its own key, of kind COSIGNATURE_V1.
        """
        self._folder = folder
        self._logs = logs
        self._signer = signer

    def latest(self, origin: str) -> bytes | None:
        """The largest checkpoint of a log that was accepted, with our cosignature; or None."""
        return self.remembered(hashlib.sha256(origin.encode()).hexdigest())

    def remembered(self, digest: str) -> bytes | None:
        """The same by the SHA-256 of the log's origin, in hexadecimal: how monitors ask."""
        path = self._folder / digest / "checkpoint"
        return path.read_bytes() if path.exists() else None

    def add(self, request: Request, *, at: datetime) -> bytes:
        """Accept a checkpoint that extends the one remembered, and cosign it.

        Returns:
            The checkpoint with the log's signatures and our cosignature, last; durable before
            this returns.

        Raises:
            WitnessRefused: with the status of the first check that fails.
        """
        new, signed = self._open(request.checkpoint)
        with self._alone():
            kept = self.latest(new.origin)
            known = None if kept is None else checkpoints.parse(kept)[0]
            if request.old_size > new.size:
                raise WitnessRefused("The older tree can't be larger than the newer one.")
            size = known.size if known else 0
            if request.old_size != size:
                raise SizeConflict(f"The witness knows {size} entries of this log.", size=size)
            demand_extends(known, new, request.proof)
            cosigned = checkpoints.cosign(signed, signer=self._signer, at=at)
            durable.sync_folders(durable.write(self._path(new.origin), cosigned))
        return cosigned

    def _open(self, data: bytes) -> tuple[Checkpoint, bytes]:
        """The checkpoint, and its note with no signatures but the log's."""
        if len(data) > checkpoints.MAX_CHECKPOINT_BYTES:
            raise WitnessRefused("The checkpoint is larger than any that we accept.")
        try:
            signed = note.parse(data)
        except FormatError as error:
            raise WitnessRefused("The checkpoint is malformed.") from error
        origin, size = signed.text.split("\n", 2)[0], signed.text.split("\n", 2)[1]
        verifier = self._logs.get(origin)
        if verifier is None:
            raise LogUnknown(f"This witness does not follow {origin}.")
        try:
            verifier.verify(signed)
        except FormatError as error:
            raise LogUnsigned(error.message) from error
        try:
            new = checkpoints.parse_text(signed.text)
        except FormatError as error:
            if size == "0":
                raise Inconsistent("An empty log has only one root.") from error
            raise WitnessRefused("The checkpoint is malformed.") from error
        return new, Note(signed.text, verifier.find(signed)).encode()

    def _path(self, origin: str) -> Path:
        return self._folder / hashlib.sha256(origin.encode()).hexdigest() / "checkpoint"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
