"""Settings: what cameras of each kind do, changed in two steps, and which camera has which version.

A decision reaches a camera at its next docking and never before. It holds for every camera of one
kind in the whole force; a unit's own cameras are counted by whether they have it yet.
"""

from collections.abc import Mapping
from typing import Final

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from fairwitness.camera.settings import BUFFER_STEP, LONGEST_BUFFER, Quality, Settings
from fairwitness.errors import FairwitnessError
from fairwitness.force import camera_settings
from fairwitness.force.asking import Action
from fairwitness.force.camera_settings import Change, SettingsRefused
from fairwitness.force.models import Camera, CameraSettings, CameraStatus, Profile
from fairwitness.formats.canonical import Json
from fairwitness.web import acting, force_cameras, force_words, page, reaching, times, visits

_NAMES: Final = {
    "buffer_seconds": "Buffer, in seconds",
    "quality": "Picture",
    "mute_allowed": "The wearer may mute",
    "stealth_allowed": "The wearer may switch off lights and sounds (stealth)",
    "sleep_allowed": "The wearer may put it to sleep, without a buffer",
    "beeps": "It beeps",
    "vibration": "It vibrates",
    "lights": "Its lights work, the one that faces the public too",
    "position": "Where it is goes into its recordings",
}
_SWITCHES: Final = tuple(name for name in _NAMES if name not in {"buffer_seconds", "quality"})
_OLD: Final = 10
_LONGEST: Final = 5


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """What is decided for each kind of camera, and how far it has come."""
    units = visits.reach(visit, Action.SEE_FORCE)
    if units is not None and not units:
        return force_cameras.refuse(request)
    context = {
        "profiles": [_profile(profile, units) for profile in Profile],
        "changes": force_words.may(visit, Action.SET_CAMERAS, visits.NOTHING),
    }
    return page.render(request, "pages/force_settings.html", context)


def _profile(profile: Profile, units: frozenset[str] | None) -> dict[str, object]:
    rows = list(
        CameraSettings.objects.filter(profile=profile)
        .select_related("decided_by")
        .order_by("-version")[:_OLD]
    )
    now = rows[0] if rows else None
    return {
        "value": profile.value,
        "name": profile.label,
        "version": now.version if now else 0,
        "settings": [(_NAMES[name], words) for name, words in _in_words(_values(now)).items()],
        "firmware": now.firmware if now and now.firmware else "none wanted",
        "release": f"{now.battery_percent} % or {now.charge_minutes} minutes" if now else "",
        "history": [
            {
                "version": row.version,
                "by": str(row.decided_by) if row.decided_by else "the operator",
                "at": times.short_moment(row.decided_at),
                "reason": row.reason,
            }
            for row in rows
        ],
        "units": _spread(profile, now, units),
    }


def _spread(
    profile: Profile, now: CameraSettings | None, units: frozenset[str] | None
) -> list[dict[str, object]]:
    """Of each unit: how many cameras of this kind have been docked since the decision."""
    counted = (
        Camera.objects.filter(reaching.within(units), profile=profile, status=CameraStatus.APPROVED)
        .order_by("unit__name")
        .values_list("unit__code", "unit__name")
        .annotate(
            number=Count("pk"),
            has=Count("pk", filter=Q(last_docked_at__gte=now.decided_at))
            if now
            else Count("pk", filter=Q(pk__isnull=True)),
        )
    )
    return [
        {"code": code, "name": name, "has": has, "waits": number - has, "number": number}
        for code, name, number, has in counted
    ]


def _values(row: CameraSettings | None) -> dict[str, Json]:
    known = dict(Settings().to_json())
    known.update(row.settings if row else {})
    known.pop("version", None)
    return known


def _in_words(values: Mapping[str, Json]) -> dict[str, str]:
    yes = {True: "yes", False: "no"}
    return {
        name: yes[value] if isinstance(value, bool) else str(value)
        for name, value in values.items()
        if name in _NAMES
    }


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def change(request: HttpRequest, visit: visits.SignedVisit, profile: str) -> HttpResponse:
    """Ask for the changes; show before and after; decide only when that was confirmed."""
    known = visits.allowed(
        visit, Action.SET_CAMERAS, about=f"camera_settings:{profile[:16]}", subject=visits.NOTHING
    )
    if profile not in Profile.values or not known:
        return page.refuse(
            request,
            title="Settings of cameras",
            sentence="You can’t decide what cameras do.",
            detail="It is for evidence managers and administrators, for the whole force.",
            back="/force/settings",
        )
    kind = Profile(profile)
    now = camera_settings.latest(profile)
    if request.method != "POST":
        return page.render(request, "pages/force_settings_change.html", _form(kind, now))
    reason = request.POST.get("reason", "").strip()
    back = f"/force/settings/{profile}"
    if request.POST.get("confirmed") == "yes":

        def act() -> str:
            if request.POST.get("over") != str(now.version if now else 0):
                raise SettingsRefused("Somebody else decided meanwhile. Look, and decide again.")
            row = camera_settings.decide(
                profile=kind,
                change=_change(request),
                actor=visit.officer,
                at=visit.at,
                reason=reason,
            )
            return f"Version {row.version} is decided. Each camera gets it at its next docking."

        return acting.attempt(request, act, then="/force/settings", back=back)
    try:
        wanted = _change(request)
        after = camera_settings.previewed(kind, wanted, reason=reason)
    except FairwitnessError as error:
        form = {**_form(kind, now), "problem": error.message, "reason": reason}
        return page.render(request, "pages/force_settings_change.html", form, status=400)
    context = {
        "value": profile,
        "name": kind.label,
        "version": after.version,
        "over": now.version if now else 0,
        "reason": reason,
        "differs": _differences(now, after),
        "typed": [
            (name, request.POST.get(name, ""))
            for name in (*_NAMES, "firmware", "battery_percent", "charge_minutes")
        ],
        "cameras": Camera.objects.filter(profile=kind, status=CameraStatus.APPROVED).count(),
    }
    return page.render(request, "pages/force_settings_confirm.html", context)


def _form(kind: Profile, now: CameraSettings | None) -> dict[str, object]:
    values = _values(now)
    return {
        "value": kind.value,
        "name": kind.label,
        "problem": "",
        "buffers": [
            (seconds, seconds == values["buffer_seconds"])
            for seconds in range(0, LONGEST_BUFFER + 1, BUFFER_STEP)
        ],
        "qualities": [(each.value, each.value == values["quality"]) for each in Quality],
        "switches": [(name, _NAMES[name], bool(values[name])) for name in _SWITCHES],
        "firmware": now.firmware if now else "",
        "battery": now.battery_percent if now else 80,
        "minutes": now.charge_minutes if now else 240,
    }


def _change(request: HttpRequest) -> Change:
    said = request.POST
    return Change(
        settings={
            "buffer_seconds": _number(said.get("buffer_seconds", "")),
            "quality": said.get("quality", ""),
            **{name: said.get(name) == "yes" for name in _SWITCHES},
        },
        firmware=said.get("firmware", "").strip()[:40],
        battery_percent=_number(said.get("battery_percent", "")),
        charge_minutes=_number(said.get("charge_minutes", "")),
    )


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _LONGEST:
        raise SettingsRefused(f"{text[:20]!r} is no whole number.")
    return int(text)


def _differences(now: CameraSettings | None, after: CameraSettings) -> list[tuple[str, str, str]]:
    before, later = _in_words(_values(now)), _in_words(_values(after))
    found = [
        (_NAMES[name], before[name], later[name]) for name in _NAMES if before[name] != later[name]
    ]
    rest = (
        ("Firmware that they should run", now.firmware if now else "", after.firmware),
        (
            "A pool camera may be taken at, per cent",
            _text(now, "battery_percent"),
            _text(after, "battery_percent"),
        ),
        (
            "or after minutes in the dock",
            _text(now, "charge_minutes"),
            _text(after, "charge_minutes"),
        ),
    )
    return found + [row for row in rest if row[1] != row[2]]


def _text(row: CameraSettings | None, field: str) -> str:
    return str(getattr(row, field)) if row else "not decided"
