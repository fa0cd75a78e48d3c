"""A real clock unless the deployment says that it is training; a training clock only goes on."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fairwitness.config import clock


def test_a_real_deployment_has_the_real_time(tmp_path: Path) -> None:
    assert clock.training(tmp_path) is None
    assert abs(clock.at_folder(tmp_path) - datetime.now(tz=UTC)) < timedelta(seconds=5)


def test_a_training_clock_runs_ahead_and_never_back(tmp_path: Path) -> None:
    clock.set_training(tmp_path, ahead=timedelta(days=2))
    assert abs(clock.at_folder(tmp_path) - datetime.now(tz=UTC) - timedelta(days=2)) < timedelta(
        seconds=5
    )
    clock.set_training(tmp_path, ahead=timedelta(days=3))
    with pytest.raises(clock.TrainingInvalid):
        clock.set_training(tmp_path, ahead=timedelta(days=1))


@pytest.mark.parametrize(
    "text", ["", "[]", '{"training": 1}', '{"training": true, "clock_ahead_seconds": "9"}']
)
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / clock.FILE).write_text(text)
    with pytest.raises(clock.TrainingInvalid):
        clock.training(tmp_path)


def test_the_file_is_what_the_documents_say(tmp_path: Path) -> None:
    clock.set_training(tmp_path, ahead=timedelta(seconds=7))
    assert json.loads((tmp_path / "training.json").read_text()) == {
        "training": True,
        "clock_ahead_seconds": 7,
    }
