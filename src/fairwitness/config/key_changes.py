"""Rotating and revoking our own signing keys (docs/design/keys.md, ADR 0018).

The order is such that a cut at any point leaves keys that work:

1. the new private half, durable, with its `since` in nothing but memory;
2. the register, replaced in one step: from here on the new key is in use and the old one is ended;
3. the old private half is destroyed;
4. the custody entry.

What a cut leaves undone of 3 is done when the keys are next read; what it leaves undone of 4 is
found and written by the next `fairwitness keys` command, from the register.

A statement carries the time of its act, not of its signing; an act that waits for its signature
when keys change would be older than the new key. So a new key is valid from the oldest of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from fairwitness.config import server_keys, signing_again
from fairwitness.config.server_keys import KeyChangeRefused, Register
from fairwitness.custody import ledger, reading
from fairwitness.disclosure.published import SUBJECT
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail
from fairwitness.formats.trust import KeyRole, TrustedKey


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed.

    Attributes:
        ended: the key that is no longer used, or no longer believed.
        in_use: the one in use now.
        again: receipts and records of deletion that are signed again because of it.
    """

    ended: TrustedKey
    in_use: TrustedKey
    again: int = 0


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asked for a change, why and when, as the log says it."""

    actor: str
    reason: str
    at: datetime


def rotate(*, folder: Path, role: KeyRole, reason: str, officer: Officer, at: datetime) -> Change:
    """Put a new key in the place of the one in use. What the old one signed stays good.

    Raises:
        NotAllowed: this person may not; written down.
        KeysBusy: a process has the keys in memory.
    """
    _demand(officer, at)
    with server_keys.alone(folder):
        before = server_keys.read(folder)
        _write_missing_entries(before, at)
        asked = _Asked(authority.text(officer), reason, at)
        return _replace(folder, before, role, asked)


def revoke(
    *,
    folder: Path,
    role: KeyRole,
    keyid: str,
    since: datetime,
    reason: str,
    officer: Officer,
    at: datetime,
) -> Change:
    """Stop believing a key from a moment on: the last at which it was surely ours alone.

    The key in use is replaced first. Receipts and records of deletion that it signed for acts from
    then on are signed again by the key in use.

    Raises:
        NotAllowed: this person may not; written down.
        KeyChangeRefused: no such key, a time to come, or one later than it was revoked from.
        KeysBusy: a process has the keys in memory.
    """
    if since > at:
        raise KeyChangeRefused("A key is revoked from a moment that has been.", code="keys.time")
    _demand(officer, at)
    asked = _Asked(authority.text(officer), reason, at)
    with server_keys.alone(folder):
        register = server_keys.read(folder)
        _write_missing_entries(register, at)
        key = register.find(role, keyid)
        if register.current(role) == key:
            _replace(folder, register, role, asked)
            register = server_keys.read(folder)
            key = register.find(role, key.keyid)
        register = register.revoked(key, since=since, at=at)
        server_keys.store(folder, register)
        ended = register.find(role, key.keyid)
        with transaction.atomic():
            again = signing_again.sign_again(ended, since=since)
            _log(Act.KEY_REVOKED, ended, asked)
    return Change(ended, register.current(role), again)


def finish(*, folder: Path, at: datetime) -> int:
    """Write the entries that a cut change left unwritten; returns how many.

    Raises:
        KeysBusy: a process has the keys in memory.
    """
    with server_keys.alone(folder):
        return _write_missing_entries(server_keys.read(folder), at)


def _demand(officer: Officer, at: datetime) -> None:
    authority.demand(
        actor=officer,
        action=Action.CHANGE_SERVER_KEYS,
        subject=Subject(),
        about=SUBJECT,
        at=at,
    )


def _replace(folder: Path, before: Register, role: KeyRole, asked: _Asked) -> Change:
    since = signing_again.oldest_waiting(role, at=asked.at)
    new = server_keys.add(folder, role, since=since)
    after = before.rotated(new, at=asked.at)
    server_keys.store(folder, after)
    server_keys.settle(folder, after)
    old = after.find(role, before.current(role).keyid)
    with transaction.atomic():
        _log(Act.KEY_ROTATED, old, asked)
    return Change(old, new)


def _log(act: Act, key: TrustedKey, asked: _Asked) -> None:
    ledger.append(
        subject=SUBJECT,
        act=act,
        actor=asked.actor,
        at=asked.at,
        reason=asked.reason,
        detail=_detail(key),
    )


def _detail(key: TrustedKey) -> dict[str, Detail]:
    until, revoked = key.valid_until, key.revoked_at
    return {
        "role": key.role.value,
        "keyid": key.keyid,
        "valid_until": None if until is None else timestamp.text(until),
        "revoked_at": None if revoked is None else timestamp.text(revoked),
    }


def _write_missing_entries(register: Register, at: datetime) -> int:
    """Compare the register with the log, and write what a cut kept from being written."""
    with transaction.atomic():
        written = {
            _named(row.entry.act, row.body.detail.get("keyid"), row.body.detail.get("revoked_at"))
            for row in reading.history(SUBJECT)
            if row.body is not None
        }
        missing = [(act, key) for act, key in _changes(register) if _name(act, key) not in written]
        for act, key in missing:
            if act is Act.KEY_REVOKED and key.revoked_at is not None:
                signing_again.sign_again(key, since=key.revoked_at)
            _log(act, key, _Asked("system:keys", "found after a change that was cut", at))
    return len(missing)


def _changes(register: Register) -> Iterator[tuple[Act, TrustedKey]]:
    for key in register.keys:
        if key.valid_until is not None:
            yield Act.KEY_ROTATED, key
        if key.revoked_at is not None:
            yield Act.KEY_REVOKED, key


def _name(act: Act, key: TrustedKey) -> tuple[Act, Detail, Detail]:
    return _named(act, key.keyid, _detail(key)["revoked_at"])


def _named(act: Act, keyid: Detail, revoked_at: Detail) -> tuple[Act, Detail, Detail]:
    """What tells one change from another: a key is rotated once, and revoked from some moment."""
    return act, keyid, revoked_at if act is Act.KEY_REVOKED else None
