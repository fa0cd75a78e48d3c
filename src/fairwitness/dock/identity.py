"""Who a dock is: its own key, made here and nowhere else, and whom it trusts.

A dock's folder holds `dock.json` (serial, station, server), `key.pem` (readable by us alone),
`trust.json` (the server's public keys, brought by the person who set the dock up) and the journal.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fairwitness.errors import FairwitnessError
from fairwitness.formats import canonical, docking, dsse, records, trust
from fairwitness.formats.keys import SigningKey


class DockNotSetUp(FairwitnessError):
    """The dock's folder has no dock in it, or already has one."""

    code = "dock.not_set_up"


@dataclass(frozen=True, slots=True)
class Identity:
    """What `dock.json` says; `server` is the address it docks to."""

    version: int
    serial: str
    station: str
    server: str


@dataclass(frozen=True, slots=True)
class Dock:
    """A dock that is set up."""

    folder: Path
    identity: Identity
    key: SigningKey

    @property
    def journal_path(self) -> Path:
        """Where its journal lies."""
        return self.folder / "journal.sqlite3"

    def trust(self) -> trust.TrustList:
        """The keys that this dock believes.

        Raises:
            DockNotSetUp: nobody has brought `trust.json` yet.
        """
        path = self.folder / "trust.json"
        if not path.exists():
            raise DockNotSetUp(
                f"This dock has no list of the server's keys. Put it at {path}: without it no"
                " receipt can be checked, and no camera is erased.",
                code="dock.no_trust",
            )
        return trust.parse(path.read_bytes())

    def enrolment_request(self, *, at: datetime) -> dsse.Envelope:
        """The request to be enrolled, signed by the dock's own key."""
        request = docking.EnrolmentRequest(
            kind=docking.DeviceKind.DOCK,
            serial=self.identity.serial,
            profile=None,
            station=self.identity.station,
            public_key=self.key.public.pem().decode(),
            at=at,
        )
        return docking.sign_claim(request, key=self.key)


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def set_up(*, folder: Path, serial: str, station: str, server: str) -> Dock:
    """Make a dock: a fresh key in `folder`, never leaving it.

    Raises:
        DockNotSetUp: there is a dock in this folder already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    identity = Identity(version=1, serial=serial, station=station, server=server.rstrip("/"))
    try:
        _write_new(folder / "key.pem", SigningKey.generate().pem())
    except FileExistsError as error:
        raise DockNotSetUp(f"There is a dock in {folder} already.", code="dock.exists") from error
    _write_new(folder / "dock.json", canonical.encode(records.to_json(identity)))
    return load(folder=folder)


def load(*, folder: Path) -> Dock:
    """Read a dock's folder.

    Raises:
        DockNotSetUp: there is no dock in it.
    """
    try:
        text = (folder / "dock.json").read_bytes()
        pem = (folder / "key.pem").read_bytes()
    except OSError as error:
        raise DockNotSetUp(
            f"There is no dock in {folder}. Set one up with `fairwitness dock init`."
        ) from error
    identity = records.from_json(Identity, canonical.decode(text))
    return Dock(folder=folder, identity=identity, key=SigningKey.from_pem(pem))


def bring_trust(*, dock: Dock, data: bytes) -> str:
    """Put the server's list of keys into the dock; replaces an older one.

    Returns:
        The list's fingerprint, for the person to compare with what the force reads out.

    Raises:
        FormatError: this is no trust list.
    """
    believed = trust.parse(data)
    fresh = dock.folder / ".trust.json.new"
    fresh.write_bytes(data)
    fresh.replace(dock.folder / "trust.json")
    return trust.fingerprint(believed)
