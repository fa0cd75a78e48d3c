"""How each operation is asked, for whom it works, and who is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict

from tests import machine_scenes as scenes
from tests.machine_world import Callers

from fairwitness.ingest.quarantine import Proposal

Build = Callable[[Callers], Any]
LATER = (datetime.now(UTC) + timedelta(days=200)).date().isoformat()


LATER_SOON = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()


def _none(_callers: Callers) -> None:
    return None


def _plain(path: str) -> Build:
    return lambda _callers: path


def _recording(rest: str = "") -> Build:
    return lambda callers: f"/recordings/{callers.recording}{rest}"


def _case(rest: str = "") -> Build:
    return lambda callers: f"/cases/{callers.case}{rest}"


def _says(value: object) -> Build:
    return lambda _callers: value


class _Rest(TypedDict, total=False):
    refused: tuple[str, int]
    elsewhere: int
    other: str


@dataclass(frozen=True)
class Question:
    """How one operation is asked, for whom it works, and who is refused, with what.

    `elsewhere`: the status for somebody with the role in another unit, who is `other`.
    """

    path: Build
    who: str = "manager"
    body: Build = _none
    refused: tuple[str, int] | None = ("colleague", 404)
    elsewhere: int | None = 404
    other: str = "elsewhere"


def _quarantined(rest: str) -> Build:
    return lambda callers: f"/quarantine/{scenes.quarantined(callers).pk}{rest}"


def _incident(rest: str) -> Build:
    return lambda callers: f"/incidents/{scenes.incident(callers).pk}{rest}"


_SHOOTING = {
    "happening": "shooting",
    "about": "one shot",
    "place": "Windrush Square",
    "began_at": (datetime.now(UTC) - timedelta(days=2, hours=1)).isoformat(),
    "officers": ["614LX"],
    "cameras": ["00417"],
    "stations": ["LAM1"],
}
_JUST_NOW = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
_AT_THE_DESK: _Rest = {"refused": ("sergeant", 403), "other": "desk elsewhere"}
_AT_AN_INCIDENT: _Rest = {
    "refused": ("sergeant", 403),
    "elsewhere": 403,
    "other": "desk elsewhere",
}
_AT_A_SAMPLE: _Rest = {"refused": ("detective", 404), "other": "desk elsewhere"}
_OF_CAMERAS: _Rest = {
    "refused": ("sergeant", 403),
    "elsewhere": 403,
    "other": "desk elsewhere",
}


QUESTIONS = {
    "searchRecordings": Question(_plain("/recordings?flag=unsigned"), refused=None, elsewhere=None),
    "showRecording": Question(_recording()),
    "readHistory": Question(_recording("/history"), refused=("colleague", 403), elsewhere=403),
    "readEntries": Question(_recording("/entries"), refused=("colleague", 403), elsewhere=403),
    "categorise": Question(_recording("/categories"), body=_says({"codes": ["stop-search"]})),
    "keepAsEvidence": Question(
        _recording("/evidence"), body=_says({"incident": "CAD 1", "codes": ["public-order"]})
    ),
    "writeNote": Question(_recording("/notes"), body=_says({"text": "seen"})),
    "listTranscripts": Question(_recording("/transcripts")),
    "attachTranscript": Question(
        _recording("/transcripts"),
        body=_says(
            {"webvtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nStop.\n", "made_by": "A service"}
        ),
    ),
    "grantViewing": Question(
        _recording("/viewings"), body=_says({"task": "incident", "reference": "CAD 1"})
    ),
    "listHolds": Question(_plain("/holds"), refused=("sergeant", 403), elsewhere=None),
    "placeHold": Question(
        _plain("/holds"),
        body=lambda callers: {
            "recordings": [callers.recording],
            "kind": "case",
            "reference": "01/1/17",
            "basis": "needed",
            "review_on": LATER,
        },
    ),
    "liftHold": Question(
        lambda callers: f"/holds/{callers.hold().pk}/lift",
        body=_says({"reason": "over"}),
        refused=("colleague", 403),
        elsewhere=403,
    ),
    "listCases": Question(_plain("/cases"), "detective", refused=None, elsewhere=None),
    "openCase": Question(
        _plain("/cases"),
        "detective",
        _says({"reference": "01/9/17", "title": "R v Nobody"}),
        ("colleague", 403),
        elsewhere=None,
    ),
    "showCase": Question(_case(), "detective", refused=("colleague", 403), elsewhere=403),
    "closeCase": Question(
        _case("/close"), "detective", _says({"outcome": "over"}), ("colleague", 403), 403
    ),
    "reopenCase": Question(
        lambda callers: f"/cases/{scenes.closed_case(callers)}/reopen",
        "detective",
        _says({"reason": "an appeal"}),
        ("colleague", 403),
        403,
    ),
    "produceExhibit": Question(
        _case("/exhibits"),
        "detective",
        lambda callers: {
            "recording": callers.recording,
            "producer": "614LX",
            "title": "what the camera saw",
        },
        ("colleague", 403),
        403,
    ),
    "withdrawExhibit": Question(
        lambda callers: f"/exhibits/{callers.exhibit().pk}/withdraw",
        "detective",
        _says({"reason": "the wrong one"}),
        ("colleague", 403),
        403,
    ),
    "askForCopy": Question(
        _case("/copies"),
        "detective",
        _says({"recipient": "the defence", "purpose": "trial"}),
        ("colleague", 403),
        403,
    ),
    "listCopies": Question(
        _case("/copies"), "detective", refused=("colleague", 403), elsewhere=403
    ),
    "showCopy": Question(
        lambda callers: f"/copies/{callers.copy().pk}",
        "detective",
        refused=("colleague", 403),
        elsewhere=403,
    ),
    "listRequests": Question(_plain("/requests"), refused=("sergeant", 403), elsewhere=403),
    "showRequest": Question(
        lambda callers: f"/requests/{callers.request().pk}",
        refused=("sergeant", 403),
        elsewhere=403,
    ),
    "answerRequest": Question(
        lambda callers: f"/requests/{callers.request().pk}/answer",
        body=_says({"outcome": "answered", "answer": "A copy was given."}),
        refused=("sergeant", 403),
        elsewhere=403,
    ),
    "extendRequest": Question(
        lambda callers: f"/requests/{callers.request().pk}/extend",
        body=_says({"until": LATER, "reason": "asked again"}),
        refused=("sergeant", 403),
        elsewhere=403,
    ),
    "listDeletions": Question(
        lambda callers: "/deletions" if callers.disposal().pk else "",
        refused=("sergeant", 403),
        elsewhere=403,
    ),
    "readRecordOfDeletion": Question(
        lambda callers: f"/deletions/{callers.disposal().pk}",
        refused=("sergeant", 403),
        elsewhere=403,
    ),
    "readFigures": Question(_plain("/figures"), refused=None, elsewhere=None),
    "readRollOut": Question(_plain("/roll-out"), refused=None, elsewhere=None),
    "listUnits": Question(_plain("/force/units"), refused=None, elsewhere=None),
    "listOfficers": Question(_plain("/force/officers"), refused=None, elsewhere=None),
    "listCameras": Question(_plain("/force/cameras"), refused=None, elsewhere=None),
    "showWaiting": Question(_recording("/waiting"), "sergeant"),
    "askUnmark": Question(
        lambda callers: f"/recordings/{scenes.evidential(callers)}/unmark",
        "sergeant",
        _says({"reason": "nobody is charged"}),
    ),
    "decideUnmark": Question(
        lambda callers: f"/recordings/{scenes.unmark_asked(callers)}/unmark/decide",
        body=_says({"agree": True}),
    ),
    "askWearer": Question(
        _recording("/wearer"),
        "sergeant",
        _says({"wearer": "702LX", "reason": "they swapped"}),
    ),
    "decideWearer": Question(
        lambda callers: f"/recordings/{scenes.wearer_asked(callers)}/wearer/decide",
        body=_says({"agree": True}),
        refused=("detective", 403),
    ),
    "keepRecordingOn": Question(
        lambda callers: f"/recordings/{scenes.evidential(callers)}/review",
        body=_says({"until": LATER, "reason": "the trial is in spring"}),
    ),
    "keepHoldOn": Question(
        lambda callers: f"/holds/{callers.hold().pk}/review",
        body=_says({"until": LATER, "reason": "the trial is in spring"}),
        refused=("colleague", 403),
        elsewhere=403,
    ),
    "askEarlyDeletion": Question(
        _recording("/early-deletion"), "sergeant", _says({"reason": "recorded by mistake"})
    ),
    "decideEarlyDeletion": Question(
        lambda callers: f"/early-deletions/{scenes.early(callers)}/decide",
        body=_says({"agree": True, "reason": "nothing on it"}),
        refused=("sergeant", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "agreeEarlyDeletion": Question(
        lambda callers: f"/early-deletions/{scenes.early(callers, 'decided')}/agree",
        "second manager",
        _says({"agree": True}),
        ("detective", 403),
        403,
        "desk elsewhere",
    ),
    "stopEarlyDeletion": Question(
        lambda callers: f"/early-deletions/{scenes.early(callers, 'decided', 'agreed')}/stop",
        body=_says({"reason": "it is needed"}),
        refused=("detective", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "listNames": Question(_recording("/names"), refused=("detective", 403)),
    "nameOfficer": Question(
        _recording("/names"),
        body=_says({"officer": "702LX", "until": f"{LATER_SOON}T12:00:00Z", "reason": "helps"}),
        refused=("detective", 403),
    ),
    "endName": Question(
        lambda callers: f"/names/{scenes.named_officer(callers)}/end",
        body=_says({"reason": "done"}),
        refused=("detective", 403),
    ),
    "noteNotRecorded": Question(
        _plain("/not-recorded"),
        "wearer",
        _says({"incident": "CAD 1", "happened_at": _JUST_NOW, "reason": "forgot"}),
        refused=None,
        elsewhere=None,
    ),
    "listStandingHolds": Question(
        _plain("/standing-holds"), refused=("sergeant", 403), elsewhere=None
    ),
    "previewStandingHold": Question(
        _plain("/standing-holds/preview"),
        body=_says({"officers": ["614LX"]}),
        refused=("sergeant", 403),
        elsewhere=403,
    ),
    "placeStandingHold": Question(
        _plain("/standing-holds"),
        body=_says(
            {
                "kind": "litigation",
                "reference": "QB/1",
                "basis": "a claim",
                "review_on": LATER,
                "officers": ["614LX"],
                "begins_at": "2017-06-08T21:30:00Z",
            }
        ),
        refused=("sergeant", 403),
        elsewhere=403,
    ),
    "listQuarantine": Question(_plain("/quarantine"), refused=("sergeant", 403), elsewhere=403),
    "showQuarantined": Question(_quarantined(""), **_AT_THE_DESK),
    "watchQuarantined": Question(_quarantined("/viewings"), body=_says({}), **_AT_THE_DESK),
    "checkAgain": Question(_quarantined("/check"), body=_says({}), **_AT_THE_DESK),
    "proposeForQuarantined": Question(
        _quarantined("/propose"),
        body=_says({"proposal": "release", "reason": "it is ours"}),
        **_AT_THE_DESK,
    ),
    "confirmForQuarantined": Question(
        lambda callers: f"/quarantine/{scenes.proposed(callers, Proposal.RELEASE).pk}/confirm",
        body=_says({"proposal": "release"}),
        **_AT_THE_DESK,
    ),
    "takeBackQuarantined": Question(
        lambda callers: f"/quarantine/{scenes.binned(callers).pk}/take-back",
        body=_says({"reason": "it is ours"}),
        **_AT_THE_DESK,
    ),
    "listIncidents": Question(
        _plain("/incidents"), "duty", refused=("sergeant", 403), elsewhere=403
    ),
    "showIncident": Question(_incident(""), "duty", **_AT_AN_INCIDENT),
    "previewIncident": Question(
        _plain("/incidents/preview"), "duty", _says(_SHOOTING), ("sergeant", 403), 403
    ),
    "declareIncident": Question(
        _plain("/incidents"), "duty", _says(_SHOOTING), ("sergeant", 403), 403
    ),
    "releaseViewing": Question(
        _incident("/releases"),
        "post-incident",
        _says({"officer": "614LX", "reason": "first account given"}),
        **_AT_AN_INCIDENT,
    ),
    "enterAccount": Question(
        _incident("/accounts"),
        "post-incident",
        _says({"officer": "614LX", "given_at": _JUST_NOW, "what": "first account"}),
        **_AT_AN_INCIDENT,
    ),
    "closeIncident": Question(
        _incident("/close"),
        "oversight",
        _says({"outcome": "no misconduct"}),
        ("post-incident", 403),
        403,
        "desk elsewhere",
    ),
    "issueCamera": Question(
        _plain("/force/issues"),
        body=_says({"camera": "00417", "officer": "614LX"}),
        refused=("colleague", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "returnCamera": Question(
        lambda callers: "/force/returns" if scenes.camera_out(callers).serial else "",
        body=_says({"camera": "00417"}),
        refused=("colleague", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "reportCamera": Question(
        _plain("/force/camera-reports"),
        body=_says({"camera": "00417", "became": "lost", "reason": "not on its shelf"}),
        refused=("colleague", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "listReviews": Question(
        lambda callers: "/reviews" if scenes.evidential(callers) else "",
        refused=("detective", 403),
        elsewhere=403,
    ),
    "listHoldReviews": Question(
        lambda callers: "/reviews/holds" if callers.hold().reference else "",
        refused=("sergeant", 403),
        elsewhere=None,
    ),
    "listEarlyDeletions": Question(
        lambda callers: "/early-deletions" if scenes.early(callers) else "",
        refused=("detective", 403),
        elsewhere=403,
    ),
    "readLists": Question(_plain("/lists"), refused=None, elsewhere=None),
    "listSayings": Question(_recording("/sayings")),
    "say": Question(
        _recording("/sayings"),
        "wearer",
        _says({"told": {"code": "yes"}, "late": {"code": "other", "words": "it was cold"}}),
    ),
    "listNotRecorded": Question(_plain("/not-recorded"), refused=None, elsewhere=None),
    "listNotices": Question(_plain("/notices"), refused=None, elsewhere=None),
    "giveNoticeOfEarlyDeletion": Question(
        lambda callers: f"/early-deletions/{scenes.decided_alone(callers)}/notice",
        body=_says({}),
        refused=("sergeant", 403),
        elsewhere=403,
        other="desk elsewhere",
    ),
    "giveNoticeOfUnmark": Question(
        lambda callers: f"/recordings/{scenes.unmark_asked_alone(callers)}/unmark/notice",
        body=_says({}),
        refused=("sergeant", 403),
        elsewhere=404,
    ),
    "stopNotice": Question(
        lambda callers: f"/notices/{scenes.noticed(callers)}/stop",
        "standards",
        _says({"reason": "the family wants it"}),
        ("sergeant", 403),
        403,
    ),
    "listSamples": Question(
        lambda callers: "/samples" if scenes.drawn(callers).lot else "",
        "sergeant",
        refused=("detective", 403),
        elsewhere=403,
    ),
    "showSample": Question(
        lambda callers: f"/samples/{scenes.drawn(callers).sample_id}", "sergeant", **_AT_A_SAMPLE
    ),
    "listDrawn": Question(
        lambda callers: "/drawn" if scenes.drawn(callers).lot else "",
        "sergeant",
        refused=("detective", 403),
        elsewhere=403,
    ),
    "lookAtDrawn": Question(
        lambda callers: f"/drawn/{scenes.watched(callers).pk}/look",
        "sergeant",
        _says(
            {"told": "yes", "in_time": "no", "to_the_end": "unclear", "conduct": "good"},
        ),
        **_AT_A_SAMPLE,
    ),
    "listCaseLeave": Question(_case("/leave"), refused=("detective", 403), elsewhere=403),
    "previewCaseLeave": Question(
        lambda callers: _case("/leave/preview")(callers) if callers.exhibit().reference else "",
        body=_says({"officer": "702LX"}),
        refused=("detective", 403),
        elsewhere=403,
    ),
    "giveCaseLeave": Question(
        _case("/leave"),
        body=_says({"officer": "702LX", "until": f"{LATER_SOON}T12:00:00Z", "reason": "helps"}),
        refused=("detective", 403),
        elsewhere=403,
    ),
    "endCaseLeave": Question(
        lambda callers: f"/case-leave/{scenes.case_opened(callers)}/end",
        body=_says({"reason": "done"}),
        refused=("detective", 403),
        elsewhere=403,
    ),
    "listMyCaseLeave": Question(_plain("/case-leave"), refused=None, elsewhere=None),
    "listCameraSettings": Question(
        lambda callers: "/force/camera-settings" if scenes.settings(callers) else "",
        refused=None,
        elsewhere=None,
    ),
    "decideCameraSettings": Question(
        _plain("/force/camera-settings"),
        body=_says(
            {"profile": "body2", "unit": "LAM", "over": 0, "reason": "a trial", "beeps": False}
        ),
        **_OF_CAMERAS,
    ),
    "followCameraSettings": Question(
        lambda callers: "/force/camera-settings/follow" if scenes.settings(callers, "LAM") else "",
        body=_says({"profile": "body2", "unit": "LAM", "reason": "the trial is over"}),
        **_OF_CAMERAS,
    ),
    "readThresholds": Question(_plain("/thresholds"), refused=("sergeant", 403), elsewhere=403),
    "proposeThresholds": Question(
        _plain("/thresholds"),
        body=_says({"numbers": scenes.other_numbers(), "reason": "too many questions"}),
        refused=("sergeant", 403),
        elsewhere=403,
    ),
    "agreeThresholds": Question(
        lambda callers: f"/thresholds/{scenes.proposed_numbers(callers)}/agree",
        "second manager",
        _says({}),
        ("sergeant", 403),
        403,
    ),
    "takeBackThresholds": Question(
        lambda callers: f"/thresholds/{scenes.proposed_numbers(callers)}/take-back",
        body=_says({}),
        refused=("sergeant", 403),
        elsewhere=403,
    ),
}
