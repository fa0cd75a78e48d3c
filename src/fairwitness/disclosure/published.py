"""Which lists of public keys were published, and when: their fingerprints, kept for ever.

The fingerprint changes with every change to the list, an enrolled camera included, and a copy for
court prints the one of its day. Years later somebody asks whether that was ours: this is where the
answer is.

It is a file, a line for each, that outlives the database; and each is an entry of the custody log,
so that none can be slipped in later. The entry is committed before the line is written: a cut in
between writes the entry twice, never not at all. Whoever publishes a list notes it here first.
"""

import fcntl
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.formats import canonical, records, timestamp, trust
from fairwitness.formats.acts import Act
from fairwitness.formats.trust import TrustList

SUBJECT: Final = "keys"
"""What the custody log calls our signing keys and the list that they are published in."""


@dataclass(frozen=True, slots=True)
class Published:
    """One list of keys that was published.

    Attributes:
        fingerprint: as it is read aloud.
        issued_at: when the last change to that list was made.
        published_at: when it was first given to anybody.
    """

    fingerprint: str
    issued_at: datetime
    published_at: datetime


class Publications:
    """The published lists of one deployment.

    Args:
        path: the file; made at the first publication.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted = ""

    def note(self, keys: TrustList, *, at: datetime, fingerprint: str = "") -> str:
        """Note a list that is about to be published, once; its fingerprint.

        Args:
            keys: the list.
            at: now.
            fingerprint: the list's, where it is known already.
        """
        fingerprint = fingerprint or trust.fingerprint(keys)
        if fingerprint == self._noted:
            return fingerprint
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            data = file.read()
            if fingerprint not in {one.fingerprint for one in _parse(data)}:
                self._append(file.fileno(), data, Published(fingerprint, keys.issued_at, at))
        self._noted = fingerprint
        return fingerprint

    def every(self) -> tuple[Published, ...]:
        """All of them, the first first."""
        try:
            return _parse(self._path.read_bytes())
        except FileNotFoundError:
            return ()

    def _append(self, handle: int, before: bytes, one: Published) -> None:
        with transaction.atomic():
            ledger.append(
                subject=SUBJECT,
                act=Act.TRUST_PUBLISHED,
                actor="system:keys",
                at=one.published_at,
                detail={
                    "fingerprint": one.fingerprint,
                    "issued_at": timestamp.text(one.issued_at),
                },
            )
        whole = before.rfind(b"\n") + 1
        os.ftruncate(handle, whole)  # a line that a cut left half-written goes
        os.write(handle, canonical.encode(records.to_json(one)) + b"\n")
        os.fsync(handle)


def _parse(data: bytes) -> tuple[Published, ...]:
    """Every whole line; a last one that was cut short counts as not written."""
    lines = data.split(b"\n")[:-1]
    return tuple(records.from_json(Published, canonical.decode(line)) for line in lines)
