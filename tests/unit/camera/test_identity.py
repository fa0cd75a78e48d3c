"""A camera's identity: made once, its key kept apart, its counter never the same twice."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from fairwitness.camera.identity import DeviceInvalid, Identity, load_camera, make_camera
from fairwitness.camera.signing import sign_enrolment
from fairwitness.camera.volume import Volume, VolumeInvalid
from fairwitness.formats import dsse
from fairwitness.formats.docking import open_enrolment
from fairwitness.formats.recording import Mount, Profile

VOLUME_ID = UUID("6f1c2e0a-5f0c-4c0f-9d42-000000000417")


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    return tmp_path / "volume"


@pytest.fixture
def camera(tmp_path: Path, volume: Path) -> Identity:
    return make_camera(
        volume=volume,
        device=tmp_path / "device",
        serial="00417",
        profile=Profile.FLEX2,
        volume_id=VOLUME_ID,
    )


def test_a_camera_is_loaded_as_it_was_made(camera: Identity, volume: Path) -> None:
    loaded = load_camera(volume=volume, device=camera.folder)
    assert (loaded.card, loaded.key.keyid) == (camera.card, camera.key.keyid)
    assert camera.card.mount is Mount.HELMET


def test_no_private_key_lies_on_the_volume(camera: Identity, volume: Path) -> None:
    everything = b"".join(path.read_bytes() for path in volume.rglob("*") if path.is_file())
    assert b"PRIVATE" not in everything
    assert camera.key.public.pem().decode() == Volume(volume).card().public_key
    assert (camera.folder / "key.pem").stat().st_mode & 0o077 == 0


def test_a_camera_is_made_only_once(camera: Identity, tmp_path: Path, volume: Path) -> None:
    for folders in ((volume, tmp_path / "other"), (tmp_path / "other", camera.folder)):
        with pytest.raises(DeviceInvalid):
            make_camera(
                volume=folders[0],
                device=folders[1],
                serial="00418",
                profile=Profile.BODY2,
                volume_id=VOLUME_ID,
            )


def test_a_chest_camera_is_not_worn_on_a_helmet(tmp_path: Path, volume: Path) -> None:
    with pytest.raises(DeviceInvalid, match="not worn on the helmet"):
        make_camera(
            volume=volume,
            device=tmp_path / "device",
            serial="00418",
            profile=Profile.BODY2,
            volume_id=VOLUME_ID,
            mount=Mount.HELMET,
        )


def test_another_cameras_memory_is_refused(camera: Identity, tmp_path: Path) -> None:
    other = make_camera(
        volume=tmp_path / "volume2",
        device=tmp_path / "device2",
        serial="00418",
        profile=Profile.BODY2,
        volume_id=UUID(int=1),
    )
    with pytest.raises(DeviceInvalid, match="another camera's memory"):
        load_camera(volume=tmp_path / "volume2", device=camera.folder)
    with pytest.raises(VolumeInvalid):
        load_camera(volume=tmp_path, device=other.folder)


def test_the_counter_goes_up_by_one_and_outlives_the_process(
    camera: Identity, volume: Path
) -> None:
    first = [camera.next_counter(Volume(volume)) for _ in range(3)]
    again = load_camera(volume=volume, device=camera.folder).next_counter(Volume(volume))
    assert [*first, again] == [1, 2, 3, 4]


def test_the_counter_is_never_below_what_lies_on_the_volume(camera: Identity, volume: Path) -> None:
    (volume / "recordings" / "00417-41-1.mp4").touch()
    (volume / "recordings" / "00417-42-1.mp4.part").touch()
    assert camera.next_counter(Volume(volume)) == 43


@pytest.mark.parametrize("damage", ["", "x"])
def test_a_damaged_counter_does_not_start_again(
    camera: Identity, volume: Path, damage: str
) -> None:
    (camera.folder / "counter").write_text(damage)
    with pytest.raises(DeviceInvalid, match="must not start again"):
        camera.next_counter(Volume(volume))


def test_the_enrolment_request_is_signed_by_the_key_it_names(camera: Identity) -> None:
    at = datetime(2017, 7, 5, 13, 0, tzinfo=UTC)
    request = open_enrolment(dsse.parse(sign_enrolment(camera, at=at)))
    assert (request.serial, request.profile, request.at) == ("00417", Profile.FLEX2, at)
    assert request.key.keyid == camera.key.keyid
