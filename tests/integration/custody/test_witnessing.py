"""Outside witnesses follow the log; what they can prove stops it, and nothing else they do."""

import shutil
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from tests.custody_log import AT, Log
from tests.database_copy import DatabaseCopy
from tests.witnessing import Outsider, liar, witnesses

from fairwitness.custody import gaps, ledger, proofs
from fairwitness.custody.integrator import Integrator, LogDisputed
from fairwitness.custody.memory import LogForked
from fairwitness.custody.witnessing import WAIT, Witnesses
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle, proof
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.custody import Act
from fairwitness.formats.note import NoteSigner, SignatureType

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def outsider(log: Log, tmp_path: Path) -> Iterator[Outsider]:
    made = Outsider.make(tmp_path / "oversight", log=log.signer.vkey)
    made.start()
    yield made
    made.kill()


def _following(log: Log, *lines: str) -> Witnesses:
    return Witnesses(witnesses(*lines), files=log.integrator().files, log=log.signer.verifier)


def _integrator(log: Log, asked: Witnesses) -> Integrator:
    log.close()
    made = Integrator(
        log.folder,
        signer=log.signer,
        sealing_key=log.sealing_key,
        clock=lambda: AT,
        witnessed=asked.remembered,
    )
    log.opened.append(made)
    return made


def _acts(act: Act) -> list[str]:
    return [row.body.reason for row in ledger.search(act=act) if row.body is not None]


def _public(log: Log) -> bytes:
    note = log.opened[-1].files.public("checkpoint")
    assert note is not None
    return note


def test_a_witness_cosigns_what_grows_and_an_entry_a_day_says_so(
    log: Log, outsider: Outsider
) -> None:
    asked = _following(log, outsider.line())
    (key,) = [each.verifier for each in asked.every]
    assert asked.submit(at=AT) == 0, "there is no checkpoint yet"
    entries = log.append(count=300)
    log.opened[-1].step()
    for hours in (0, 1, 2):
        assert asked.submit(at=AT + timedelta(hours=hours)) == 1
        assert [each.name for each in checkpoints.cosignatures(_public(log), witnesses=[key])] == [
            "oversight.example/w1"
        ]
        assert asked.submit(at=AT + timedelta(hours=hours)) == 0, "it is cosigned already"
        log.append()
        log.opened[-1].step()
    assert len(ledger.search(act=Act.LOG_WITNESSED)) == 1
    assert checkpoints.cosignatures(_public(log), witnesses=[key]) == ()
    # An older entry is proved under the checkpoint that is cosigned, a new one under the latest.
    text = proofs.inclusion(entries[7].leaf_hash, files=log.opened[-1].files)
    assert text is not None
    parsed = proof.parse(text)
    assert checkpoints.cosignatures(parsed.checkpoint, witnesses=[key])
    proof.verify(parsed, leaf_hash=entries[7].leaf_hash, verifier=log.signer.verifier)
    latest = checkpoints.parse(_public(log))[0].size
    newest = proofs.inclusion(entries[7].leaf_hash, files=log.opened[-1].files, since=latest)
    assert newest is not None
    assert checkpoints.parse(proof.parse(newest).checkpoint)[0].size == latest
    # The next day, after the witness was killed and started again, and our memory of it was lost.
    outsider.kill()
    outsider.start()
    shutil.rmtree(log.folder / "cosigned")
    assert asked.submit(at=AT + timedelta(days=1, hours=3)) == 1
    assert len(ledger.search(act=Act.LOG_WITNESSED)) == 2
    assert log.audit(witnessed=asked.remembered()) == []
    assert asked.findings() == []


def test_restored_to_yesterday_nothing_is_signed_because_the_witness_remembers_more(
    log: Log, outsider: Outsider, tmp_path: Path
) -> None:
    asked = _following(log, outsider.line())
    log.append(count=5)
    log.opened[-1].step()
    asked.submit(at=AT)
    log.opened[-1].step()
    yesterday = DatabaseCopy(tmp_path)
    shutil.copytree(log.folder, tmp_path / "yesterday")
    log.append(count=3)
    log.opened[-1].step()
    asked.submit(at=AT)
    log.close()
    yesterday.restore()
    shutil.rmtree(log.folder)
    shutil.copytree(tmp_path / "yesterday", log.folder)
    shutil.copy(log.folder / "checkpoint", log.second_copy)
    with pytest.raises(LogForked, match="once had 9 entries and now has 6"):
        _integrator(log, asked).recover()
    # Without the witness the server would have gone on; then the next submission finds it.
    outsider.kill()
    integrator = _integrator(log, asked)
    integrator.step()
    log.append(count=1)
    forked = integrator.step()
    outsider.start()
    found = _following(log, outsider.line())
    assert found.submit(at=AT) == 0
    assert (
        "9 entries that our log signed and does not extend" in _acts(Act.LOG_WITNESS_DISAGREED)[0]
    )
    with pytest.raises(LogDisputed):
        _integrator(log, Witnesses((), files=integrator.files, log=log.signer.verifier)).step()
    assert checkpoints.parse(_public(log))[0].size == forked.size
    assert "custody.log_shorter" in {
        each.code for each in log.audit(witnessed=found.remembered())
    } | {each.code for each in found.findings()}


def test_a_dispute_stops_signing_until_two_officers_have_looked(log: Log) -> None:
    log.append(count=5)
    integrator = log.integrator()
    tip = integrator.step()
    for claimed in (50, 60):
        gaps.dispute(actor="dock:7", reason=f"saw {claimed}.", at=AT, detail={"since": claimed})
    assert _acts(Act.LOG_WITNESS_DISAGREED) == ["saw 50."]
    gap = gaps.open_gap()
    assert gap is not None
    assert gap.dispute == "saw 50."
    with pytest.raises(LogDisputed):
        integrator.step()
    checkpoint = integrator.files.checkpoint()
    assert checkpoint is not None
    assert checkpoints.parse(checkpoint)[0] == tip
    for officer in ("officer:1", "officer:2"):
        with pytest.raises(LogDisputed):
            integrator.step()
        with transaction.atomic():
            gaps.close_gap(actor=officer, reason="the dock's journal was damaged", at=AT)
    assert not gaps.disputed()
    assert integrator.step().size == 8


def test_a_dispute_leaves_a_gap_that_it_meets_open() -> None:
    with transaction.atomic():
        ledger.append(
            subject="log",
            act=Act.LOG_GAP_FOUND,
            actor="system:integrator",
            at=AT,
            detail={"first": 5, "size": 9, "bodies_lost": 4},
        )
    gaps.dispute(actor="dock:7", reason="saw 50.", at=AT, detail={})
    gap = gaps.open_gap()
    assert gap is not None
    assert (gap.first, gap.size, gap.dispute) == (5, 9, "saw 50.")
    for officer in ("officer:1", "officer:2"):
        with transaction.atomic():
            gaps.close_gap(actor=officer, reason="compared", at=AT)
    assert gaps.open_gap() is None
    assert gaps.closed_spans() == [(5, 9)]


def test_a_dead_witness_holds_up_nothing(log: Log, outsider: Outsider) -> None:
    asked = _following(log, outsider.line())
    outsider.kill()
    log.append(count=5)
    begun = time.monotonic()
    integrator = _integrator(log, asked)
    assert integrator.recover().rows == 0
    assert integrator.step().size == 5
    assert asked.submit(at=AT) == 0
    assert time.monotonic() - begun < WAIT
    assert ledger.search(act=Act.LOG_WITNESS_DISAGREED) == []
    assert asked.findings() == []


def test_a_witness_that_never_answers_is_waited_for_once_and_briefly(log: Log) -> None:
    key = NoteSigner.generate("slow.example", kind=SignatureType.COSIGNATURE_V1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        asked = _following(log, f"witness slow {key.vkey} http://127.0.0.1:{port}\n")
        log.append(count=5)
        log.opened[-1].step()
        begun = time.monotonic()
        assert asked.submit(at=AT) == 0
        assert time.monotonic() - begun < WAIT + 1
        begun = time.monotonic()
        for _ in range(10):
            assert asked.submit(at=AT) == 0
        assert time.monotonic() - begun < WAIT, "each would have waited as long as the first"


def test_a_witness_with_another_key_is_an_objection_until_it_is_put_right(
    log: Log, outsider: Outsider
) -> None:
    other = NoteSigner.generate("oversight.example/w1", kind=SignatureType.COSIGNATURE_V1)
    wrong = _following(log, outsider.line().replace(outsider.vkey, other.vkey))
    log.append(count=5)
    log.opened[-1].step()
    for _ in range(2):
        assert wrong.submit(at=AT) == 0
    (said,) = _acts(Act.LOG_WITNESS_DISAGREED)
    assert "no valid cosignature" in said
    (finding,) = wrong.findings()
    assert finding.code == "log.witness_disagreed"
    assert log.opened[-1].files.cosigned() == []
    assert not gaps.disputed()
    right = Witnesses(
        witnesses(outsider.line()), files=log.opened[-1].files, log=log.signer.verifier
    )
    assert log.opened[-1].step().size == 6
    assert right.submit(at=AT) == 1
    assert right.findings() == []


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (409, "text/x.tlog.size", b"1000000\n"),
        (409, "text/plain", b"another tree\n"),
        (422, "text/plain", b"no\n"),
        (404, "text/plain", b""),
        (403, "text/plain", b""),
        (200, "text/plain", b""),
        (200, "text/plain", b"\xe2\x80\x94 liar.example AAAAAAAA\n"),
        (200, "text/plain", bytes(10_000)),
    ],
)
def test_of_two_witnesses_one_lies_and_is_told_and_stops_nothing(
    log: Log, outsider: Outsider, status: int, kind: str, body: bytes
) -> None:
    key = NoteSigner.generate("liar.example", kind=SignatureType.COSIGNATURE_V1)
    forged = NoteSigner.generate(log.signer.name)
    remembers = checkpoints.sign(Checkpoint(forged.name, 10**6, bytes(32)), signer=forged)
    with liar(status=status, kind=kind, body=body, remembers=remembers) as url:
        asked = _following(log, outsider.line(), f"witness liar {key.vkey} {url}\n")
        log.append(count=5)
        integrator = _integrator(log, asked)
        assert integrator.step().size == 5, "what it says it remembers our log never signed"
        assert asked.submit(at=AT) == 1
        (finding,) = asked.findings()
        assert "liar" in finding.message
        assert not gaps.disputed()
        assert integrator.step().size == 7, "one entry for each witness"
        honest = asked.every[0].verifier
        assert len(checkpoints.cosignatures(_public(log), witnesses=[honest, key.verifier])) < 2
        assert log.audit(witnessed=asked.remembered()) == []


def test_a_fork_that_one_witness_can_prove_stops_the_log_whatever_the_other_says(
    log: Log, outsider: Outsider
) -> None:
    key = NoteSigner.generate("two.example", kind=SignatureType.COSIGNATURE_V1)
    other = Checkpoint(log.signer.name, 4, merkle.leaf_hash(b"other"))
    shown = checkpoints.sign(other, signer=log.signer)
    with liar(status=422, kind="text/plain", body=b"", remembers=shown) as url:
        asked = _following(log, outsider.line(), f"witness two {key.vkey} {url}\n")
        log.append(count=5)
        integrator = log.integrator()
        integrator.step()
        assert asked.submit(at=AT) == 1
        assert gaps.disputed()
        with pytest.raises(LogDisputed):
            integrator.step()
        with pytest.raises(LogForked, match="first 4 entries"):
            _integrator(log, asked).recover()
