"""`fairwitness axis` on a real deployment: the file it makes, who may, and what it refuses."""

import base64
import json
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from tests.integration.force.made_up import AT, SETUP, Force, acts, make_force
from typer.testing import CliRunner

from fairwitness.config.commands import axis
from fairwitness.errors import FairwitnessError
from fairwitness.force import officers, trusted
from fairwitness.force.models import Camera
from fairwitness.ingest.axis import connecting, containers
from fairwitness.ingest.axis.models import PartyKind
from fairwitness.ingest.models import AxisParty, AxisSystem

PHRASE = "long enough, dear"
RUNNER = CliRunner()
URL = ["--url", "http://127.0.0.1:8417"]


@pytest.fixture
def force(db: None) -> Force:  # noqa: ARG001 - opens the database for the test
    made = make_force()
    for officer in (made.manager, made.ada):
        officers.set_password(officer=officer, password=PHRASE, actor=SETUP, at=AT)
    return made


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "server.pem"
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    name = ("-subj", "/CN=evidence.example")
    subprocess.run(
        ["openssl", "req", "-x509", *kind, "-nodes", "-keyout", "key.pem", "-out", path, *name],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    return path


def refusal(*words: str, typed: str = "") -> FairwitnessError:
    result = RUNNER.invoke(axis.app, list(words), input=typed)
    assert isinstance(result.exception, FairwitnessError), result.output
    return result.exception


def run(*words: str, typed: str = "") -> str:
    result = RUNNER.invoke(axis.app, list(words), input=typed)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


@pytest.mark.usefixtures("force")
def test_the_file_lets_the_system_in_and_only_it_holds_the_key() -> None:
    told = json.loads(run("connection-file", *URL, "--name", "Brixton", "--station", "lam1"))
    assert told["AuthenticationTokenURI"] == ["http://127.0.0.1:8417/auth/v1.0"]
    row, token = connecting.Doorkeeper().open(
        user=told["BlobAPIUserName"], key=told["BlobAPIKey"], at=AT
    )
    assert connecting.system_of(token=token, at=AT) == row
    assert row.station is not None
    assert row.station.code == "LAM1"
    assert acts(f"axis:{row.pk}") == ["axis.connected", "axis.signed_in"]
    assert "Brixton" in run("list")
    assert json.loads(run("list", "--json"))[0]["encrypts"] == "no"


@pytest.mark.usefixtures("force")
def test_encryption_once_on_stays_on(tmp_path: Path) -> None:
    file = tmp_path / "connection.json"
    run("connection-file", *URL, "--encrypt", "--output", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    first = json.loads(file.read_text())
    pem = base64.b64decode(first["PublicKey"])
    assert serialization.load_pem_public_key(pem).key_size >= 3072  # type: ignore[union-attr] # RSA
    assert len(first["PublicKey"]) <= 2048
    again = json.loads(run("connection-file", *URL))
    assert (again["WantEncryption"], again["PublicKeyId"]) == (True, first["PublicKeyId"])
    assert again["BlobAPIUserName"] == first["BlobAPIUserName"]
    assert again["BlobAPIKey"] != first["BlobAPIKey"]
    newer = json.loads(run("connection-file", *URL, "--new-key"))
    assert newer["PublicKeyId"] != first["PublicKeyId"]
    assert acts("axis") == ["axis.key_made", "axis.key_made"]
    assert refusal("connection-file", *URL, "--output", str(file)).stable_code == "axis.refused"


@pytest.mark.usefixtures("force")
def test_beyond_this_machine_only_tls_with_a_certificate(certificate: Path) -> None:
    https = ["--url", "https://evidence.example:8417"]
    for words in (
        ["--url", "http://evidence.example"],
        https,
        ["--url", "ftp://evidence.example"],
        ["--url", "https://evidence.example/path", "--certificate", str(certificate)],
        [*https, "--certificate", str(certificate.parent / "key.pem")],
        [*https, "--certificate", "/nowhere.pem"],
    ):
        assert refusal("connection-file", *words).stable_code == "axis.refused"
    assert not AxisSystem.objects.exists()
    told = json.loads(run("connection-file", *https, "--certificate", str(certificate)))
    assert base64.b64decode(told["HTTPSCertificate"][0]) == certificate.read_bytes()


@pytest.mark.usefixtures("force")
def test_not_everybody_connects_or_revokes() -> None:
    words = ["connection-file", *URL, "--by", "614LX"]
    assert refusal(*words, typed=f"{PHRASE}\n").stable_code.startswith("permission")
    assert refusal(*words, typed="wrong\n").stable_code == "input.password"
    run("connection-file", *URL, "--by", "4101", typed=f"{PHRASE}\n")
    words = ["revoke", "Axis", "--reason", "lost", "--by", "614LX"]
    assert refusal(*words, typed=f"{PHRASE}\n").stable_code.startswith("permission")
    assert AxisSystem.objects.get().revoked_at is None
    run("revoke", "Axis", "--reason", "lost", "--by", "4101", typed=f"{PHRASE}\n")
    assert AxisSystem.objects.get().revoked_at is not None
    assert refusal("revoke", "Axis", "--reason", "again").stable_code == "axis.system_unknown"


def test_people_and_cameras_are_mapped_by_a_person(force: Force) -> None:
    run("connection-file", *URL, "--station", "LAM1")
    system = AxisSystem.objects.get()
    containers.meet(system, PartyKind.PERSON, "u-1", AT)
    containers.meet(system, PartyKind.CAMERA, "B8A4", AT)
    assert "u-1" in run("parties")
    by = ["--by", "4101"]
    run("map", "person", "u-1", "614LX", *by, typed=f"{PHRASE}\n")
    assert AxisParty.objects.get(kind="person").officer == force.ada
    words = ["map", "camera", "B8A4", "B8A4", *by]
    assert refusal(*words, typed=f"{PHRASE}\n").stable_code == "camera.unknown"
    run(*words, "--register", "lam", typed=f"{PHRASE}\n")
    camera = Camera.objects.get(serial="B8A4")
    assert (camera.status, camera.public_key) == ("approved", "")
    assert AxisParty.objects.get(kind="camera").camera == camera
    assert [key.name for key in trusted.trusted_keys()] == []
    assert refusal(*words, "--register", "lam", typed=f"{PHRASE}\n").stable_code == "camera.keyless"
    assert acts(f"axis:{system.pk}")[1:] == ["axis.mapped", "axis.mapped"]


@pytest.mark.usefixtures("force")
def test_a_file_that_can_not_be_written_ends_no_connection(tmp_path: Path) -> None:
    run("connection-file", *URL, "--output", str(tmp_path / "first.json"))
    before = AxisSystem.objects.get()
    error = refusal("connection-file", *URL, "--output", str(tmp_path / "first.json"))
    assert "can't be written" in error.message
    after = AxisSystem.objects.get()
    assert (after.key_hash, after.key_salt) == (before.key_hash, before.key_salt)
    refusal("connection-file", *URL, "--station", "NONE", "--output", str(tmp_path / "x.json"))
    assert not (tmp_path / "x.json").exists()
