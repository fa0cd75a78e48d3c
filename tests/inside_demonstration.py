"""A small program that journeys run inside a demonstration's data folder, before it is served.

`sample SUPERVISOR` draws a recording for a supervisor to look at, whatever day it is, and prints
its number; `a-week-later` lets what was approved take effect, as the sweep does when its week is
over; `hand-out REQUEST COLLAR` approves the camera that asks in that file and issues it, from an
hour ago. Answers are JSON.
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairwitness.config.settings")
django.setup()

from fairwitness.accountability.months import LONDON  # noqa: E402 # after setup
from fairwitness.config import clock  # noqa: E402 # after setup
from fairwitness.evidence.models import Recording  # noqa: E402 # after setup
from fairwitness.force import enrolment, issue, officers, units  # noqa: E402 # after setup
from fairwitness.force.models import Camera  # noqa: E402 # after setup
from fairwitness.formats import dsse  # noqa: E402 # after setup
from fairwitness.retention import rule_changes, sampling  # noqa: E402 # after setup
from fairwitness.retention.models import DipSample, Drawn  # noqa: E402 # after setup


def sample(supervisor: str) -> object:
    """List a month of the supervisor's unit and draw from it by a root that is always the same."""
    at, officer = clock.now(), officers.named(supervisor)
    rows = Recording.objects.filter(unit=officer.unit).order_by("began_at")
    for month in {row.began_at.astimezone(LONDON).date().replace(day=1) for row in rows}:
        if not DipSample.objects.filter(unit=officer.unit, month=month).exists():
            sampling.list_month(unit=officer.unit, month=month, at=at)
    for each in DipSample.objects.filter(unit=officer.unit, drawn_at=None):
        sampling.draw(sample=each, size=1, root="0" * 64, at=at)
    drawn = Drawn.objects.filter(sample__unit=officer.unit, looked_at=None)
    return (
        drawn.exclude(recording__wearer=officer)
        .order_by("recording__reference")[0]
        .recording.reference
    )


def a_week_later() -> object:
    """Let approved changes of rules take effect; how many."""
    return len(rule_changes.apply_due(at=clock.now() + rule_changes.COOLING_OFF + timedelta(1)))


def hand_out(request: str, collar_number: str) -> object:
    """Approve a camera by the key it shows, and issue it; its serial number."""
    at, manager = clock.now(), officers.named("4101")
    officer = officers.named(collar_number)
    (camera,) = enrolment.request_many(
        envelopes=[dsse.parse(Path(request).read_bytes())], at=at, brought_by=""
    )
    assert isinstance(camera, Camera)
    enrolment.approve(
        device=camera, keyid=camera.keyid, officer=manager, at=at, unit=units.named("LAM")
    )
    issue.issue_camera(
        camera=camera, officer=officer, actor=manager, at=at, begins_at=at - timedelta(hours=1)
    )
    return camera.serial


def main() -> None:
    match sys.argv[1:]:
        case ["sample", supervisor]:
            answer = sample(supervisor)
        case ["hand-out", request, collar_number]:
            answer = hand_out(request, collar_number)
        case _:
            answer = a_week_later()
    sys.stdout.write(json.dumps(answer))


main()
