"""What pages do and programs are not given, each with its reason, as the document tells it.

A test holds every form of the pages to be an operation's or here.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NotGiven:
    """What is left to people, why, and the names of the forms that do it."""

    what: str
    why: str
    forms: tuple[str, ...]


NOT_GIVEN: Final = (
    NotGiven(
        "Signing in and out, passwords, second factors, passkeys, one-time codes",
        "They prove that a person is there. A program that held them would be that person.",
        (
            *("sign-in", "sign-out", "sign-in-code", "sign-in-step", "sign-in-passkey", "stay"),
            *("end-others", "add-factor", "remove-factor", "change-password", "one-time-codes"),
        ),
    ),
    NotGiven(
        "Making and revoking tokens, other systems' accounts",
        "A token that made tokens would not end, and its scopes would narrow nothing.",
        ("tokens", "register-system", "system-token", "revoke-token"),
    ),
    NotGiven(
        "Breaking the glass and judging it, reading that the emergency account was used",
        "Each is somebody who answers for having looked; a program looks at everything.",
        ("break-glass", "glass-judge", "emergency-read"),
    ),
    NotGiven(
        "Who is an officer, in which unit, with which roles",
        "Roles decide what each call may do: a program that granted them would set its own limits."
        " The force's directory decides who signs in, by OpenID Connect.",
        (
            *("force-officer-new", "force-officer-change", "force-officer-move"),
            *("force-officer-leave", "force-role-grant", "force-role-end"),
        ),
    ),
    NotGiven(
        "Stations, plans of the roll-out, volumes of cameras, revoking a camera's key",
        "Few acts a year, done with the thing in the hand. Losing a camera is `reportCamera`.",
        (
            *("force-station-new", "force-station-change", "force-station-close"),
            *("force-station-open", "force-unit-plan", "volume-decide", "force-camera-revoke"),
        ),
    ),
    NotGiven(
        "The independent body's workspace in a critical incident",
        "The force neither lifts nor sees what is done there, so no token of the force's system"
        " may do it.",
        ("workspace", "workspace-hold", "workspace-copy"),
    ),
    NotGiven(
        "Asking as somebody who was filmed",
        "It needs no account and is told nothing; the page slows down whoever asks again.",
        ("keep-footage",),
    ),
    NotGiven(
        "An officer's own card, and having read what is new",
        "They tell something to one person, and change nothing else.",
        ("my-card", "today-seen"),
    ),
    NotGiven(
        "Footage from elsewhere by a browser",
        "A browser sends what its page began. Another system's files come by `fairwitness import`"
        " with a list (docs/specs/import-list.md), or through a dock (docs/specs/upload.md).",
        ("bring-in-ask", "bring-in-begin", "bring-in-give-up"),
    ),
    NotGiven(
        "Stills beside a list",
        "They help an eye. A program watches by `grantViewing`.",
        ("search-pictures",),
    ),
    NotGiven(
        "Reading the whole log and cameras' own logs",
        "The log of one recording is `readEntries`, and the log is public by its tiles. Who read"
        " the whole of it, and why, is to be a person; the operator has `fairwitness log`.",
        ("log", "camera-log"),
    ),
    NotGiven(
        "Taking back the last tap at the dock, ending the turn there",
        "They belong to one sitting. What was said is said anew by `say` and `categorise`.",
        ("kiosk-undo", "kiosk-over"),
    ),
)
