"""Standing holds that somebody without an account asked for: nobody's, silent, and they lapse.

Design rules:

1. `freeze` writes the hold and its entry and looks at no recording, so that its work is the same
   whatever there is. From its commit on no disposal takes what matches (`holds.bind_missed`), and
   what arrives is bound (`holds.bind_arrivals`); what is here already, a sweeper binds.
2. They are silent: neither the wearer nor the public figures tell that somebody asked.
3. Nobody owns them. On its day one lapses unless somebody extended it; before, two people lift it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.formats.acts import Act
from fairwitness.retention import binding, dates, gathering, holds, lifting
from fairwitness.retention.models import ASKED_FOR, Hold, HoldKind
from fairwitness.retention.standing import Criteria


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked to be kept.

    Attributes:
        reference: the request's code.
        basis: on what ground; names nobody.
        lapses_on: the London day on which it lapses unless somebody extended it.
    """

    reference: str
    basis: str
    lapses_on: date


def freeze(*, terms: Terms, criteria: list[Criteria], at: datetime) -> list[Hold]:
    """Place standing holds, one for each of the criteria, in the caller's transaction.

    Raises:
        NoTransaction: outside a transaction.
    """
    ledger.demand_transaction()
    placed = [
        Hold(
            id=uuid4(),
            kind=HoldKind.REQUEST,
            reference=terms.reference,
            basis=terms.basis,
            silent=True,
            standing=True,
            criteria=each.to_json(),
            review_on=terms.lapses_on,
            placed_at=at,
        )
        for each in criteria
    ]
    Hold.objects.bulk_create(placed)
    ledger.append_many(
        [
            Draft(
                subject=f"hold:{hold.pk}",
                act=Act.HOLD_PLACED,
                actor=ASKED_FOR,
                at=at,
                reason=hold.basis,
                detail={
                    "kind": hold.kind,
                    "reference": hold.reference,
                    "silent": True,
                    "standing": True,
                    "oversight": False,
                    "review_on": hold.review_on.isoformat(),
                    "gone_already": [],
                },
            )
            for hold in placed
        ]
    )
    return placed


def bind_present(*, hold: UUID, criteria: Criteria, at: datetime) -> int:
    """Bind what is here already and matches; returns how many recordings that keeps.

    What has reached its day since the hold was placed, and was readable then, a disposal binds
    before it disposes.
    """
    wanted = [row.pk for row in holds.matching_now(criteria)]
    with transaction.atomic():
        activations = dates.still_there(wanted, at, for_force=True)
        standing = Hold.objects.select_for_update().filter(pk=hold, lifted_at__isnull=True).first()
        if standing is None:
            return 0
        bound = binding.bind(standing, [part for each in activations for part in each.parts], at)
        dates.recompute_many(bound, at)
    return len(bound)


def lapse_due(*, today: date, at: datetime, limit: int = 100) -> int:
    """Lift the ownerless holds whose day has come; what they alone kept has seven more days."""
    due = Hold.objects.filter(
        owner__isnull=True, standing=True, lifted_at__isnull=True, review_on__lte=today
    )
    lapsed = 0
    for pk in due.order_by("review_on").values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            hold, bound = gathering.lock_with_hold(pk)
            if due.filter(pk=pk).exists():
                lifting.lapse(hold=hold, bound=bound, at=at)
                lapsed += 1
    return lapsed
