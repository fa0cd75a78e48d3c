"""No byte of a bundle can change unseen: every byte is tried, of every file but the master's.

Every flip is put to checks 1 to 3, which cover all bytes. As long as one of these says *changed*,
so does the verdict, whatever the others say; that, and that no flip makes a reader fail in any
other way, is tried by the whole verifier for every ninth byte.
"""

import secrets
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.verifier_bundles import Force, Spec, make_bundle, where

from fairwitness.formats import bundle
from fairwitness.formats.trust import TrustList
from fairwitness.verifier import files
from fairwitness.verifier.files import Anchor
from fairwitness.verifier.findings import Outcome
from fairwitness.verifier.opening import open_bundle
from fairwitness.verifier.report import Verdict
from fairwitness.verifier.verify import verify

pytestmark = [pytest.mark.fault, pytest.mark.disable_socket]

FORCE = Force()
TRUST = FORCE.trust()
SPECS = (Spec(acts=2, master=b"a small master" + bytes(range(256))),)
MASTER = "data/masters/00417-2193.mp4"
PATHS = [
    *("ABC-1.mp4", "ABC-1.pdf", "bag-info.txt", "bagit.txt", "index.html"),
    *("manifest-sha256.txt", "tagmanifest-sha256.txt", MASTER),
    *(bundle.TRUST, bundle.README, bundle.DISCLOSURE),
    *(
        f"proofs/ABC-1/{name}"
        for name in (
            bundle.CUSTODY_FILE,
            bundle.DERIVATIVE_FILE,
            bundle.DOCKING_FILE,
            bundle.FACTS_FILE,
            bundle.RECEIPT_FILE,
            bundle.RECORDING_FILE,
        )
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("flips") / "b", force=FORCE, specs=SPECS)


def covered(root: Path, trust: TrustList) -> bool:
    """Whether one of checks 1 to 3 says that something was changed."""
    opened = open_bundle(root)
    envelope = opened.read(bundle.DISCLOSURE, limit=1_000_000)
    findings = [
        files.all_here(opened.survey, opened.lists),
        files.each_as_listed(opened.lists, opened.digests, opened.unreadable),
        files.list_signed(envelope, opened.digests[bundle.TAG_MANIFEST], Anchor(trust, given=True))[
            0
        ],
    ]
    return any(finding.outcome is Outcome.CHANGED for finding in findings)


def test_all_files_are_tried(folder: Path) -> None:
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == {*PATHS}
    assert not covered(folder, TRUST)


@pytest.mark.parametrize("path", PATHS)
def test_every_flipped_byte_is_found(folder: Path, path: str) -> None:
    file = folder / path
    data = file.read_bytes()
    try:
        for at in range(len(data)):
            flipped = bytearray(data)
            flipped[at] ^= 1 << at % 8
            file.write_bytes(flipped)
            assert covered(folder, TRUST), f"byte {at} of {path}"
            if at % 9 == 0:
                _whole(folder, path, at)
    finally:
        file.write_bytes(data)


def _whole(folder: Path, path: str, at: int) -> None:
    for trust in (TRUST, None) if at % 45 == 0 else (TRUST,):
        report = verify(folder, trust=trust)
        assert report.exit_code == 1, f"byte {at} of {path}"
        assert report.verdict is Verdict.CHANGED
        assert path in where(report), f"byte {at} of {path}"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_edit_of_any_file_goes_unseen(folder: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(PATHS))
    file = folder / path
    old = file.read_bytes()
    at = data.draw(st.integers(0, len(old)))
    cut = data.draw(st.integers(0, 40))
    new = old[:at] + data.draw(st.binary(max_size=40)) + old[at + cut :]
    if new == old:
        return
    try:
        file.write_bytes(new)
        report = verify(folder, trust=TRUST)
    finally:
        file.write_bytes(old)
    assert report.exit_code == 1
    assert path in where(report)


def test_a_large_master_is_sampled(tmp_path: Path) -> None:
    master = secrets.token_bytes(3 * 1024 * 1024 + 11)
    root = make_bundle(tmp_path / "b", force=FORCE, specs=[Spec(acts=2, master=master)])
    assert verify(root, trust=TRUST).exit_code == 0
    spots = [0, 1, len(master) - 1, 1024 * 1024 - 1, 1024 * 1024]
    spots += [secrets.randbelow(len(master)) for _ in range(25)]
    for at in spots:
        with (root / MASTER).open("r+b") as file:
            file.seek(at)
            file.write(bytes([master[at] ^ 0x40]))
        report = verify(root, trust=TRUST)
        assert report.exit_code == 1, at
        assert MASTER in where(report)
        (root / MASTER).write_bytes(master)
