"""The reason for looking, as a form asks for it: the kind of task, and its number."""

from django.http import HttpRequest

from fairwitness.evidence.access import Task
from fairwitness.force.asking import TaskKind

_LONGEST = 80


def kinds() -> list[tuple[str, str]]:
    """The choices: value and words."""
    return [(kind.value, kind.value.capitalize()) for kind in TaskKind]


def read(request: HttpRequest) -> Task | None:
    """The task that a form gives; None where it names none, or no number of it."""
    kind = request.POST.get("task", "")
    reference = request.POST.get("task_reference", "").strip()[:_LONGEST]
    if kind not in set(TaskKind) or not reference:
        return None
    return Task(TaskKind(kind), reference)
