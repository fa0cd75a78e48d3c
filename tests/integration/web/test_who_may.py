"""The table of permissions is the program's own; who looked is told to whoever may know."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.web.conftest import Pages

from fairwitness.evidence import access
from fairwitness.evidence.access import AccessRefused, Task
from fairwitness.force import obstacles, permissions
from fairwitness.force.asking import Action, Role, TaskKind
from fairwitness.force.models import Officer
from fairwitness.retention import holds
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import HoldKind
from fairwitness.web import matrix

DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


def page(pages: Pages, path: str, officer: Officer | None = None) -> str:
    said = pages.browser(officer).get(path).content.decode()
    lines = (line for line in said.splitlines() if "csrfmiddlewaretoken" not in line)
    return html.unescape("\n".join(lines))


def view(pages: Pages, officer: Officer, reference: str = "17/042") -> None:
    access.grant_viewing(
        recording=pages.recording,
        officer=officer,
        task=Task(TaskKind.REVIEW, reference),
        at=now(),
    )


def test_every_rule_is_told_with_its_roles_and_conditions(pages: Pages) -> None:
    said = page(pages, "/who-may")
    assert re.findall(r'<tr id="(\w+)">', said) == [action.value for action in Action]
    for action, rule in permissions.RULES.items():
        row = said.partition(f'<tr id="{action.value}">')[2].partition("</tr>")[0]
        everybody = len(rule.roles) == len(Role)
        for role in Role:
            named = f"<li>{matrix.said(role).capitalize()}</li>" in row
            assert named == (role in rule.roles and not everybody), (action, role)
        for condition in rule.conditions:
            assert condition.__doc__ is not None
            assert condition.__doc__.splitlines()[0] in row


def test_it_follows_the_program_when_a_rule_changes(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = dict(permissions.RULES)
    taken = rules.pop(Action.EXPORT)
    assert taken.what in page(pages, "/who-may").lower()
    monkeypatch.setattr(permissions, "RULES", rules)
    assert taken.what not in page(pages, "/who-may").lower()


@pytest.mark.parametrize("role", Role)
def test_it_is_filtered_by_role(pages: Pages, role: Role) -> None:
    said = page(pages, f"/who-may?role={role.value}")
    expected = [action.value for action in Action if role in permissions.RULES[action].roles]
    assert re.findall(r'<tr id="(\w+)">', said) == expected


def test_an_unknown_role_shows_all(pages: Pages) -> None:
    assert "All acts" in page(pages, "/who-may?role=superuser")


def test_a_condition_says_in_words_what_it_is() -> None:
    for rule in permissions.RULES.values():
        for condition in rule.conditions:
            assert "`" not in (condition.__doc__ or "").splitlines()[0], "no code"
            assert getattr(obstacles, condition.__name__) is condition
            assert (condition.__doc__ or "").splitlines()[0].endswith(".")


def test_who_looked_is_told_person_by_person(pages: Pages) -> None:
    view(pages, pages.world.sergeant)
    view(pages, pages.world.sergeant)
    view(pages, pages.world.detective, "01/803/17")
    with pytest.raises(AccessRefused):
        view(pages, pages.world.dev)
    path = f"/recordings/{pages.recording.pk}/looks"
    for officer in (pages.world.ada, pages.world.manager):
        said = page(pages, path, officer)
        assert "<dt>Sgt Jo Hale</dt><dd>2 times</dd>" in said
        assert "<dt>DC Ivo Ray</dt><dd>1 time</dd>" in said
        assert "review 01/803/17" in said
        assert '<span class="tag">Refused</span>' in said
        assert "<dt>PC Dev Anand</dt>" not in said, "refused, he did not see it"


def test_reading_who_looked_is_written_down(pages: Pages) -> None:
    page(pages, f"/recordings/{pages.recording.pk}/looks", pages.world.manager)
    said = page(pages, f"/recordings/{pages.recording.pk}", pages.world.ada)
    assert "Grace Okafor read all that happened to it." in said


def test_nothing_that_standards_or_oversight_do_reaches_the_officer_concerned(pages: Pages) -> None:
    """Not in a list, a count, a search, a history, on Today, or under who looked at this."""
    pk, reference = pages.recording.pk, pages.recording.reference
    paths = (
        "/today",
        "/recordings",
        f"/recordings?words={reference}",
        f"/recordings/{pk}",
        f"/recordings/{pk}/entries",
        f"/recordings/{pk}/looks",
    )
    before = {path: _steady(page(pages, path, pages.world.ada)) for path in paths}
    before = {path: _steady(page(pages, path, pages.world.ada)) for path in paths}
    for officer in (pages.world.standards, pages.world.investigator):
        view(pages, officer)
        page(pages, f"/recordings/{pk}/looks", officer)
        page(pages, f"/recordings?scope=unit&words={reference}", officer)
    holds.place(
        terms=Terms(
            HoldKind.PROFESSIONAL_STANDARDS,
            "PS 4",
            "An inquiry",
            (now() + 90 * DAY).date(),
            silent=True,
        ),
        owner=pages.world.standards,
        at=now(),
        recordings=[pk],
    )
    for path in paths:
        assert _steady(page(pages, path, pages.world.ada)) == before[path], path
    manager = page(pages, f"/recordings/{pk}/looks", pages.world.manager)
    assert "Pia Long" in manager
    assert "Ian Oates" not in manager, "what oversight looks at is not the force's to know"
    overseer = page(pages, f"/recordings/{pk}/looks", pages.world.investigator)
    assert "Ian Oates" in overseer


def _steady(said: str) -> str:
    """A page without the wearer's own readings of the history, each of which adds an entry."""
    rows = re.sub(r"<tr>(?:(?!</tr>).)*history_read.*?</tr>", "", said, flags=re.DOTALL)
    return re.sub(r">\d+</t[dh]>", "></td>", rows)
