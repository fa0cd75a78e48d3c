"""What a category of the force's own asks to be typed, as a form describes and a page tells it."""

from collections.abc import Iterable, Mapping

from django.http import HttpRequest

from fairwitness.retention import asking_fields, categories
from fairwitness.retention.asking_fields import MOST, Field
from fairwitness.retention.models import RuleChange


def form(code: str) -> dict[str, object]:
    """Rows to describe fields in, with those that stand; none of a shipped category."""
    if code in categories.shipped():
        return {"fields": []}
    known = categories.current().get(code)
    fields = known.fields if known else ()
    rows = [_row(number, fields[number : number + 1]) for number in range(MOST)]
    return {"fields": rows, "kinds": asking_fields.kinds()}


def _row(number: int, found: Iterable[Field]) -> Mapping[str, object]:
    field = next(iter(found), None)
    extra = ", ".join(field.choices) or field.hint if field else ""
    return {
        "number": number + 1,
        "name": field.name if field else "",
        "kind": field.kind if field else "",
        "needed": field.needed if field else False,
        "extra": extra,
    }


def read(request: HttpRequest, code: str) -> list[Field] | None:
    """The fields that were described; None of a shipped category, whose own stay.

    Raises:
        FieldInvalid: one that can't be.
    """
    if code in categories.shipped():
        return None
    said = request.POST
    return [
        asking_fields.made(
            name=said[f"field-{number}-name"],
            kind=said.get(f"field-{number}-kind", ""),
            needed=said.get(f"field-{number}-needed") == "1",
            extra=said.get(f"field-{number}-extra", ""),
        )
        for number in range(1, MOST + 1)
        if said.get(f"field-{number}-name", "").strip()
    ]


def told(change: RuleChange) -> list[str] | None:
    """What a change says that the category asks, in words; None where it leaves that."""
    if change.fields is None:
        return None
    return [
        f"{field.name}: {', '.join(field.choices) or field.kind}"
        + (", needed" if field.needed else "")
        for field in asking_fields.from_table({"fields": change.fields})
    ]
