import dataclasses

import pytest
from tests.vectors import samples

from fairwitness.formats import checkpoint, merkle, note, proof, receipt, statement, trust
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.errors import FormatError
from fairwitness.formats.receipt import Consistency, Receipt, ReceiptInvalid


def check(given: Receipt, last: Checkpoint | None, **change: object) -> Checkpoint:
    wanted: dict[str, object] = {
        "trust": samples.TRUST,
        "sha256": samples.MASTER_SHA256,
        "size": len(samples.MASTER),
    }
    return receipt.check_receipt(given, last_checkpoint=last, **wanted | change)  # type: ignore[arg-type]  # changed by name


def test_a_dock_that_has_seen_nothing_needs_no_consistency_proof() -> None:
    bare = dataclasses.replace(samples.RECEIPT, consistency=None)
    assert check(bare, None) == samples.CHECKPOINT
    empty = Checkpoint(origin=samples.LOG.name, size=0, root=merkle.EMPTY_ROOT)
    assert check(bare, empty) == samples.CHECKPOINT


def test_the_same_checkpoint_again_needs_no_consistency_proof() -> None:
    bare = dataclasses.replace(samples.RECEIPT, consistency=None)
    assert check(bare, samples.CHECKPOINT) == samples.CHECKPOINT


def test_a_fork_of_the_same_size_is_seen() -> None:
    forked = dataclasses.replace(samples.CHECKPOINT, root=bytes(32))
    with pytest.raises(FormatError):
        check(samples.RECEIPT, forked)


def test_a_log_that_has_shrunk_is_seen() -> None:
    larger = dataclasses.replace(samples.CHECKPOINT, size=6)
    with pytest.raises(ReceiptInvalid, match="smaller"):
        check(samples.RECEIPT, larger)


def test_another_log_is_seen() -> None:
    other = dataclasses.replace(samples.OLD_CHECKPOINT, origin="other.example")
    with pytest.raises(ReceiptInvalid, match="another log"):
        check(samples.RECEIPT, other)


def test_a_checkpoint_by_a_stranger_under_the_logs_name_is_seen() -> None:
    stranger = note.NoteSigner.generate(samples.LOG.name)
    text = proof.encode(
        index=4,
        hashes=proof.parse(samples.RECEIPT.proof).hashes,
        checkpoint_note=checkpoint.sign(samples.CHECKPOINT, signer=stranger),
    )
    with pytest.raises(FormatError):
        check(dataclasses.replace(samples.RECEIPT, proof=text), None)


def test_a_revoked_key_receipts_nothing_received_after() -> None:
    keys = tuple(
        dataclasses.replace(key, revoked_at=samples.RECEIVED)
        if key.role is trust.KeyRole.RECEIPT
        else key
        for key in samples.TRUST.keys
    )
    revoked = dataclasses.replace(samples.TRUST, keys=keys)
    with pytest.raises(ReceiptInvalid) as refusal:
        check(samples.RECEIPT, None, trust=revoked)
    assert refusal.value.stable_code == "receipt.key"


def test_the_bearers_own_bytes_are_what_counts() -> None:
    for change in ({"size": len(samples.MASTER) + 1}, {"sha256": samples.COPY_SHA256}):
        with pytest.raises(ReceiptInvalid) as refusal:
            check(samples.RECEIPT, None, **change)
        assert refusal.value.stable_code == "receipt.bytes"


def test_the_claim_is_told_once_its_signature_holds() -> None:
    assert receipt.open_claim(samples.RECEIPT, trust=samples.TRUST) == samples.RECEIPT_CLAIM
    forged = statement.sign_statement(
        statement.Statement(samples.RECEIPT_CLAIM), key=samples.STRANGER_KEY
    )
    with pytest.raises(FormatError):
        receipt.open_claim(
            dataclasses.replace(samples.RECEIPT, statement=forged), trust=samples.TRUST
        )


def test_every_changed_byte_of_a_receipt_is_noticed() -> None:
    """Nothing in a receipt is there without being checked."""
    data = samples.RECEIPT.encode()
    for place in range(len(data)):
        spoilt = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises(FormatError):
            check(receipt.parse(spoilt), samples.OLD_CHECKPOINT)


def test_a_consistency_proof_has_hashes_of_32_bytes_and_not_too_many() -> None:
    for hashes in ((bytes(31),), (bytes(32),) * 64):
        with pytest.raises(FormatError):
            Consistency(old_size=1, hashes=hashes)
