"""Our own signing keys as files: one register of public halves, one private half for each role.

`keys/server-keys.json` lists every key that this server ever signed with, and from and until when;
it is replaced in one step, and that step is what makes a change. A private half lies beside it, in
`keys/<role>-<beginning of its id>.pem`, and only for the key in use: the others are destroyed.

Whoever works with the keys holds them in memory, so a change must be alone: `alone` refuses while
any process of this deployment runs, and `load` waits until a change is over.

What was cut short mends itself at the next `load`: private halves that the register does not name
are destroyed, whether they are of a key that was replaced or of one that never came into use.
"""

import dataclasses
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Final

from fairwitness.custody import durable
from fairwitness.errors import FairwitnessError
from fairwitness.formats import canonical, records, timestamp
from fairwitness.formats.invariants import require
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.trust import KeyRole, TrustedKey

ROLES: Final = (KeyRole.RECEIPT, KeyRole.DERIVATIVE, KeyRole.DISPOSAL, KeyRole.DISCLOSURE)
REGISTER: Final = "server-keys.json"
_IN_USE: Final = ".in-use"
_CODE: Final = "keys.register"


class KeysBusy(FairwitnessError):
    """Keys that can't be changed now, because a process has them in memory."""

    code: ClassVar[str] = "keys.busy"


class KeyLost(FairwitnessError):
    """The private half of the key in use is not where it should be."""

    code: ClassVar[str] = "keys.lost"


class KeyChangeRefused(FairwitnessError):
    """A key that can't be revoked as asked."""

    code: ClassVar[str] = "keys.change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Every key that this server ever signed with; in each role exactly one is in use.

    Attributes:
        keys: in order of role, then of `valid_from`, then of key id.
        changed_at: when the last change was made.
    """

    keys: tuple[TrustedKey, ...]
    changed_at: datetime
    version: int = 1

    def __post_init__(self) -> None:
        require(self.version == 1, "We know only version 1 of the register.", code=_CODE)
        in_use = [key.role for key in self.keys if _in_use(key)]
        good = sorted(in_use) == sorted(ROLES)
        require(good, "In each role one key is in use, and no more.", code=_CODE)

    def current(self, role: KeyRole) -> TrustedKey:
        """The key in use."""
        return next(key for key in self.keys if key.role is role and _in_use(key))

    def find(self, role: KeyRole, keyid: str) -> TrustedKey:
        """The one key of a role whose id begins so.

        Raises:
            KeyChangeRefused: there is none, or more than one.
        """
        digits = keyid.replace(" ", "").lower()
        found = [key for key in self.keys if key.role is role and key.keyid.startswith(digits)]
        if not digits or len(found) != 1:
            raise KeyChangeRefused(
                f"No one {role.value} key has an id that begins with {keyid!r}."
                " `fairwitness keys list` shows them.",
                code="keys.unknown",
            )
        return found[0]

    def rotated(self, new: TrustedKey, *, at: datetime) -> "Register":
        """The register when `new` has taken over from the key in use of its role."""
        old = self.current(new.role)
        ended = dataclasses.replace(old, valid_until=max(at, old.valid_from))
        return _register([*(key for key in self.keys if key is not old), ended, new], at)

    def revoked(self, key: TrustedKey, *, since: datetime, at: datetime) -> "Register":
        """The register when `key`, which another has replaced, is not believed from `since` on.

        The key in use answers for that time from then on.

        Raises:
            KeyChangeRefused: it was revoked before, from an earlier moment.
        """
        if key.revoked_at is not None and key.revoked_at < since:
            raise KeyChangeRefused(
                "It is revoked from an earlier moment already; that can't be made later.",
                code="keys.revoked",
            )
        current = self.current(key.role)
        changed = {
            key.keyid: dataclasses.replace(key, revoked_at=since),
            current.keyid: dataclasses.replace(current, valid_from=min(current.valid_from, since)),
        }
        return _register([changed.get(each.keyid, each) for each in self.keys], at)

    def encode(self) -> bytes:
        """Its canonical JSON."""
        return canonical.encode(records.to_json(self))


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """Our keys as one process works with them; while it lives, nobody changes them.

    Attributes:
        register: all public halves.
        current: the private half in use of each role.
    """

    register: Register
    current: Mapping[KeyRole, SigningKey]
    _in_use: int


def load(folder: Path, *, now: Callable[[], datetime]) -> ServerKeys:
    """Read our keys, and make them at first use.

    Args:
        folder: where they lie.
        now: the time, asked for only when keys are made.

    Raises:
        KeyLost: a private half is missing.
        FormatError: the register or a key is damaged.
    """
    handle = _hold(folder, fcntl.LOCK_SH)
    while not (folder / REGISTER).exists():
        _make_first(folder, now)
    register = read(folder)
    return ServerKeys(register, settle(folder, register), handle)


def read(folder: Path) -> Register:
    """The register as it stands."""
    return records.from_json(Register, canonical.decode((folder / REGISTER).read_bytes()))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Change keys while no process has them in memory, and none can take them up.

    Raises:
        KeysBusy: one has.
    """
    handle = _hold(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        yield
    finally:
        os.close(handle)


def add(folder: Path, role: KeyRole, *, since: datetime) -> TrustedKey:
    """Make a key and store its private half; it is in use once the register says so."""
    key = SigningKey.generate()
    durable.create(_private(folder, role, key.public.keyid), key.pem())
    return TrustedKey(
        role=role,
        name=role.value,
        keyid=key.public.keyid,
        public_pem=key.public.pem().decode(),
        valid_from=since,
    )


def store(folder: Path, register: Register) -> None:
    """Put the register in place of the one before: the step that makes a change."""
    durable.sync_folders(durable.write(folder / REGISTER, register.encode(), private=True))


def settle(folder: Path, register: Register) -> dict[KeyRole, SigningKey]:
    """Read the private halves in use, and destroy all others.

    Raises:
        KeyLost: one is missing.
    """
    kept: dict[KeyRole, SigningKey] = {}
    for role in ROLES:
        path = _private(folder, role, register.current(role).keyid)
        if not path.exists():
            raise KeyLost(
                f"The {role.value} key in use is missing: {path.name}. Bring it back from the"
                " backup of the keys, or rotate it: `fairwitness keys rotate`."
            )
        kept[role] = SigningKey.from_pem(path.read_bytes())
    _destroy_others(folder, register)
    return kept


def _destroy_others(folder: Path, register: Register) -> None:
    named = {_private(folder, role, register.current(role).keyid) for role in ROLES}
    others = {path for role in ROLES for path in folder.glob(f"{role.value}-*.pem")} - named
    for path in sorted(others):
        path.unlink(missing_ok=True)
    if others:
        durable.sync_folders({folder})


def _make_first(folder: Path, now: Callable[[], datetime]) -> None:
    """Make the first keys; who comes second finds those of who came first."""
    at = now()
    keys = [add(folder, role, since=at) for role in ROLES]
    durable.create(folder / REGISTER, _register(keys, at).encode())


def _register(keys: list[TrustedKey], at: datetime) -> Register:
    ordered = sorted(keys, key=lambda key: (key.role, key.valid_from, key.keyid))
    return Register(keys=tuple(ordered), changed_at=at)


def _private(folder: Path, role: KeyRole, keyid: str) -> Path:
    return folder / f"{role.value}-{keyid[:16]}.pem"


def _in_use(key: TrustedKey) -> bool:
    return key.valid_until is None


def _hold(folder: Path, how: int) -> int:
    """Take the lock of these keys; it is let go when the process ends, or the handle is closed."""
    handle = os.open(folder / _IN_USE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, how)
    except BlockingIOError as error:
        os.close(handle)
        raise KeysBusy(
            "A server, a worker or another command has the keys in memory. Stop all of them,"
            " then try again."
        ) from error
    return handle


def text(key: TrustedKey) -> str:
    """How people tell keys apart: the first 16 digits of the id, in fours, and since when."""
    digits = " ".join(key.keyid[at : at + 4] for at in range(0, 16, 4))
    return f"{digits}, since {timestamp.text(key.valid_from)}"
