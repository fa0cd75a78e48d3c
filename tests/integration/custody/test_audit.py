"""Whatever is changed behind the log's back, the audit names it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from tests.custody_log import AT, Log

from fairwitness.custody import erasure, sealed, triggers
from fairwitness.custody.models import Body, BodyState, Entry, Leaf
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import custody, merkle, tile
from fairwitness.formats.acts import Act
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.note import NoteSigner

pytestmark = pytest.mark.django_db

SIZE = 600
VICTIM = 300


@pytest.fixture(autouse=True)
def _a_log(log: Log) -> None:
    log.append(count=SIZE - 100)
    log.append(count=100, subject="camera:1")
    log.integrator().step()


@pytest.fixture
def _unprotected() -> Iterator[None]:
    with connection.cursor() as cursor:
        for name in triggers.names(connection.vendor):
            on = "" if connection.vendor == "sqlite" else f" ON {name[: name.index('_no_')]}"
            cursor.execute(f"DROP TRIGGER {name}{on}")
    yield
    with connection.cursor() as cursor:
        for statement in triggers.create(connection.vendor):
            cursor.execute(statement)


def _found(log: Log, *witnessed: bytes) -> set[tuple[int, str]]:
    found = log.audit(witnessed=witnessed)
    return {(each.check, each.code) for each in found if each.check != 1}


def test_a_sound_log_has_no_findings_and_says_how_far_it_is(log: Log) -> None:
    assert log.audit() == []


def test_rows_without_any_checkpoint_are_a_finding(tmp_path: Path) -> None:
    elsewhere = Log.make(tmp_path / "elsewhere")
    assert _found(elsewhere) == {(9, "custody.checkpoint_missing")}


def test_entries_not_integrated_yet_are_checked_as_rows(log: Log) -> None:
    log.append(count=3)
    assert log.audit() == []


@pytest.mark.usefixtures("_unprotected")
def test_missing_triggers_are_named(log: Log) -> None:
    found = [each for each in log.audit() if each.check == 1]
    assert len(found) == len(triggers.names(connection.vendor))


def _change_act() -> None:
    Entry.objects.filter(id=_victim().id).update(act="log.read")


def _change_canonical() -> None:
    entry = _victim()
    changed = bytes(entry.canonical).replace(b"recording.viewed", b"recording.listed")
    Entry.objects.filter(id=entry.id).update(canonical=changed, act="recording.listed")


def _change_canonical_to_nonsense() -> None:
    Entry.objects.filter(id=_victim().id).update(canonical=b"{}")


def _change_everything_consistently() -> None:
    """What a clever administrator does: a new entry, a new leaf, a new leaf hash."""
    entry = _victim()
    changed = bytes(entry.canonical).replace(b"recording.viewed", b"recording.listed")
    salt = bytes(Body.objects.get(pk=entry.id).salt)
    leaf = custody.leaf(changed, salt)
    Entry.objects.filter(id=entry.id).update(
        canonical=changed,
        act="recording.listed",
        leaf=leaf,
        leaf_hash=merkle.leaf_hash(leaf),
    )


def _change_body() -> None:
    body = Body.objects.get(pk=_victim().id)
    changed = bytes(body.canonical).replace(b"reason", b"excuse")
    Body.objects.filter(pk=body.pk).update(canonical=changed)


def _change_actor() -> None:
    Body.objects.filter(pk=_victim().id).update(actor="officer:2")


def _delete_entry() -> None:
    _victim().delete()


def _delete_leaf() -> None:
    Leaf.objects.filter(index=VICTIM).delete()


def _delete_body() -> None:
    Body.objects.filter(pk=_victim().id).delete()


def _delete_the_last() -> None:
    last = Leaf.objects.get(index=SIZE - 1)
    Entry.objects.filter(id=last.entry_id).delete()
    Body.objects.filter(pk=last.entry_id).delete()
    last.delete()


def _erase_silently() -> None:
    Body.objects.filter(pk=_victim().id).update(
        state=BodyState.ERASED, actor="", salt=b"", canonical=b""
    )


def _lose() -> None:
    Body.objects.filter(pk=_victim().id).update(state=BodyState.LOST, actor="", canonical=b"")


def _swap_places() -> None:
    first, second = Leaf.objects.get(index=VICTIM), Leaf.objects.get(index=VICTIM + 1)
    Leaf.objects.filter(index__in=[VICTIM, VICTIM + 1]).delete()
    Leaf.objects.create(index=VICTIM, entry_id=second.entry_id)
    Leaf.objects.create(index=VICTIM + 1, entry_id=first.entry_id)


def _change_leaf() -> None:
    Entry.objects.filter(id=_victim().id).update(leaf=b"\x01" + bytes(32))


def _change_salt() -> None:
    Body.objects.filter(pk=_victim().id).update(salt=b"salt")


def _put_nonsense_into_the_body() -> None:
    """The digest is right, so that only reading the body shows it."""
    entry, nonsense = _victim(), b"{}"
    old = custody.parse_entry(bytes(entry.canonical)).body
    changed = bytes(entry.canonical).replace(old.encode(), custody.body_digest(nonsense).encode())
    Entry.objects.filter(id=entry.id).update(canonical=changed)
    Body.objects.filter(pk=entry.id).update(canonical=nonsense)


def _victim() -> Entry:
    return Entry.objects.get(id=Leaf.objects.get(index=VICTIM).entry_id)


ENTRY, LEAF, MISSING = (
    (3, "custody.entry_changed"),
    (4, "custody.leaf_wrong"),
    (2, "custody.leaf_missing"),
)
GAP, BROKEN = (6, "custody.chain_gap"), (6, "custody.chain_broken")
TILE, SEALED, ROOT = (
    (7, "custody.tile_wrong"),
    (8, "custody.sealed_wrong"),
    (9, "custody.root_wrong"),
)


@pytest.mark.usefixtures("_unprotected")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_change_act, {ENTRY}),
        (_change_canonical, {LEAF, SEALED}),
        (_change_canonical_to_nonsense, {ENTRY, SEALED}),
        (_change_everything_consistently, {TILE, SEALED, ROOT, BROKEN}),
        (_change_body, {(5, "custody.body_changed")}),
        (_change_actor, {(5, "custody.body_changed")}),
        (_delete_entry, {MISSING, GAP}),
        (_delete_leaf, {MISSING}),
        (_delete_body, {MISSING, SEALED}),
        (_delete_the_last, {MISSING}),
        (_erase_silently, {(5, "custody.body_erased_silently"), SEALED}),
        (_lose, {(5, "custody.body_lost")}),
        (_swap_places, {TILE, SEALED, ROOT}),
        (_change_leaf, {LEAF, TILE}),
        (_change_salt, {LEAF, SEALED, (5, "custody.body_changed")}),
        (_put_nonsense_into_the_body, {LEAF, SEALED, (5, "custody.body_changed")}),
    ],
)
def test_a_changed_row_is_named(
    log: Log, change: Callable[[], None], expected: set[tuple[int, str]]
) -> None:
    change()
    assert _found(log) == expected


@pytest.mark.usefixtures("_unprotected")
def test_a_row_that_is_gone_with_its_tile_leaves_the_audit_going(log: Log) -> None:
    _delete_entry()
    (log.folder / "tile/0/001").unlink()
    assert _found(log) == {MISSING, GAP, TILE, ROOT}


@pytest.mark.parametrize("how", ["flip", "remove"])
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tile/0/000", TILE),
        ("tile/0/002.p/88", TILE),
        ("tile/1/000.p/2", TILE),
        ("tile/entries/001", TILE),
        ("sealed/001", SEALED),
        ("sealed/002.p/88", SEALED),
    ],
)
def test_a_changed_file_is_named(log: Log, path: str, expected: tuple[int, str], how: str) -> None:
    file = log.folder / path
    if how == "remove":
        file.unlink()
    else:
        data = bytearray(file.read_bytes())
        data[100 % len(data)] ^= 1
        file.write_bytes(data)
    assert _found(log) == {expected}


@pytest.mark.parametrize("which", ["checkpoint", "second"])
def test_a_checkpoint_that_is_gone_false_or_of_another_tree_is_named(log: Log, which: str) -> None:
    path = log.folder / "checkpoint" if which == "checkpoint" else log.second_copy
    other = Checkpoint(log.signer.name, SIZE - 1, merkle.leaf_hash(b"other"))
    path.write_bytes(checkpoints.sign(other, signer=log.signer))
    assert _found(log) == {ROOT}
    impostor = NoteSigner.generate(log.signer.name)
    path.write_bytes(checkpoints.sign(other, signer=impostor))
    assert _found(log) == {(9, "custody.checkpoint_invalid")}
    path.unlink()
    assert _found(log) == {(9, "custody.checkpoint_missing")}


def test_what_witnesses_hold_is_compared(log: Log) -> None:
    files = log.opened[-1].files
    past = Checkpoint(log.signer.name, 17, merkle.root(17, files.tree(SIZE).node))
    future = Checkpoint(log.signer.name, SIZE + 5, merkle.leaf_hash(b"future"))
    other = Checkpoint(log.signer.name, 17, merkle.leaf_hash(b"other"))
    good, longer, forked = (
        checkpoints.sign(each, signer=log.signer) for each in (past, future, other)
    )
    assert _found(log, good) == set()
    assert _found(log, good, longer) == {(10, "custody.log_shorter")}
    assert _found(log, forked) == {(10, "custody.root_wrong")}


def test_findings_name_the_leaf_and_the_subject(log: Log) -> None:
    (log.folder / sealed.path(1, tile.WIDTH)).unlink()
    (found,) = log.audit()
    assert (found.check, found.index) == (8, 256)


_SPECIAL = (Act.LOG_GAP_FOUND, Act.LOG_GAP_CLOSED, Act.LOG_BODY_ERASED)


@pytest.mark.parametrize("act", _SPECIAL)
@pytest.mark.parametrize("how", ["delete", "garble body", "garble entry"])
@pytest.mark.usefixtures("_unprotected")
def test_entries_that_the_audit_itself_reads_may_be_gone_or_garbled(
    log: Log, act: Act, how: str
) -> None:
    """The audit names the damage and goes on, whatever an administrator made of them."""
    log.append(subject="log", act=Act.LOG_GAP_FOUND)
    log.append(subject="log", act=act)
    log.opened[-1].step()
    entry = Entry.objects.filter(act=act.value).order_by("-id")[0]
    if how == "delete":
        Body.objects.filter(entry_id=entry.id).delete()
    elif how == "garble body":
        Body.objects.filter(entry_id=entry.id).update(canonical=b"{}")
    else:
        Entry.objects.filter(id=entry.id).update(canonical=b"{}")
    expected = {
        "delete": (2, "custody.leaf_missing"),
        "garble body": (5, "custody.body_changed"),
        "garble entry": (3, "custody.entry_changed"),
    }[how]
    assert expected in _found(log)


def test_an_erasure_that_was_itself_forgotten_accounts_for_one_body_only(log: Log) -> None:
    victims = Entry.objects.filter(subject="camera:1").order_by("id")[:3]
    with transaction.atomic():
        named = erasure.erase_body(
            leaf_hash=bytes(victims[0].leaf_hash), actor="officer:7", reason="", at=AT
        )
    log.opened[-1].step()
    with transaction.atomic():
        erasure.erase_body(leaf_hash=named.leaf_hash, actor="officer:7", reason="", at=AT)
    log.opened[-1].step()
    assert _found(log) == set()
    silent = Body.objects.filter(entry_id=victims[1].id)  # the triggers let erasures pass
    silent.update(state=BodyState.ERASED, actor="", salt=b"", canonical=b"")
    log.integrator().recover()
    assert _found(log) == {(5, "custody.body_erased_silently"), (8, "custody.sealed_wrong")}
