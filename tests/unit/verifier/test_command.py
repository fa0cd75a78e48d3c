"""What `fairwitness verify` prints and answers."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests import verifier_bundles as made
from tests.verifier_bundles import Force, Spec, make_bundle
from typer.testing import CliRunner

from fairwitness.formats import trust as trusts
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.video_signer import camera_certificates
from fairwitness.verifier.command import app

ROOT = Path(__file__).parents[3]
WITHOUT_NETWORK = ["unshare", "--map-root-user", "--net"]


@pytest.fixture
def trust(force: Force, tmp_path: Path) -> Path:
    path = tmp_path / "trust.json"
    path.write_bytes(trusts.encode(force.trust()))
    return path


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    return result.exit_code, result.stdout


@pytest.mark.disable_socket
def test_it_says_each_check_and_the_verdict(pristine: Path, trust: Path) -> None:
    code, output = run(pristine, "--trust", trust)
    assert code == 0
    lines = output.strip().split("\n")
    assert "TRAINING, NOT EVIDENCE" in lines[0]
    assert [line.partition(":")[0] for line in lines if "Check" in line] == [
        f"✓ Check {number}" for number in range(1, 11)
    ]
    assert lines[-1] == "Unchanged since camera 00417 signed it."


@pytest.mark.disable_socket
def test_root_certificates_are_read_or_refused(pristine: Path, trust: Path, tmp_path: Path) -> None:
    roots = tmp_path / "roots.pem"
    roots.write_bytes(camera_certificates(SigningKey.generate(), serial="1").root)
    assert run(pristine, "--trust", trust, "--video-roots", roots)[0] == 0
    for bad in (b"", b"no certificate", roots.read_bytes()[:-60], roots.read_bytes() * 201):
        roots.write_bytes(bad)
        code, output = run(pristine, "--trust", trust, "--video-roots", roots)
        assert code == 2
        assert "roots.pem can't be used: " in output.replace("\n", " ")
    code, output = run(pristine, "--trust", trust, "--video-roots", tmp_path / "none.pem")
    assert code == 2
    assert "can't be read" in output.replace("\n", " ")


@pytest.mark.disable_socket
def test_it_says_what_to_do_without_keys(pristine: Path) -> None:
    code, output = run(pristine)
    assert code == 2
    assert "whoever made this bundle may have made its keys too" in output
    assert output.strip().endswith("Consistent, signer not identified.")


@pytest.mark.disable_socket
def test_it_names_the_changed_file_and_the_check(folder: Path, trust: Path) -> None:
    (folder / "ABC-1.pdf").write_bytes(b"another")
    code, output = run(folder, "--trust", trust)
    assert code == 1
    assert "✗ Check 2: ABC-1.pdf is not the file that was listed." in output
    assert output.strip().endswith("Changed: ABC-1.pdf.")


@pytest.mark.disable_socket
@pytest.mark.parametrize("shape", [str, str.lower, lambda text: text.replace(" ", "-")])
def test_a_fingerprint_may_be_typed_in_many_ways(
    pristine: Path, force: Force, shape: type[str]
) -> None:
    code, _ = run(pristine, "--fingerprint", shape(trusts.fingerprint(force.trust())))
    assert code == 0


@pytest.mark.disable_socket
def test_several_exhibits_are_told_one_by_one(tmp_path: Path, force: Force, trust: Path) -> None:
    specs = [Spec(), Spec(reference="ABC/2", camera=None, counter=5)]
    folder = make_bundle(tmp_path / "b", force=force, specs=specs)
    code, output = run(folder, "--trust", trust)
    assert code == 0
    assert "Check 4 [ABC/2]: No camera signed this recording." in output
    assert "ABC/1: Unchanged since camera 00417 signed it." in output


@pytest.mark.disable_socket
def test_it_answers_machines(folder: Path, trust: Path, force: Force) -> None:
    (folder / ".DS_Store").write_bytes(b"x")
    code, output = run(folder, "--trust", trust, "--json")
    answer = json.loads(output)
    assert code == answer["exit_code"] == 0
    assert answer["verdict"] == "unchanged_since_camera_signed"
    assert answer["signer_identified"] is True
    assert answer["fingerprint"] == trusts.fingerprint(force.trust())
    assert answer["ignored"] == [".DS_Store"]
    assert answer["training"] is True
    assert [check["number"] for check in answer["checks"]] == list(range(1, 11))
    assert {check["outcome"] for check in answer["checks"]} == {"passed"}
    assert answer["exhibits"][0]["reference"] == "ABC/1"
    (folder / "ABC-1.mp4").write_bytes(b"another")
    code, output = run(folder, "--trust", trust, "--json")
    answer = json.loads(output)
    assert code == answer["exit_code"] == 1
    assert {"ABC-1.mp4"} == {path for check in answer["checks"] for path in check["where"]}


@pytest.mark.disable_socket
@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff", b"x" * 100])
def test_a_list_of_keys_that_is_none_is_told(
    pristine: Path, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "keys.json"
    if content is not None:
        path.write_bytes(content)
    code, output = run(pristine, "--trust", path)
    assert code == 2
    assert output.startswith("Can't be checked: ")


@pytest.mark.disable_socket
@pytest.mark.parametrize("spoken", ["", "4F2A", "x" * 32, "é" * 32, "4F2A" * 9])
def test_a_fingerprint_that_is_none_is_told(pristine: Path, spoken: str) -> None:
    code, output = run(pristine, "--fingerprint", spoken)
    assert code == 2
    assert "eight groups of four" in output


@pytest.mark.disable_socket
@pytest.mark.parametrize("name", ["none", "."])
def test_a_folder_that_is_no_bundle_is_told(tmp_path: Path, name: str) -> None:
    code, output = run(tmp_path / name)
    assert code == 2
    assert output.startswith("Can't be checked: ")


@pytest.mark.disable_socket
def test_a_zip_is_to_be_unpacked_first(tmp_path: Path) -> None:
    (tmp_path / "copy.zip").write_bytes(b"PK")
    code, output = run(tmp_path / "copy.zip")
    assert code == 2
    assert "unpack it and give its folder" in output


@pytest.mark.disable_socket
def test_what_can_not_be_looked_at_is_not_called_changed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("n" * 300, f"{'n' * 300}.json", "pipe"):
        code, output = run(tmp_path / name)
        assert (code, output[:17]) == (2, "Can't be checked:"), name


@pytest.mark.disable_socket
@pytest.mark.parametrize(
    "name",
    [b"x\nUnchanged since camera 00417 signed it.", b"ev\x1b[2Jil", b"ev\xc2\x9bil", b"\xff"],
)
@pytest.mark.parametrize("within", [b"ok.txt", b".DS_Store"])
def test_no_name_draws_a_verdict_of_its_own(
    folder: Path, trust: Path, name: bytes, within: bytes
) -> None:
    inside = os.fsencode(folder) + b"/" + name
    os.mkdir(inside)  # noqa: PTH102 -- a name that is no text
    with open(inside + b"/" + within, "wb"):  # noqa: PTH123 -- as above
        pass
    code, output = run(folder, "--trust", trust)
    assert code == 1
    lines = output.splitlines()
    assert not any(line.startswith("Unchanged") for line in lines)
    assert all(line.isprintable() for line in lines)
    assert lines[-1].startswith("Changed: ")


@pytest.mark.disable_socket
def test_no_force_is_named_like_a_verdict(tmp_path: Path, force: Force) -> None:
    name = "Met\n\n\u009b2JUnchanged\r\nUnchanged since camera 00417 signed it."
    keys = replace(force.trust(), force=name)
    files = made.files_of(force, [Spec()], keys)
    root = made.write_bundle(
        tmp_path / "b", force=force, files=files, exhibits=made.disclosed([Spec()])
    )
    code, output = run(root)
    assert code == 2
    assert all(line.isprintable() for line in output.splitlines())
    assert not any(line.startswith("Unchanged") for line in output.splitlines())


def test_it_works_where_there_is_no_network_and_no_server(pristine: Path, trust: Path) -> None:
    """In a network namespace without interfaces; and Django is never even imported."""
    if subprocess.run([*WITHOUT_NETWORK, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let us make a network namespace")
    program = (
        "import sys\n"
        "from fairwitness.verifier.command import app\n"
        "code = 0\n"
        "try:\n    app()\n"
        "except SystemExit as stop:\n    code = stop.code\n"
        "banned = {'django', 'av', 'httpx', 'numpy', 'fairwitness.custody'} & {*sys.modules}\n"
        "sys.exit(code if not banned else 99)\n"
    )
    result = subprocess.run(
        [
            *WITHOUT_NETWORK,
            sys.executable,
            "-c",
            program,
            str(pristine),
            "--trust",
            str(trust),
        ],
        cwd=ROOT / "src",
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.strip().endswith("Unchanged since camera 00417 signed it.")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_it_prints_on_any_terminal(pristine: Path, trust: Path, encoding: str) -> None:
    program = "from fairwitness.verifier.command import app; app()"
    told = subprocess.run(
        [sys.executable, "-c", program, str(pristine), "--trust", str(trust)],
        cwd=ROOT / "src",
        env={"PYTHONIOENCODING": encoding},
        check=False,
        capture_output=True,
    )
    assert told.returncode == 0, told.stderr
    mark = "✓" if encoding == "utf-8" else "ok"
    assert f"{mark} Check 1: All 17 files are here" in told.stdout.decode(encoding)
