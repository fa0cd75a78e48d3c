"""Other video as evidence: CCTV, phones, another vendor's export, brought in by an officer.

It takes the same way as what docks bring (sealed as it is read, read back, judged, registered), and
its provenance says that no camera of ours signed it. Importing the same file again, or going on
after an interruption, is the same call.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.ingest import tus, uploads
from fairwitness.ingest.acceptance import Acceptance
from fairwitness.ingest.models import Upload, UploadState
from fairwitness.ingest.receiving import Incoming, Receiver

_CHUNK = 1 << 20


class ImportRefused(FairwitnessError):
    """A file that can't be read, or has nothing in it."""

    code = "import.refused"


def import_file(
    *,
    path: Path,
    officer: Officer,
    tools: Acceptance,
    receiver: Receiver,
    progress: Callable[[int], None] = lambda _bytes: None,
) -> Upload:
    """Bring in one file, up to its last byte; acceptance then decides as for any upload.

    Args:
        path: of the file, which is only read.
        officer: who brings it in and answers for where it came from.
        tools: vault, keyed digests and time.
        receiver: takes the bytes.
        progress: told how many bytes of it are taken.

    Raises:
        NotAllowed: after the refusal was written down.
        ImportRefused: it can't be read, or is empty.
    """
    at = tools.clock()
    authority.demand(
        actor=officer,
        action=Action.IMPORT_FOOTAGE,
        subject=Subject(unit=officer.unit.code),
        about=authority.text(officer),
        at=at,
    )
    try:
        size, digest = _measure(path)
        create = tus.Create(
            length=size,
            metadata="",
            values={"sha256": digest, "filename": path.name.encode()},
            body=None,
        )
        upload = uploads.begin(
            create=create,
            sender=officer,
            commitments=tools.commitments,
            vault=tools.vault,
            at=at,
        )
        if upload.state == UploadState.RECEIVING:
            _send(path, upload, officer, receiver=receiver, clock=tools.clock, progress=progress)
    except OSError as error:
        raise ImportRefused(f"{path} can't be read: {error}.") from error
    upload.refresh_from_db()
    return upload


def _measure(path: Path) -> tuple[int, bytes]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            digest.update(data)
            size += len(data)
    if not size:
        raise ImportRefused(f"{path} is empty.")
    return size, digest.digest()


def _send(
    path: Path,
    upload: Upload,
    officer: Officer,
    *,
    receiver: Receiver,
    clock: Callable[[], datetime],
    progress: Callable[[int], None],
) -> None:
    run = uploads.start(
        upload=upload.pk,
        sender=officer,
        append=tus.Append(upload.offset, None, None),
        at=clock(),
    )
    incoming = receiver.receive(run, checksum=None)
    try:
        with path.open("rb") as file:
            file.seek(run.offset)
            left = run.length - run.offset
            while left and (data := file.read(min(_CHUNK, left))):
                _take(incoming, memoryview(data))
                left -= len(data)
                progress(run.length - left)
        incoming.finish(whole=True)
    except BaseException:
        incoming.abort()
        raise


def _take(incoming: Incoming, rest: memoryview) -> None:
    while rest:
        rest = rest[incoming.take(rest) :]
        if rest:
            incoming.wait_for_room()
