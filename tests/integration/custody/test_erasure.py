"""A body goes on lawful grounds, traceably and everywhere; its entry and the chain stay."""

import pytest
from django.db import transaction
from tests.custody_log import AT, Log

from fairwitness.custody import erasure, ledger, proofs
from fairwitness.custody.models import BodyState
from fairwitness.formats import proof
from fairwitness.formats.custody import Act

pytestmark = pytest.mark.django_db


def _erase(leaf_hash: bytes) -> ledger.Appended:
    with transaction.atomic():
        return erasure.erase_body(
            leaf_hash=leaf_hash, actor="officer:7", reason="DPA 2018 s.47", at=AT
        )


def _sealed_salts(log: Log, size: int) -> list[bytes | None]:
    integrator = log.integrator()
    entries = integrator.files.entries(0, size, integrator.sealing)
    return [each.salt for each in entries]


def test_an_erasure_leaves_entry_chain_and_proof_and_says_who_did_it(log: Log) -> None:
    written = log.append(count=6)
    log.integrator().step()
    _erase(written[3].leaf_hash)
    log.append()
    log.integrator().step()
    rows = ledger.history("recording:1")
    assert [row.entry.sequence for row in rows] == [1, 2, 3, 4, 5, 6, 7, 8]
    gone, act = rows[3], rows[6]
    assert (gone.body, gone.salt, gone.body_state) == (None, None, BodyState.ERASED)
    assert gone.canonical == written[3].entry
    assert rows[4].entry.previous == written[3].leaf_hash.hex()
    assert act.entry.act is Act.LOG_BODY_ERASED
    assert act.body is not None
    assert (act.body.actor, act.body.reason) == ("officer:7", "DPA 2018 s.47")
    assert act.body.detail == {"entry": written[3].leaf_hash.hex(), "sequence": 4}
    text = proofs.inclusion(written[3].leaf_hash, files=log.opened[-1].files)
    assert text is not None
    proof.verify(proof.parse(text), leaf_hash=written[3].leaf_hash, verifier=log.signer.verifier)
    assert log.audit() == []


@pytest.mark.parametrize("integrated_before", [True, False])
def test_the_salt_goes_from_the_sealed_entries_too(log: Log, *, integrated_before: bool) -> None:
    written = log.append(count=6)
    if integrated_before:
        log.integrator().step()
        assert written[3].salt in _sealed_salts(log, 6)
    _erase(written[3].leaf_hash)
    log.integrator().step()
    salts = _sealed_salts(log, 7)
    assert salts[3] is None
    assert salts[:3] == [each.salt for each in written[:3]]
    assert None not in salts[4:]
    assert log.audit() == []


def test_a_salt_left_behind_by_a_crash_goes_at_the_next_start(log: Log) -> None:
    written = log.append(count=300)
    log.integrator().step()
    before = (log.folder / "sealed" / "000").read_bytes()
    _erase(written[3].leaf_hash)
    log.integrator().step()
    (log.folder / "sealed" / "000").write_bytes(before)
    assert [each.code for each in log.audit()] == ["custody.sealed_wrong"]
    log.integrator().step()
    assert log.audit() == []


def test_what_is_not_there_or_gone_already_is_not_erased(log: Log) -> None:
    (written,) = log.append()
    _erase(written.leaf_hash)
    for leaf_hash in (written.leaf_hash, bytes(32)):
        with pytest.raises(erasure.NothingToErase):
            _erase(leaf_hash)
    assert len(ledger.history("recording:1")) == 2


def test_an_erasure_needs_a_transaction_and_is_undone_with_it(log: Log) -> None:
    (written,) = log.append()
    with pytest.raises(ledger.NoTransaction):
        erasure.erase_body(leaf_hash=written.leaf_hash, actor="officer:7", reason="", at=AT)

    def _fail() -> None:
        with transaction.atomic():
            erasure.erase_body(leaf_hash=written.leaf_hash, actor="officer:7", reason="", at=AT)
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        _fail()
    assert ledger.history("recording:1")[0].body is not None
