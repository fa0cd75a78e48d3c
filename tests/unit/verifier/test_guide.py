"""The defence expert's guide: its commands are run as they stand, on true and false bundles."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests import verifier_bundles as made
from tests.verifier_bundles import Force, Spec

from fairwitness.formats import history
from fairwitness.formats import trust as trusts

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "defence-expert.md"
TOOLS = ("bash", "sha256sum", "openssl", "base64", "sed", "xargs", "diff")

pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in TOOLS), reason="the plain tools are not all here"
)


def commands() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.DOTALL | re.MULTILINE)


def run(folder: Path) -> str:
    """Run all the guide's commands in one shell; what each part said, after its number."""
    parts = [f"echo '== {number}'\n{part}" for number, part in enumerate(commands())]
    script = "\n".join(["set -u", *parts, 'rm -r "$W"'])
    told = subprocess.run(
        ["bash", "-c", script], cwd=folder, check=False, capture_output=True, text=True
    )
    return told.stdout + told.stderr


def test_every_part_of_the_guide_says_what_it_promises(
    pristine: Path, force: Force, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(pristine, tmp_path / "b"))
    told = run(folder)
    assert told.count("Verified OK") == 4
    assert "no others\nno links" in told
    assert trusts.fingerprint(force.trust()) in told
    assert '"camera":"00417"' in told
    assert "5 acts, each after the one before" in told
    assert "does not follow" not in told
    assert "another body" not in told
    assert '"act":"recording.exported"\n' in told
    assert "in the log\n" in told
    assert "Signature Verified Successfully" in told
    digest = made.facts_of(Spec()).master.sha256
    assert told.count(f"{digest}\n") == 3
    assert '"act":"recording.received"' in told
    assert "No such file" not in told
    assert "rror" not in told
    assert {str(path.relative_to(folder)) for path in folder.rglob("*")} == {
        str(path.relative_to(pristine)) for path in pristine.rglob("*")
    }


def _append(path: str) -> Callable[[Path], object]:
    return lambda root: (root / path).write_bytes((root / path).read_bytes() + b"x")


@pytest.mark.parametrize(
    ("spoil", "missing"),
    [
        (_append("data/masters/00417-2193.mp4"), "FAILED"),
        (_append("ABC-1.pdf"), "FAILED"),
        (lambda root: (root / "extra").write_bytes(b"x"), "> extra"),
        (lambda root: (root / "ABC-1.pdf").unlink(), "FAILED open or read"),
    ],
)
def test_a_spoilt_folder_is_told_by_plain_tools_too(
    folder: Path, spoil: Callable[[Path], object], missing: str
) -> None:
    spoil(folder)
    assert missing in run(folder)


def test_an_act_that_is_missing_or_edited_is_told_by_plain_tools_too(folder: Path) -> None:
    path = folder / "proofs/ABC-1/custody.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))
    assert "act 3 does not follow" in run(folder)
    second = history.parse_line(lines[1])
    third = history.parse_line(lines[2])
    path.write_bytes(
        b"".join([lines[0], history.encode(replace(second, body=third.body)), *lines[2:]])
    )
    assert "act 2 has another body" in run(folder)


def test_an_erased_act_is_named_by_plain_tools_too(tmp_path: Path, force: Force) -> None:
    told = run(made.make_bundle(tmp_path / "b", force=force, specs=[Spec(erased=(3,))]))
    assert "act 3 was erased\n5 acts, each after the one before" in told
    assert "does not follow" not in told


def test_a_list_signed_by_someone_else_is_told(folder: Path, force: Force) -> None:
    """The expert takes the keys from the force, not from the folder."""
    forger = Force(name=force.name)
    forged = made.make_bundle(folder.parent / "forged", force=forger)
    (folder.parent / "trust.json").write_bytes(trusts.encode(force.trust()))
    script = "\n".join(commands()).replace("TRUST=proofs/trust.json", "TRUST=../trust.json")
    told = subprocess.run(
        ["bash", "-c", script], cwd=forged, check=False, capture_output=True, text=True
    ).stdout
    assert "Verified OK" not in told


def test_bagit_is_run_as_the_guide_says(pristine: Path) -> None:
    assert "python3 -m bagit --validate ." in GUIDE.read_text()
    told = subprocess.run(
        [sys.executable, "-m", "bagit", "--validate", "."],
        cwd=pristine,
        check=False,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
