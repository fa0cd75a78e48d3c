"""Who witnesses the log is read once, refused when it can't be used, and published."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fairwitness.config import composition, environment
from fairwitness.config.environment import SettingInvalid
from fairwitness.formats.note import NoteSigner, SignatureType

pytestmark = pytest.mark.django_db

AT = datetime(2017, 6, 8, 22, 13, 10, tzinfo=UTC)
KEY = NoteSigner.generate("one.example/w", kind=SignatureType.COSIGNATURE_V1).vkey


def _deployment(data: Path, **more: str) -> composition.Deployment:
    return composition.build(environment.read({"FAIRWITNESS_DATA": str(data), **more}), lambda: AT)


def test_without_a_file_there_is_none_and_with_one_it_is_in_the_list_of_keys(
    tmp_path: Path,
) -> None:
    before = _deployment(tmp_path)
    assert before.trust().witnesses == ()
    named = f"log {before.signer.vkey}\nwitness one {KEY} https://one.example\nquorum none\n"
    (tmp_path / "witnesses").write_text(named)
    (witness,) = _deployment(tmp_path).trust().witnesses
    assert (witness.name, witness.vkey) == ("one", KEY)
    elsewhere = tmp_path / "policy"
    elsewhere.write_text("quorum none\n")
    assert _deployment(tmp_path, FAIRWITNESS_WITNESSES=str(elsewhere)).trust().witnesses == ()


def test_a_policy_for_another_log_a_wrong_or_a_missing_one_refuses_to_start(
    tmp_path: Path,
) -> None:
    other = NoteSigner.generate("fairwitness.example/log").vkey
    (tmp_path / "witnesses").write_text(f"log {other}\nquorum none\n")
    with pytest.raises(SettingInvalid, match="another log"):
        _deployment(tmp_path)
    (tmp_path / "witnesses").write_text(f"witness one {KEY} https://one.example\n")
    with pytest.raises(SettingInvalid, match="exactly one quorum"):
        _deployment(tmp_path)
    with pytest.raises(SettingInvalid, match="is no file"):
        _deployment(tmp_path, FAIRWITNESS_WITNESSES=str(tmp_path / "none"))
