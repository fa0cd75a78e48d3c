"""Which recordings a list of work counts, as conditions on rows: of one's units, not closed."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from fairwitness.evidence.models import AccessClass, State
from fairwitness.force.models import Unit


def within(units: frozenset[str] | None, path: str = "unit__code") -> Q:
    """Rows of these units, or of the whole force."""
    return Q() if units is None else Q(**{f"{path}__in": units})


def rare_within(units: frozenset[str] | None, path: str = "unit") -> Q:
    """The same for what few recordings of a unit have: asked of each that has it.

    As `within`, it would lead a database through all that the unit keeps. `path` leads to the unit.
    """
    if units is None:
        return Q()
    return Q(Exists(Unit.objects.filter(pk=OuterRef(path), code__in=units)))


def plain(path: str = "") -> Q:
    """Recordings that are of no closed class and not locked; `path` leads to them."""
    return Q(
        **{
            f"{path}state": State.LIVE,
            f"{path}access_class": AccessClass.OPEN,
            f"{path}locked": False,
        }
    )


def there(at: datetime, path: str = "") -> Q:
    """Recordings that are not gone, as far as the force may know; `path` leads to them."""
    gone = f"{path}force_gone_by"
    return Q(**{f"{gone}__isnull": True}) | Q(**{f"{gone}__gt": at})
