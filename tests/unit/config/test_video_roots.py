"""Root certificates for signed video are read once, and refused when they can't be used."""

from pathlib import Path

import pytest

from fairwitness.config import environment
from fairwitness.config.environment import SettingInvalid
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.video_signer import camera_certificates

ROOT = camera_certificates(SigningKey.generate(), serial="1").root


def read(data: Path, **more: str) -> int:
    return len(environment.read({"FAIRWITNESS_DATA": str(data), **more}).video_roots)


def test_they_lie_in_the_data_folder_or_where_the_setting_says(tmp_path: Path) -> None:
    assert read(tmp_path) == 0
    (tmp_path / "video-roots.pem").write_bytes(ROOT * 2)
    assert read(tmp_path) == 2
    (tmp_path / "other.pem").write_bytes(ROOT)
    assert read(tmp_path, FAIRWITNESS_VIDEO_ROOTS=str(tmp_path / "other.pem")) == 1


@pytest.mark.parametrize("bad", [b"", b"nothing", ROOT[:-60], ROOT * 201])
def test_what_can_t_be_used_refuses_the_start(tmp_path: Path, bad: bytes) -> None:
    (tmp_path / "video-roots.pem").write_bytes(bad)
    with pytest.raises(SettingInvalid, match=r"video-roots\.pem can't be used"):
        read(tmp_path)


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="can't be read"):
        read(tmp_path, FAIRWITNESS_VIDEO_ROOTS=str(tmp_path / "none.pem"))
