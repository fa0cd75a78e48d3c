"""Other video as evidence: CCTV, phones, another vendor's export, brought in by an officer.

It takes the same way as what docks bring (sealed as it is read, read back, judged, registered), and
its provenance says that no camera of ours signed it. What can't be read as video is kept as it is.
Importing the same file again, or going on after an interruption, is the same call; after its
deletion it is a recording of its own again.
"""

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fairwitness.dock import folder
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.ingest import particulars, tus, uploads
from fairwitness.ingest.acceptance import Acceptance
from fairwitness.ingest.models import Upload, UploadState
from fairwitness.ingest.particulars import Particulars
from fairwitness.ingest.receiving import Incoming, Receiver

_CHUNK = 1 << 20


class ImportRefused(FairwitnessError):
    """A file that can't be read, or has nothing in it."""

    code = "import.refused"


def demand(officer: Officer, at: datetime) -> None:
    """Go on only when this officer may bring in footage.

    Raises:
        NotAllowed: after the refusal was written down.
    """
    authority.demand(
        actor=officer,
        action=Action.IMPORT_FOOTAGE,
        subject=Subject(unit=officer.unit.code),
        about=authority.text(officer),
        at=at,
    )


def demand_wearer(officer: Officer, told: Particulars, at: datetime) -> None:
    """Go on only when this officer may say who wore the camera; nothing is asked if it isn't said.

    Raises:
        NotAllowed: after the refusal was written down.
    """
    wearer = particulars.wearer(told)
    if wearer is not None:
        authority.demand(
            actor=officer,
            action=Action.ASSIGN_WEARER,
            subject=Subject(unit=wearer.unit.code, person=wearer.pk),
            about=authority.text(officer),
            at=at,
        )


def measure(path: Path, progress: Callable[[int], None]) -> tuple[int, bytes]:
    """Size and SHA-256 of an ordinary file.

    Raises:
        OSError: it can't be read, or is a link or no ordinary file.
        ImportRefused: it is empty.
    """
    digest, size = hashlib.sha256(), 0
    with folder.open_plain(path) as file:
        while data := file.read(_CHUNK):
            digest.update(data)
            size += len(data)
            progress(size)
    if not size:
        raise ImportRefused(f"{folder.shown(path)} is empty.")
    return size, digest.digest()


def import_file(
    *,
    path: Path,
    size: int,
    sha256: str,
    told: Particulars,
    again: int,
    officer: Officer,
    tools: Acceptance,
    receiver: Receiver,
    progress: Callable[[int], None] = lambda _bytes: None,
) -> Upload:
    """Bring in one file, up to its last byte; acceptance then decides as for any upload.

    Size, digest, what is told and its number come from `import_plan`, which asked about each.

    Args:
        path: of the file, which is only read.
        size: bytes of it.
        sha256: of them, hexadecimal; other bytes go to quarantine.
        told: what the officer tells of it; counts until its last byte is here.
        again: how often the same bytes came from this officer and were deleted since.
        officer: who brings it in and answers for where it came from.
        tools: vault, keyed digests and time.
        receiver: takes the bytes.
        progress: told how many bytes of it are taken.

    Raises:
        NotAllowed: to import, or to say who wore the camera; after it was written down.
        ImportRefused: it can't be read.
    """
    upload = begin(
        name=path.name,
        size=size,
        sha256=sha256,
        told=told,
        again=again,
        officer=officer,
        tools=tools,
    )
    if upload.state == UploadState.RECEIVING:
        try:
            _send(path, upload, officer, receiver=receiver, clock=tools.clock, progress=progress)
        except OSError as error:
            why = f"{folder.shown(path)} can't be read: {error}."
            raise ImportRefused(why) from error
    upload.refresh_from_db()
    return upload


def begin(
    *,
    name: str,
    size: int,
    sha256: str,
    told: Particulars,
    again: int,
    officer: Officer,
    tools: Acceptance,
) -> Upload:
    """The upload of one file, before its first byte or where it stands; arguments as above.

    Raises:
        NotAllowed: to import, or to say who wore the camera; after it was written down.
    """
    at = tools.clock()
    demand(officer, at)
    demand_wearer(officer, told, at)
    values = {
        "sha256": bytes.fromhex(sha256),
        "filename": name.encode("utf-8", errors="replace"),
        "again": str(again or "").encode(),
        particulars.KEY: told.encode(),
    }
    metadata = ",".join(f"{key} {base64.b64encode(of).decode()}" for key, of in values.items())
    upload = uploads.begin(
        create=tus.Create(length=size, metadata=metadata, values=values, body=None),
        sender=officer,
        commitments=tools.commitments,
        vault=tools.vault,
        at=at,
    )
    if upload.state == UploadState.RECEIVING:
        Upload.objects.filter(pk=upload.pk).update(metadata=metadata)
    return upload


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
        with folder.open_plain(path) as file:
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
    if left:
        raise ImportRefused(f"{folder.shown(path)} got shorter while it was read.")


def _take(incoming: Incoming, rest: memoryview) -> None:
    while rest:
        rest = rest[incoming.take(rest) :]
        if rest:
            incoming.wait_for_room()
