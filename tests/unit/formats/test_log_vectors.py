"""The vectors of log, log proof and bundle: read as specified, and made again the same."""

import base64
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.vectors import make_bundle, make_log_proof, make_transparency_log, writing

from fairwitness.formats import bundle, merkle, tile
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import trust as trusts
from fairwitness.formats.errors import FormatError
from fairwitness.formats.note import NoteVerifier
from fairwitness.formats.tile import Tile
from fairwitness.verifier import report
from fairwitness.verifier.verify import verify

VECTORS = Path(__file__).parents[2] / "vectors"
MAKERS = (make_bundle, make_log_proof, make_transparency_log)


def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((VECTORS / name / "vectors.json").read_bytes())
    return content


LOG = load("transparency-log")
PROOF = load("log-proof")
BUNDLE = load("bundle")
HASHES = make_transparency_log.HASHES


def raw(case: dict[str, Any]) -> bytes:
    return base64.b64decode(case["data"])


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_they_are_made_again_without_a_difference(maker: ModuleType) -> None:
    assert writing.text(maker.make()) == (VECTORS / maker.NAME / "vectors.json").read_text()


def test_roots_and_proofs_hold() -> None:
    roots = {int(size): bytes.fromhex(root) for size, root in LOG["roots"].items()}
    for case in LOG["inclusion"]:
        merkle.verify_inclusion(
            index=case["index"],
            size=case["size"],
            leaf_hash=HASHES[case["index"]],
            proof=[bytes.fromhex(each) for each in case["proof"]],
            root=roots[case["size"]],
        )
    for case in LOG["consistency"]:
        merkle.verify_consistency(
            old_size=case["old_size"],
            new_size=case["new_size"],
            old_root=roots[case["old_size"]],
            new_root=roots[case["new_size"]],
            proof=[bytes.fromhex(each) for each in case["proof"]],
        )


def test_paths_name_their_tiles() -> None:
    for path, (level, index, width) in LOG["paths"].items():
        assert tile.parse_path(path) == Tile(level, index, width)


@pytest.mark.parametrize("case", LOG["checkpoints"]["valid"], ids=lambda case: str(case["name"]))
def test_checkpoints_are_opened(case: dict[str, Any]) -> None:
    opened = checkpoints.open_checkpoint(raw(case), verifier=NoteVerifier(LOG["vkey"]))
    assert opened.size == case["size"]
    seen = checkpoints.cosignatures(raw(case), witnesses=[NoteVerifier(LOG["witness_vkey"])])
    assert bool(seen) == case.get("cosigned", False)


@pytest.mark.parametrize("case", LOG["checkpoints"]["invalid"], ids=lambda case: str(case["name"]))
def test_checkpoints_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(FormatError) as caught:
        make_transparency_log.check(raw(case))
    assert caught.value.stable_code == case["code"]


@pytest.mark.parametrize("case", PROOF["valid"], ids=lambda case: str(case["name"]))
def test_log_proofs_are_verified(case: dict[str, Any]) -> None:
    assert make_log_proof.check(raw(case)).size == case["size"]
    assert PROOF["leaf_hash"] == HASHES[case["index"]].hex()


@pytest.mark.parametrize("case", PROOF["invalid"], ids=lambda case: str(case["name"]))
def test_log_proofs_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(FormatError) as caught:
        make_log_proof.check(raw(case))
    assert caught.value.stable_code == case["code"]


def test_the_bundle_is_verified_with_the_same_report(tmp_path: Path) -> None:
    for path, data in BUNDLE["bundle"].items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(base64.b64decode(data))
    trust = trusts.parse(base64.b64decode(BUNDLE["trust"]))
    told = verify(tmp_path, trust=trust)
    assert told.exit_code == 0
    assert report.to_json(told) == BUNDLE["report"]
    assert verify(tmp_path, fingerprint=BUNDLE["fingerprint"]).exit_code == 0


@pytest.mark.parametrize("case", BUNDLE["manifest"]["valid"], ids=lambda case: str(case["name"]))
def test_lists_are_read(case: dict[str, Any]) -> None:
    assert bundle.parse_manifest(raw(case)) == case["files"]


@pytest.mark.parametrize("case", BUNDLE["manifest"]["invalid"], ids=lambda case: str(case["name"]))
def test_lists_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        bundle.parse_manifest(raw(case))
