"""Who may do what: the table of permissions itself, in words.

Nothing here is a copy: acts, roles and conditions are read from `permissions.RULES`, and what may
stand in the way is told in the words that the function which decides it carries.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.force import permissions
from fairwitness.force.asking import Action, Role
from fairwitness.web import page


@dataclass(frozen=True, slots=True)
class Row:
    """One act: who has the ground for it, and what may still stand in the way."""

    act: str
    code: str
    roles: tuple[str, ...]
    grounds: tuple[str, ...]
    conditions: tuple[str, ...]


def rows(role: Role | None) -> list[Row]:
    """The table in the order of its acts; of one role, or whole."""
    return [
        _row(action)
        for action in Action
        if action in permissions.RULES and (role is None or role in permissions.RULES[action].roles)
    ]


def _row(action: Action) -> Row:
    rule = permissions.RULES[action]
    everybody = len(rule.roles) == len(Role)
    grounds = (
        (rule.own, "who wore the camera, or has it"),
        (rule.owners, "who owns a hold or lock on it, or the case"),
        (
            rule.near,
            "who was at the incident with a camera, is named for it, or broke the glass for it",
        ),
    )
    return Row(
        act=rule.what[0].upper() + rule.what[1:],
        code=action.value,
        roles=("anybody with a role",)
        if everybody
        else tuple(said(role) for role in Role if role in rule.roles),
        grounds=tuple(words for holds, words in grounds if holds),
        conditions=tuple(
            (condition.__doc__ or condition.__name__).strip().partition("\n")[0]
            for condition in rule.conditions
        ),
    )


def said(role: Role) -> str:
    """A role as people say it."""
    return role.value.replace("_", " ")


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The table, for anyone: how we decide is no secret."""
    asked = request.GET.get("role", "")
    role = Role(asked) if asked in set(Role) else None
    context = {
        "rows": rows(role),
        "role": role.value if role else "",
        "role_words": said(role) if role else "",
        "roles": [(each.value, said(each).capitalize()) for each in Role],
    }
    return page.render(request, "pages/matrix.html", context)
