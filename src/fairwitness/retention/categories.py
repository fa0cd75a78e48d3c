"""The table of categories: what we ship, overlaid by what the force changed.

The shipped table (categories.toml) gives each category its period, what ends the need to keep it,
and the source; entries written from memory say so. The database holds only the force's own
categories and changes, made by `rule_changes` in the open.
"""

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources

from fairwitness.errors import FairwitnessError
from fairwitness.retention import asking_fields
from fairwitness.retention.asking_fields import Field
from fairwitness.retention.models import Category
from fairwitness.retention.rules import Period, Policy

DEFAULT_REVIEW = 366
"""Days until evidential footage is looked at again when its categories do not say."""


class CategoryUnknown(FairwitnessError):
    """Nobody may give footage a category that is not in the table."""

    code = "retention.category_unknown"


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """One line of the table.

    Attributes:
        code: stable, as in records and rules.
        name: for people.
        days: how long it keeps; None until a review decides.
        review_days: when evidential footage of it is looked at again; None for the default.
        group: its MoPI group, "1" to "4", or "none".
        trigger: what ends the need to keep it.
        source: where this comes from.
        checked: the source was checked; False is to be said wherever the line is shown.
        fields: what it asks to be typed; of a shipped category they never change.
    """

    code: str
    name: str
    days: int | None
    review_days: int | None
    group: str
    trigger: str
    source: str
    checked: bool
    fields: tuple[Field, ...] = ()


@functools.cache
def shipped() -> Mapping[str, CategoryFacts]:
    """The table as shipped, by code."""
    text = resources.files("fairwitness.retention").joinpath("categories.toml").read_text()
    return {
        code: CategoryFacts(
            code=code,
            name=line["name"],
            days=line.get("days"),
            review_days=line.get("review_days"),
            group=line["group"],
            trigger=line["trigger"],
            source=line["source"],
            checked=line["checked"],
            fields=asking_fields.from_table(line),
        )
        for code, line in tomllib.loads(text).items()
    }


def current() -> Mapping[str, CategoryFacts]:
    """The table as it stands in this force, by code."""
    table = dict(shipped())
    for row in Category.objects.all():
        table[row.code] = CategoryFacts(
            code=row.code,
            name=row.name,
            days=row.days,
            review_days=row.review_days,
            group=row.group,
            trigger=row.trigger,
            source=row.source,
            checked=True,
            fields=table[row.code].fields
            if row.code in table
            else asking_fields.from_table({"fields": row.fields}),
        )
    return table


def policy() -> Policy:
    """The lengths of time that hold now."""
    return policy_of(current())


def policy_of(table: Mapping[str, CategoryFacts]) -> Policy:
    """The lengths of time of a table, as the rules take them."""
    return Policy(
        {
            line.code: Period(
                line.code, line.name, None if line.days is None else timedelta(days=line.days)
            )
            for line in table.values()
        }
    )


def named(
    codes: tuple[str, ...], table: Mapping[str, CategoryFacts] | None = None
) -> tuple[CategoryFacts, ...]:
    """The lines of these codes, in a table that was read before or as it stands now.

    Raises:
        CategoryUnknown: for a code that is not in the table.
    """
    table = current() if table is None else table
    unknown = sorted(set(codes) - set(table))
    if unknown:
        raise CategoryUnknown(
            f"There is no category {', '.join(unknown)}. The table lists those that there are."
        )
    return tuple(table[code] for code in codes)


def governing(lines: Sequence[CategoryFacts]) -> str:
    """The category that keeps longest, which lists and searches show."""
    if not lines:
        return ""
    return max(lines, key=lambda line: (line.days is None, line.days or 0, line.code)).code
