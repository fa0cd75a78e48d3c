"""Clips that come encrypted end to end: the key before or after, the wrong one, none at all."""

import hashlib
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.axis_world import CAMERA, CLIP, CONTAINER, KEY, TIMES, Controller, md5
from tests.ingest_world import World, long_video, video
from tests.retention_world import acts

from fairwitness.custody import reading
from fairwitness.evidence.models import Piece, Recording
from fairwitness.ingest import ending
from fairwitness.ingest.axis import cipher, sweeping
from fairwitness.ingest.models import (
    AxisContainer,
    AxisObject,
    Quarantine,
    QuarantineState,
    Upload,
    UploadState,
)
from fairwitness.vault.keyring import KeyState


@pytest.fixture
def controller(world: World) -> Controller:
    made = Controller.make(world, encrypts=True)
    made.sign_in()
    assert made.begin().status == 201
    return made


@pytest.mark.parametrize("key_first", [True, False])
def test_it_is_decrypted_as_soon_as_it_and_its_key_are_here(
    controller: Controller, *, key_first: bool
) -> None:
    data = long_video(18 << 20)
    sealed, key = controller.sealed(data)
    order = [(KEY, key), (CLIP, sealed)]
    for name, body in order if key_first else reversed(order):
        controller.work()
        answer = controller.put(name, body, **TIMES)
        assert answer.status == 201
        assert answer.headers["etag"] == md5(body)
    controller.work()
    recording = Recording.objects.get()
    assert recording.sha256 == hashlib.sha256(data).hexdigest()
    assert recording.size == len(data)
    about = f"recording:{recording.pk}"
    assert acts(about) == ["recording.decrypted", "recording.received"]
    told = reading.history(about)[0].body
    assert told is not None
    assert told.detail["ciphertext_sha256"] == hashlib.sha256(sealed).hexdigest()
    assert told.detail["ciphertext_size"] == len(sealed)
    (old,) = Upload.objects.filter(state=UploadState.ENDED)
    assert ending.clear(vault=controller.world.vault, at=controller.world.at) == 1
    assert controller.world.vault.ring.state(old.recording_id) is KeyState.DESTROYED
    assert not Piece.objects.filter(recording_id=old.recording_id).exists()
    assert controller.put(CLIP, sealed, **TIMES).status == 201
    controller.work()
    assert (Recording.objects.count(), Quarantine.objects.count()) == (1, 0)


def test_our_test_encrypts_as_axis_own_script_decrypts(
    controller: Controller, tmp_path: Path
) -> None:
    data = video()
    sealed, key = controller.sealed(data)
    private = next(controller.keys.folder.glob("axis-content-*.pem"))
    read = cipher.read_key(key)
    (tmp_path / "wrapped").write_bytes(read.wrapped)
    (tmp_path / "clip").write_bytes(sealed)
    oaep = ["-pkeyopt", "rsa_padding_mode:oaep", "-in", "wrapped"]
    secret = subprocess.run(
        ["openssl", "pkeyutl", "-decrypt", "-inkey", private, *oaep],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    ).stdout
    secrets = ("-K", secret.hex(), "-iv", read.vector.hex())
    opened = subprocess.run(
        ["openssl", "enc", "-d", "-aes-256-cbc", "-in", "clip", *secrets],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    ).stdout
    assert opened == data
    assert private.stat().st_mode & 0o777 == 0o600


def test_without_a_key_it_waits_and_then_goes_to_quarantine(controller: Controller) -> None:
    sealed, key = controller.sealed(video())
    assert controller.put(CLIP, sealed, **TIMES).status == 201
    controller.work()
    assert Upload.objects.get().state == UploadState.RECEIVING
    controller.world.at += sweeping.QUIET
    controller.work()
    case = Quarantine.objects.get()
    assert case.reason == "encryption.key_missing"
    controller.sign_in()
    assert controller.put(KEY, key).status == 201
    controller.work()
    case.refresh_from_db()
    assert case.state == QuarantineState.RELEASED
    recording = Recording.objects.get()
    assert recording.sha256 == hashlib.sha256(video()).hexdigest()
    assert acts(f"recording:{case.recording_id}") == [
        "recording.quarantined",
        "recording.released_from_quarantine",
    ]
    assert case.arrived_at == recording.received_at


def test_complete_without_a_key_does_not_wait(controller: Controller) -> None:
    sealed, _key = controller.sealed(video())
    controller.put(CLIP, sealed, **TIMES)
    controller.complete()
    controller.work()
    assert Quarantine.objects.get().reason == "encryption.key_missing"


def stranger() -> bytes:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return made.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.mark.parametrize("fault", ["stranger", "garbage", "cut", "flipped", "padding", "not video"])
def test_what_does_not_decrypt_is_kept_as_it_came_and_says_why(
    controller: Controller, fault: str
) -> None:
    data = b"not a video at all" * 40 if fault == "not video" else video()
    sealed, key = controller.sealed(data, pem=stranger() if fault == "stranger" else None)
    if fault == "garbage":
        key = b'{"EncryptedKey": "????"}'
    if fault == "cut":
        sealed = sealed[:-3]
    if fault == "flipped":
        key = key.replace(b'Key": "', b'Key": "AAAA', 1)
    if fault == "padding":
        sealed = sealed[:-16]
    controller.put(KEY, key)
    controller.put(CLIP, sealed, **TIMES)
    controller.work()
    case = Quarantine.objects.get()
    assert case.reason == "encryption.bad"
    assert case.message.startswith("It can’t be decrypted. ")
    upload = case.upload
    assert (upload.length, upload.sha256) == (len(sealed), hashlib.sha256(sealed).hexdigest())
    assert not Upload.objects.filter(state=UploadState.RECEIVING).exists()
    assert Recording.objects.count() == 0
    controller.work()
    assert Quarantine.objects.count() == 1


def test_an_encrypted_trail_is_read_with_its_key(controller: Controller) -> None:
    trail = b'{"CoordinateEntries": [{"LocationWKT": "POINT(-0.1 51.4)", "SecondsFromStart": 1}]}'
    sealed, key = controller.sealed(trail)
    name = f"20170608_222940_A1B2_{CAMERA}_gpstrail"
    controller.put(f"{name}.json", sealed, FileType="json")
    controller.clip(video())
    controller.work()
    recording = Recording.objects.get()
    assert recording.said is not None
    assert recording.said["trail"] == []
    controller.put(f"{name}.key", key)
    controller.work()
    recording.refresh_from_db()
    assert recording.said is not None
    assert recording.said["trail"] == [[1.0, 51.4, -0.1]]


def test_rejected_content_that_is_encrypted_is_decrypted_and_still_waits(
    controller: Controller,
) -> None:
    rejected = "RejectedContent_UnknownTime_0c1d2e3f"
    assert controller.begin(rejected, Status="").status == 201
    sealed, key = controller.sealed(video())
    assert controller.put(KEY, key, rejected).status == 201
    assert controller.put(CLIP, sealed, rejected, **TIMES).status == 201
    controller.work()
    case = Quarantine.objects.get()
    assert case.reason == "content.rejected"
    assert case.upload.length == len(video())


def test_old_keys_still_open_what_was_recorded_under_them(controller: Controller) -> None:
    sealed, key = controller.sealed(video())
    newer = controller.keys.make()
    assert controller.keys.newest() == newer
    controller.put(KEY, key)
    controller.put(CLIP, sealed, **TIMES)
    controller.work()
    assert Recording.objects.count() == 1


def test_what_came_in_the_clear_too_is_one_recording(controller: Controller) -> None:
    controller.clip(video())
    controller.work()
    sealed, key = controller.sealed(video())
    controller.put(KEY, key)
    controller.put(CLIP, sealed, **TIMES)
    controller.work()
    assert (Recording.objects.count(), Quarantine.objects.count()) == (1, 0)
    assert Upload.objects.filter(state=UploadState.ENDED).count() == 2


def test_a_worker_that_died_while_decrypting_is_followed_by_another(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed, key = controller.sealed(video())
    controller.put(KEY, key)
    controller.put(CLIP, sealed, **TIMES)

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    for cut in ("_replace", "_renew", "clips.give_up"):
        monkeypatch.setattr(f"fairwitness.ingest.axis.decrypting.{cut}", die)
    with pytest.raises(KeyboardInterrupt):
        sweeping.work_due(controller.opening)
    monkeypatch.undo()
    controller.work()
    assert Recording.objects.count() == 0
    world = controller.world
    world.at += timedelta(minutes=1)
    controller.work()
    assert Recording.objects.count() == 1
    assert AxisObject.objects.filter(container__name=CONTAINER).count() == 2
    world.at += timedelta(days=1)
    assert ending.expire(at=world.at) == 1
    assert ending.clear(vault=world.vault, at=world.at) == 2
    assert list(world.vault.ring.ids()) == sorted(
        [*Recording.objects.values_list("pk", flat=True), AxisContainer.objects.get().pk]
    )


def test_one_that_is_damaged_in_the_store_does_not_stop_the_others(controller: Controller) -> None:
    for shade, name in ((1, "20170608_220000_X"), (2, "20170608_221000_Y")):
        sealed, key = controller.sealed(video(shade=shade))
        controller.put(f"{name}.mp4", sealed, **TIMES)
        if shade == 1:
            (piece,) = Piece.objects.all()
            controller.world.vault.store.delete(piece.blob)
        controller.put(f"{name}.key", key)
    controller.work()
    assert Recording.objects.count() == 1
    assert Quarantine.objects.get().reason == "store.damaged"
