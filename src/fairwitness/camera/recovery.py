"""After a cut: everything up to the last whole fragment is kept, signed and said to be interrupted.

The journal tells which recording was being written. A file of fragments is whole up to the end of
its last complete fragment; what follows is cut off, nothing else is touched.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import av

from fairwitness.camera import journal, signing
from fairwitness.camera.identity import Identity
from fairwitness.camera.journal import OpenRecording
from fairwitness.camera.storing import remove
from fairwitness.camera.volume import Volume
from fairwitness.formats import boxes, dsse
from fairwitness.formats.errors import FormatError
from fairwitness.formats.recording import EventKind, RecordingClaim
from fairwitness.formats.statement import open_statement

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found after a cut, in words for the device log.

    Attributes:
        name: of the recording.
        kept: True when it, or what was whole of it, is now on the volume.
        sentence: what happened to it.
    """

    name: str
    kept: bool
    sentence: str


def recover(*, volume: Volume, identity: Identity) -> Recovery | None:
    """Finish what a cut interrupted; None when there was nothing. May itself be cut and repeated.

    Raises:
        FormatError: the journal is damaged; the unfinished file is left as it is.
    """
    recording = journal.load(identity.journal)
    if recording is None:
        return None
    name = recording.name(identity.serial)
    if volume.video(name).exists() or _is_signed(name, volume=volume, identity=identity):
        signing.finish(name, volume=volume, identity=identity)
        return Recovery(name, kept=True, sentence="had been finished and signed before the cut")
    path = volume.unfinished(name)
    whole = whole_bytes(path) if path.exists() else 0
    if whole == 0:
        if path.exists():
            remove(path)
        journal.forget(identity.journal)
        return Recovery(name, kept=False, sentence="not one whole second had been stored")
    claim = _mended(path, whole, recording, identity)
    signing.publish(claim, volume=volume, identity=identity)
    seconds = (claim.ended_at - claim.started_at).total_seconds()
    return Recovery(name, kept=True, sentence=f"{seconds:.1f} s were kept")


def whole_bytes(path: Path) -> int:
    """How many bytes of a fragmented MP4 are whole: up to its last complete fragment; 0 if none."""
    size = path.stat().st_size
    whole = 0
    with path.open("rb") as file:

        def read(offset: int, length: int) -> bytes:
            file.seek(offset)
            return file.read(length)

        try:
            before = ""
            for box in boxes.walk(read, start=0, stop=size):
                if (before, box.kind) == ("moof", "mdat") or (whole and box.kind == "mfra"):
                    whole = box.end
                before = box.kind
        except boxes.BoxInvalid:
            pass  # the cut
    return whole


def _mended(
    path: Path,
    whole: int,
    recording: OpenRecording,
    identity: Identity,
) -> RecordingClaim:
    with path.open("r+b") as file:
        file.truncate(whole)
        digest = hashlib.sha256()
        while part := file.read(_CHUNK):
            digest.update(part)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    duration_ms = _pictures(path) * 1000 // recording.frames_per_second
    mended = recording.noted(EventKind.RECOVERED, at_ms=duration_ms)
    return mended.claim(
        identity,
        size=whole,
        sha256=digest.hexdigest(),
        duration_ms=duration_ms,
        last_part=True,
        interrupted=True,
    )


def _is_signed(name: str, *, volume: Volume, identity: Identity) -> bool:
    """True when the cut came after the statement was written: file and statement agree."""
    try:
        envelope = dsse.parse(volume.statement(name).read_bytes())
        keys = {identity.key.keyid: identity.key.public}
        claim = open_statement(envelope, RecordingClaim, keys).predicate
        digest = hashlib.sha256()
        with volume.unfinished(name).open("rb") as file:
            while part := file.read(_CHUNK):
                digest.update(part)
    except (OSError, FormatError):
        return False
    return digest.hexdigest() == claim.sha256


def _pictures(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)
