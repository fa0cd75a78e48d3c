"""Every form of the pages is an operation's, or is left to people with a reason that is told."""

from collections.abc import Iterator

from django.http import HttpResponseNotAllowed
from django.test import RequestFactory
from django.urls import URLPattern

from fairwitness.api.machines import document, shapes
from fairwitness.api.machines.not_given import NOT_GIVEN
from fairwitness.api.machines.operation import PREFIX
from fairwitness.api.machines.table import OPERATIONS
from fairwitness.web import urls

DOES = {
    "assign": "assignWearer",
    "case-close": "closeCase",
    "case-leave": "giveCaseLeave",
    "case-leave-end": "endCaseLeave",
    "case-new": "openCase",
    "case-reopen": "reopenCase",
    "categorise": "categorise",
    "categorise-own": "categorise keepAsEvidence say",
    "decide-unmark": "decideUnmark giveNoticeOfUnmark",
    "decide-wearer": "decideWearer",
    "deletions-let-on": "letDeletionOn",
    "deletions-stop": "stopDeletion",
    "dip-sample-form": "lookAtDrawn",
    "early-ask": "askEarlyDeletion",
    "early-decide": "decideEarlyDeletion agreeEarlyDeletion stopEarlyDeletion"
    " giveNoticeOfEarlyDeletion",
    "explain-gap": "explainGaps",
    "export": "askForCopy",
    "firearms-conclude": "concludeInvestigation",
    "firearms-discharge": "noteDischarge",
    "firearms-investigate": "openInvestigation",
    "firearms-operations": "noteFirearmsOperations",
    "force-camera-report": "reportCamera",
    "force-settings-change": "decideCameraSettings",
    "force-settings-follow": "followCameraSettings",
    "force-settings-unit": "decideCameraSettings",
    "hold-extend": "extendHold",
    "hold-lift": "liftHold",
    "hold-new": "placeHold",
    "hold-review": "keepHoldOn liftHold",
    "hold-standing": "previewStandingHold placeStandingHold",
    "incident-account": "enterAccount",
    "incident-close": "closeIncident",
    "incident-declare": "previewIncident declareIncident",
    "incident-release": "releaseViewing",
    "issue-desk": "issueCamera",
    "issue-return": "returnCamera",
    "keep": "keepAsEvidence",
    "kiosk": "categorise keepAsEvidence say",
    "leave-class": "previewAccessClass setAccessClass",
    "leave-end": "endName",
    "leave-name": "nameOfficer",
    "not-recorded": "noteNotRecorded",
    "note": "writeNote",
    "notice-stop": "stopNotice",
    "one-manager": "beginOneManager endOneManager",
    "produce": "produceExhibit",
    "quarantine-check": "checkAgain",
    "quarantine-decide": "proposeForQuarantined confirmForQuarantined takeBackQuarantined",
    "quarantine-watch": "watchQuarantined",
    "records-bring-in": "bringInEvents",
    "records-explain": "explainMissing",
    "records-look": "lookAtMarked",
    "records-looked": "lookAtMarked",
    "request": "answerRequest",
    "request-extend": "extendRequest",
    "review-decide": "keepRecordingOn askUnmark",
    "rule-change": "approveRule withdrawRule giveNoticeOfRule",
    "rule-trial": "proposeRule",
    "rule-try": "tryRule",
    "say": "say",
    "search-act": "categorise placeHold produceExhibit",
    "stands-out-close": "closeStandsOut",
    "threshold-decide": "agreeThresholds takeBackThresholds",
    "thresholds": "proposeThresholds",
    "together": "grantViewing",
    "together-watch": "grantViewing",
    "transcript": "attachTranscript",
    "unmark": "askUnmark",
    "watch": "grantViewing",
    "wearer": "askWearer",
    "withdraw": "withdrawExhibit",
}
"""The forms that programs have too, by name, and the operations that do the same."""


def _forms() -> Iterator[str]:
    """The name of each address that takes a POST: each says which methods it takes."""
    for each in urls.urlpatterns:
        assert isinstance(each, URLPattern)
        place = dict.fromkeys(each.pattern.regex.groupindex)
        asked = RequestFactory().generic("OPTIONS", "/")
        answer = each.callback(asked, **place)
        assert isinstance(answer, HttpResponseNotAllowed), each.name
        if "POST" in answer.headers["Allow"]:
            assert each.name
            yield each.name


def test_each_form_is_an_operation_or_left_to_people_for_a_reason() -> None:
    left = [name for each in NOT_GIVEN for name in each.forms]
    assert len(set(left)) == len(left)
    assert not DOES.keys() & set(left)
    assert set(_forms()) == DOES.keys() | set(left)


def test_what_forms_are_said_to_do_is_done_by_operations_and_each_post_has_its_form() -> None:
    posts = {each.name for each in OPERATIONS if each.method == "POST"}
    does = {name for names in DOES.values() for name in names.split()}
    assert does <= posts
    assert posts - does == {"previewCaseLeave"}, "programs have more here"


def test_each_body_has_an_example_that_its_operation_takes() -> None:
    """The examples of the document are read as a call's body is."""
    paths = document.openapi()["paths"]
    for each in OPERATIONS:
        if each.takes is not None:
            told = paths[PREFIX + each.path][each.method.lower()]["requestBody"]["content"]
            example = told["application/json"]["example"]
            read: object = shapes.read(each.takes, example)
            written = shapes.write(read)
            assert isinstance(written, dict)
            assert written.keys() == example.keys(), each.name


def test_the_page_leads_to_every_operation() -> None:
    page = str(document.page())
    for each in OPERATIONS:
        assert f'href="#{each.name}"' in page
        assert f'id="{each.name}"' in page


def test_what_is_left_to_people_is_told_with_its_reason() -> None:
    described = str(document.openapi()["info"]["description"])
    page = str(document.page())
    for each in NOT_GIVEN:
        assert f"**{each.what}.** {each.why}" in described
        assert each.what.split(",")[0].replace("'", "&#x27;") in page
