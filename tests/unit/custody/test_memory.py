"""What was signed once is remembered twice, and has to be extended."""

from pathlib import Path

import pytest

from fairwitness.custody.files import LogFiles
from fairwitness.custody.memory import LogForked, Memory, demand_extends, second_copy_of
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle, tile
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.errors import FormatError
from fairwitness.formats.note import NoteSigner

SIGNER = NoteSigner.generate("fairwitness.example/log")
HASHES = [merkle.leaf_hash(b"%d" % number) for number in range(5)]


def _root(size: int) -> bytes:
    return merkle.root(size, _node)


def _node(level: int, index: int) -> bytes:
    if level == 0:
        return HASHES[index]
    return merkle.node_hash(_node(level - 1, 2 * index), _node(level - 1, 2 * index + 1))


def _note(size: int) -> bytes:
    return checkpoints.sign(Checkpoint(SIGNER.name, size, _root(size)), signer=SIGNER)


def _memory(folder: Path) -> Memory:
    log_dir = folder / "log"
    return Memory(LogFiles(log_dir), second_copy_of(log_dir), SIGNER.verifier)


def test_a_checkpoint_is_kept_in_both_places(tmp_path: Path) -> None:
    memory = _memory(tmp_path)
    assert memory.known() == []
    memory.keep(_note(3))
    assert memory.second == tmp_path / "log-checkpoint"
    assert memory.files.checkpoint() == memory.second_note() == _note(3)


@pytest.mark.parametrize("lost", ["log/checkpoint", "log-checkpoint"])
def test_either_copy_is_enough(tmp_path: Path, lost: str) -> None:
    memory = _memory(tmp_path)
    memory.keep(_note(3))
    (tmp_path / lost).unlink()
    assert [each.size for each in memory.known([_note(5), _note(1)])] == [1, 3, 5]


def test_a_checkpoint_of_another_key_is_refused(tmp_path: Path) -> None:
    other = NoteSigner.generate(SIGNER.name)
    with pytest.raises(FormatError):
        _memory(tmp_path).known(
            [checkpoints.sign(Checkpoint(SIGNER.name, 0, merkle.EMPTY_ROOT), signer=other)]
        )


def test_a_tree_that_extends_all_that_is_known_is_let_pass(tmp_path: Path) -> None:
    files = LogFiles(tmp_path)
    files.write({"tile/0/000.p/5": tile.encode_tile(HASHES)})
    known = [Checkpoint(SIGNER.name, size, _root(size)) for size in (0, 1, 3, 5)]
    demand_extends(known, size=5, files=files)


def test_a_shorter_tree_is_refused(tmp_path: Path) -> None:
    known = [Checkpoint(SIGNER.name, 5, _root(5))]
    with pytest.raises(LogForked, match="once had 5 entries and now has 4"):
        demand_extends(known, size=4, files=LogFiles(tmp_path))


def test_another_history_is_refused(tmp_path: Path) -> None:
    files = LogFiles(tmp_path)
    files.write({"tile/0/000.p/5": tile.encode_tile([HASHES[1], *HASHES[1:]])})
    known = [Checkpoint(SIGNER.name, 3, _root(3))]
    with pytest.raises(LogForked, match="first 3 entries"):
        demand_extends(known, size=5, files=files)
