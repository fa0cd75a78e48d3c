import base64
import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import note
from fairwitness.formats.checkpoint import Checkpoint, CheckpointInvalid, Cosignature
from fairwitness.formats.errors import FormatError
from fairwitness.formats.merkle import EMPTY_ROOT
from fairwitness.formats.note import NoteInvalid, NoteSignature, NoteSigner, SignatureType

ORIGIN = "log.example/custody"
LOG = NoteSigner.generate(ORIGIN)
WITNESS = NoteSigner.generate("witness.example/w1", kind=SignatureType.COSIGNATURE_V1)
OTHER = NoteSigner.generate("witness.example/w2", kind=SignatureType.COSIGNATURE_V1)
HERE = Checkpoint(ORIGIN, 20852163, bytes(range(32)))
SIGNED = checkpoints.sign(HERE, signer=LOG)
AT = datetime(2017, 6, 8, 22, 13, 10, tzinfo=UTC)


def signed_text(text: str) -> bytes:
    return LOG.sign(text).encode()


def test_reads_what_it_signs() -> None:
    assert checkpoints.open_checkpoint(SIGNED, verifier=LOG.verifier) == HERE


def test_its_text_is_the_three_lines_of_c2sp() -> None:
    root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    text = f"example.com/behind-the-sofa\n20852163\n{root}\n"
    read = checkpoints.parse_text(text)
    assert read == Checkpoint("example.com/behind-the-sofa", 20852163, base64.b64decode(root))
    assert read.text() == text


@given(size=st.integers(1, 2**63 - 1), root=st.binary(min_size=32, max_size=32))
def test_any_tree_head_is_written_and_read(size: int, root: bytes) -> None:
    here = Checkpoint(ORIGIN, size, root)
    assert checkpoints.parse_text(here.text()) == here


def test_every_changed_byte_is_refused() -> None:
    for at in range(len(SIGNED)):
        broken = bytearray(SIGNED)
        broken[at] ^= 1
        with pytest.raises(FormatError):
            checkpoints.open_checkpoint(bytes(broken), verifier=LOG.verifier)


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises(FormatError):
        checkpoints.parse(data)


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    with pytest.raises(CheckpointInvalid):
        checkpoints.parse_text(text)


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n07\n{ROOT}\n",
        f"{ORIGIN}\n-7\n{ROOT}\n",
        f"{ORIGIN}\n\n{ROOT}\n",
        f"{ORIGIN}\n{2**63}\n{ROOT}\n",
        f"{ORIGIN}\n\u0667\n{ROOT}\n",
        f"\n7\n{ROOT}\n",
        f"{ORIGIN}\n7\n{ROOT[:-4]}\n",
        f"{ORIGIN}\n7\nnot base64!\n",
        f"{ORIGIN}\n0\n{ROOT}\n",
        f"{ORIGIN}\n7\n{ROOT}\nextension\n",
        f"{ORIGIN}\n7\n",
    ],
)
def test_malformed_checkpoints_are_refused_though_signed(text: str) -> None:
    with pytest.raises(CheckpointInvalid):
        checkpoints.open_checkpoint(signed_text(text), verifier=LOG.verifier)


def test_the_empty_tree_has_its_own_root() -> None:
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    signed = checkpoints.sign(empty, signer=LOG)
    assert checkpoints.open_checkpoint(signed, verifier=LOG.verifier) == empty


def test_another_logs_checkpoint_is_refused() -> None:
    other = NoteSigner.generate("log.example/other")
    with pytest.raises(CheckpointInvalid, match=r"of log log\.example/custody"):
        checkpoints.open_checkpoint(SIGNED, verifier=other.verifier)


def test_another_key_under_the_same_origin_is_refused() -> None:
    with pytest.raises(NoteInvalid, match="not signed by the key"):
        checkpoints.open_checkpoint(SIGNED, verifier=NoteSigner.generate(ORIGIN).verifier)


def test_a_log_signs_only_under_its_own_origin_and_only_what_can_be_read() -> None:
    with pytest.raises(CheckpointInvalid):
        checkpoints.sign(Checkpoint("log.example/other", 1, bytes(32)), signer=LOG)
    with pytest.raises(CheckpointInvalid):
        checkpoints.sign(Checkpoint(ORIGIN, 1, bytes(31)), signer=LOG)


def test_a_very_long_checkpoint_is_refused() -> None:
    with pytest.raises(CheckpointInvalid):
        checkpoints.parse(b"x" * (checkpoints.MAX_CHECKPOINT_BYTES + 1))


def test_cosignatures_are_seen_with_their_time() -> None:
    both = checkpoints.cosign(SIGNED, signer=WITNESS, at=AT + timedelta(microseconds=5))
    both = checkpoints.cosign(both, signer=OTHER, at=AT + timedelta(seconds=9))
    assert checkpoints.open_checkpoint(both, verifier=LOG.verifier) == HERE
    known = [OTHER.verifier, WITNESS.verifier]
    assert checkpoints.cosignatures(both, witnesses=known) == (
        Cosignature("witness.example/w2", AT + timedelta(seconds=9)),
        Cosignature("witness.example/w1", AT),
    )
    assert checkpoints.cosignatures(SIGNED, witnesses=known) == ()
    assert checkpoints.cosignatures(both, witnesses=[]) == ()


def test_what_a_witness_signs_is_what_c2sp_says() -> None:
    cosigned = note.parse(checkpoints.cosign(SIGNED, signer=WITNESS, at=AT))
    line = cosigned.signatures[-1]
    seconds = int(AT.timestamp())
    assert line.signature[:8] == struct.pack(">Q", seconds)
    message = f"cosignature/v1\ntime {seconds}\n{HERE.text()}".encode()
    WITNESS.verifier.check(message, line.signature[8:])


def test_a_false_cosignature_of_a_known_witness_is_refused() -> None:
    elsewhere = checkpoints.sign(Checkpoint(ORIGIN, 5, bytes(32)), signer=LOG)
    moved = note.parse(checkpoints.cosign(elsewhere, signer=WITNESS, at=AT)).signatures[-1]
    false = note.add_signatures(note.parse(SIGNED), [moved]).encode()
    with pytest.raises(NoteInvalid):
        checkpoints.cosignatures(false, witnesses=[WITNESS.verifier])


@pytest.mark.parametrize("raw", [b"\x00", struct.pack(">Q", 2**63), bytes([255]) * 72])
def test_a_malformed_cosignature_of_a_known_witness_is_refused(raw: bytes) -> None:
    line = NoteSignature(WITNESS.name, WITNESS.key_id, raw)
    bad = note.add_signatures(note.parse(SIGNED), [line]).encode()
    with pytest.raises(FormatError):
        checkpoints.cosignatures(bad, witnesses=[WITNESS.verifier])


def test_only_witnesses_cosign() -> None:
    with pytest.raises(CheckpointInvalid):
        checkpoints.cosign(SIGNED, signer=LOG, at=AT)
    with pytest.raises(CheckpointInvalid):
        checkpoints.cosignatures(SIGNED, witnesses=[LOG.verifier])
