"""The only clock of the server.

Everything below the edge is given the time; the edge asks here. A deployment marked as training
(`training.json` in its data folder) may run ahead, so that a demonstration can show 31 days pass;
its pages say TRAINING, NOT EVIDENCE. A real deployment has no such file, and no other way to move
the clock.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from fairwitness.config import settings
from fairwitness.errors import FairwitnessError

FILE = "training.json"
MARK: Final = "TRAINING, NOT EVIDENCE"
"""What everything says that a training deployment gives out."""


class TrainingInvalid(FairwitnessError):
    """A `training.json` that does not say what it must."""

    code = "setting.training"


@dataclass(frozen=True, slots=True)
class Training:
    """What a training deployment says of itself: how far its clock runs ahead."""

    ahead: timedelta


def now() -> datetime:
    """The time of this deployment, in UTC; each call looks whether a training clock was moved."""
    return at_folder(settings.ENVIRONMENT.data)


def at_folder(data: Path) -> datetime:
    """The time of the deployment whose data folder this is, in UTC."""
    found = training(data)
    return datetime.now(tz=UTC) + (found.ahead if found else timedelta())


def training(data: Path | None = None) -> Training | None:
    """What kind of deployment this is; None when it is real.

    Raises:
        TrainingInvalid: the file is there and says something else.
    """
    path = (settings.ENVIRONMENT.data if data is None else data) / FILE
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise TrainingInvalid(f"{path.name} is not JSON.") from error
    if (
        not isinstance(value, dict)
        or value.get("training") is not True
        or not isinstance(value.get("clock_ahead_seconds", 0), int)
    ):
        raise TrainingInvalid(
            f'{path.name} must say {{"training": true, "clock_ahead_seconds": N}}'
        )
    return Training(ahead=timedelta(seconds=value.get("clock_ahead_seconds", 0)))


def set_training(data: Path, *, ahead: timedelta) -> None:
    """Mark a deployment as training, or move its clock; a clock is never moved back.

    Args:
        data: its data folder.
        ahead: how far it runs ahead of real time from now on.

    Raises:
        TrainingInvalid: that would move it back.
    """
    before = training(data)
    if before is not None and ahead < before.ahead:
        raise TrainingInvalid("A training clock only moves forward.")
    data.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"training": True, "clock_ahead_seconds": int(ahead.total_seconds())})
    temporary = data / f"{FILE}.new"
    temporary.write_text(text + "\n")
    temporary.replace(data / FILE)
