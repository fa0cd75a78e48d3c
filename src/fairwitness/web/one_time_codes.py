"""An administrator lets somebody begin, or begin again, by a one-time code."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from fairwitness.errors import FairwitnessError
from fairwitness.force import codes, officers
from fairwitness.force.account_rows import CodePurpose
from fairwitness.force.asking import Action, NotAllowed
from fairwitness.web import page, visits


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Ask for whom and why; make the code, and show it this once."""
    if visits.reach(visit, Action.CHANGE_OFFICER) == frozenset():
        return page.refuse(
            request,
            title="You can’t do this",
            sentence="One-time codes are made by administrators.",
            detail="This request was written down.",
        )
    made = _made(request, visit) if request.method == "POST" else {}
    context: dict[str, object] = {"problem": "", "purposes": CodePurpose.choices, **made}
    return page.render(
        request, "pages/one_time_codes.html", context, status=400 if context["problem"] else 200
    )


def _made(request: HttpRequest, visit: visits.SignedVisit) -> dict[str, object]:
    collar = request.POST.get("collar_number", "").strip()
    chosen = request.POST.get("purpose", "")
    again = {"collar_number": collar, "chosen": chosen}
    if chosen not in CodePurpose.values:
        return {**again, "problem": "Say what it is for."}
    try:
        officer = officers.named(collar)
        purpose = CodePurpose(chosen)
        code = codes.make(officer=officer, purpose=purpose, actor=visit.officer, at=visit.at)
    except NotAllowed as error:
        return {**again, "problem": f"{error.message} This was written down."}
    except FairwitnessError as error:
        return {**again, "problem": error.message}
    return {"code": code, "officer": str(officer), "what": purpose.label, "days": codes.LASTS.days}
