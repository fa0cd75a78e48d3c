"""`fairwitness witness` makes its key once, and needs no more than the verifier does."""

import subprocess
import sys
from pathlib import Path

import pytest

from fairwitness.config import command
from fairwitness.formats.note import NoteSigner, NoteVerifier, SignatureType

LOG = NoteSigner.generate("police.example/log").vkey
NAME = "oversight.example/w1"


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = command.run(["witness", *arguments])
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def test_a_key_is_made_once_for_its_owner_alone_and_shown_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--folder", str(tmp_path / "w")]
    status, said = _run(capsys, "init", *folder, "--name", NAME, "--log", LOG)
    assert status == 0
    key = NoteVerifier(said.strip())
    assert (key.name, key.kind) == (NAME, SignatureType.COSIGNATURE_V1)
    assert (tmp_path / "w/key.pem").stat().st_mode & 0o777 == 0o600
    assert f"log {LOG}\n" in (tmp_path / "w/logs").read_text()
    assert _run(capsys, "show", *folder) == (0, said)
    status, refused = _run(capsys, "init", *folder, "--name", NAME)
    assert (status, "witness.folder" in refused) == (1, True)
    assert _run(capsys, "show", *folder) == (0, said)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("init", "--name", "two words"), "format.note"),
        (("init", "--name", NAME, "--log", "no key"), "format.policy"),
        (("show",), "witness.folder"),
        (("run",), "witness.folder"),
    ],
)
def test_what_can_not_be_used_is_refused_and_makes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: str
) -> None:
    status, said = _run(capsys, *arguments, "--folder", str(tmp_path / "w"))
    assert status == 1
    assert f"[{code}]" in said
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("listen", ["8420", "oversight.example:8420", "127.0.0.1:http"])
def test_an_address_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], listen: str
) -> None:
    folder = ["--folder", str(tmp_path)]
    assert _run(capsys, "init", *folder, "--name", NAME)[0] == 0
    assert "witness.folder" in _run(capsys, "run", *folder, "--listen", listen)[1]


def test_neither_django_nor_any_other_extra_is_imported(tmp_path: Path) -> None:
    program = (
        "import sys; from fairwitness.config import command;"
        f"asked = ['witness', 'init', '--folder', {str(tmp_path)!r}, '--name', 'a'];"
        "assert command.run(asked) == 0;"
        "assert not {'django', 'granian', 'httpx', 'av', 'psycopg'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
