"""What guides say is there for supervisors, managers and people filmed, is there for them."""

import re
from pathlib import Path
from typing import Final

import pytest
from tests.integration.web.conftest import Pages

from fairwitness.api.log import PREFIX
from fairwitness.force import permissions
from fairwitness.force.asking import Action, OfficerFacts, Refused, Role, Subject
from fairwitness.retention.models import HoldKind

GUIDES: Final = Path(__file__).parents[3] / "docs/guides"
SUPERVISOR: Final = (GUIDES / "supervisor.md").read_text(encoding="utf-8")
MANAGER: Final = (GUIDES / "evidence-manager.md").read_text(encoding="utf-8")
FILMED: Final = (GUIDES / "person-filmed.md").read_text(encoding="utf-8")


def listed(guide: str) -> list[str]:
    """Addresses in the first column of its tables."""
    return re.findall(r"^\| `(/[^`]*)` \|", guide, re.MULTILINE)


def test_a_supervisor_sees_what_the_guide_lists_and_not_what_it_excludes(pages: Pages) -> None:
    browser = pages.browser(pages.world.sergeant)
    assert len(listed(SUPERVISOR)) == 14
    for path in listed(SUPERVISOR):
        assert browser.get(path).status_code == 200, path
    (excluded,) = re.findall(r"^These are not for you: (.*)\. Nor", SUPERVISOR, re.MULTILINE)
    refused = re.findall(r"`(/[a-z-]+)`", excluded)
    assert len(refused) == 4
    for path in refused:
        assert browser.get(path).status_code == 403, path


def test_a_manager_opens_what_the_guide_lists(pages: Pages) -> None:
    browser = pages.browser(pages.world.manager)
    assert len(listed(MANAGER)) == 7
    for path in listed(MANAGER):
        assert browser.get(path).status_code == 200, path


@pytest.mark.parametrize(
    ("action", "given", "may"),
    [
        (Action.MARK_EVIDENTIAL, {}, True),
        (Action.CATEGORISE, {}, True),
        (Action.ASK_UNMARK, {"evidential": True}, True),
        (Action.UNMARK_EVIDENTIAL, {"evidential": True, "first_person": "another"}, True),
        (Action.UNMARK_EVIDENTIAL, {"evidential": True, "first_person": "me"}, False),
        (
            Action.UNMARK_EVIDENTIAL,
            {"evidential": True, "first_person": "another", "wearer": "me"},
            False,
        ),
        (Action.ASK_WEARER_CORRECTION, {}, True),
        (Action.CORRECT_WEARER, {"first_person": "another", "person": "third"}, True),
        (Action.CORRECT_WEARER, {"first_person": "another", "person": "me"}, False),
        (Action.ASSIGN_WEARER, {"person": "me"}, False),
        (Action.ASSIGN_WEARER, {"person": "another"}, True),
        (Action.PLACE_HOLD, {}, False),
        (Action.VIEW_RECORDING, {}, False),
        (Action.SEE_RECORDING, {"hidden": True}, False),
        (Action.SEE_RECORDING, {"locked": True}, False),
        (Action.ISSUE_CAMERA, {"person": "another"}, True),
        (Action.ISSUE_CAMERA, {"person": "me"}, False),
        (Action.REPORT_CAMERA, {}, True),
    ],
)
def test_a_supervisor_decides_what_the_guide_says(
    pages: Pages,
    action: Action,
    given: dict[str, object],
    may: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    world = pages.world
    people = {"me": world.sergeant.pk, "another": world.manager.pk, "third": world.dev.pk}
    values = {name: people.get(str(value), value) for name, value in given.items()}
    facts = OfficerFacts(officer=world.sergeant.pk, by_unit=frozenset({(Role.SUPERVISOR, "LAM")}))
    answer = permissions.may(facts, action, Subject(unit="LAM", **values))  # type: ignore[arg-type] # values are of a table
    assert isinstance(answer, Refused) is not may


def test_anyone_opens_what_the_guide_for_people_filmed_lists(pages: Pages) -> None:
    paths = listed(FILMED)
    assert len(paths) == 8
    for path in paths:
        if not path.startswith(PREFIX):  # the log's own files are served beside the pages
            assert pages.browser(None).get(path).status_code == 200, path


def test_whoever_the_guide_names_can_keep_it_for_a_request(pages: Pages) -> None:
    for kind in (HoldKind.REQUEST, HoldKind.SUBJECT_ACCESS):
        assert f"*{kind.label}*" in FILMED
    for role in (Role.DISCLOSURE_OFFICER, Role.INVESTIGATOR, Role.EVIDENCE_MANAGER):
        assert role.value.replace("_", " ") in FILMED
        facts = OfficerFacts(officer=pages.world.dev.pk, force_wide=frozenset({role}))
        kept = permissions.may(facts, Action.PLACE_HOLD, Subject(unit="LAM"))
        assert not isinstance(kept, Refused)
        binned = permissions.may(facts, Action.SEE_RECORDING, Subject(unit="LAM", hidden=True))
        assert isinstance(binned, Refused) is (role is not Role.EVIDENCE_MANAGER)
    asked = pages.browser(pages.world.manager).get(f"/holds/new?recording={pages.recording.pk}")
    assert b"Request to keep" in asked.content
    assert b"Subject access request" in asked.content
