"""Custody acts in plain words: who did what, in one sentence each, as people would say it.

Pure: given who and the entry's particulars, out comes a sentence. An act without a line of its own
is told by its name, so that nothing is ever left out of a history for want of words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fairwitness.formats.acts import Act

Detail = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Told:
    """What a sentence is made of.

    Attributes:
        who: the actor in words, beginning with a capital: "PC Ada Whitlock", "Dock D-0007".
        reason: in the actor's words; may be empty.
        detail: the entry's particulars.
        name: says officers, cameras and docks by their custody names: `officer:<uuid>`.
    """

    who: str
    reason: str
    detail: Detail
    name: Callable[[object], str]


def _because(told: Told) -> str:
    reason = told.reason.strip().rstrip(".")
    return f" Reason: {reason}." if reason else ""


_EARLY = {
    "decided": "decided that it be deleted early",
    "agreed": "agreed, as the second person, that it be deleted early",
    "noticed": "let it be deleted early, after public notice",
}


def _step(told: Told) -> str:
    """How far an early deletion was brought by this entry; nothing for what is about another."""
    return str(told.detail.get("step", "")) if "early_deletion" in told.detail else ""


_UNSIGNED = "Every byte was read back. No camera signed it."


def _received(told: Told) -> str:
    tails = {
        "signed": "Every byte was read back and matched what the camera signed.",
        "axis": "Every byte was read back. We know no signature of its camera.",
        "volume": "It lay on an enrolled volume. Every byte was read back. No camera signed it.",
    }
    tail = tails.get(str(told.detail.get("provenance")), _UNSIGNED)
    seals = str(told.detail.get("video_signatures") or "")
    if seals and not seals.startswith("not signed"):
        tail += f" The signatures inside the video: {seals}."
    return f"{told.who} brought it in. {tail}{_because(told)}"


def _viewed(told: Told) -> str:
    task = told.detail.get("task")
    did = "saw a still of it in a list" if told.detail.get("only") else "watched it"
    if told.detail.get("glass"):
        return f"{told.who} {did}, having broken the glass.{_because(told)}"
    if task:
        return f"{told.who} {did}, for {task} {told.detail.get('task_reference', '')}."
    return f"{told.who} {did}."


def _until(told: Told) -> str:
    until = str(told.detail.get("until") or "")
    return f", until {until[8:10]}.{until[5:7]}.{until[:4]}" if until else ""


def _access_ended(told: Told) -> str:
    person = told.name(told.detail.get("officer"))
    if told.detail.get("by_itself"):
        return f"The time was over for which {told.who} named {person} for it."
    return f"{told.who} ended that {person} is named for it.{_because(told)}"


def _copy_made(told: Told) -> str:
    if told.detail.get("kind") == "transcript":
        number, maker = told.detail.get("number"), told.detail.get("made_by")
        return f"{told.who} attached transcript {number}, typed by {maker}."
    kind = {
        "working": "A copy for watching",
        "poster": "A still picture",
        "strip": "A strip of stills",
        "waveform": "A drawing of its sound",
        "trail": "A list of where the camera was",
    }
    return f"{kind.get(str(told.detail.get('kind')), 'A copy')} was made from it."


def _exported(told: Told) -> str:
    if told.detail.get("force_export"):
        agreed = told.name(told.detail.get("agreed_by"))
        return f"{told.who} exported it with the whole force; {agreed} agreed.{_because(told)}"
    return f"{told.who} had a copy for court made of it.{_because(told)}"


def _corrected(told: Told) -> str:
    to, asked = told.name(told.detail.get("to")), told.name(told.detail.get("asked_by"))
    return f"{told.who} agreed with {asked} that {to} wore the camera.{_because(told)}"


def _marked(told: Told) -> str:
    kind = {"force": "a use of force", "search": "a search", "arrest": "an arrest"}
    of = kind.get(str(told.detail.get("kind")), "a call")
    surely = "marks it" if told.detail.get("certain") else "may be of it, and keeps it"
    return f"The record of {of}, {told.detail.get('reference', '')}, {surely}."


def _reminded(told: Told) -> str:
    whom = {
        "officer": "Its wearer",
        "supervisor": "The supervisor",
        "manager": "The evidence manager",
        "standards": "Professional standards",
    }
    unsaid = "looked at it" if told.detail.get("about") == "look" else "said what it shows"
    return f"{whom.get(str(told.detail.get('told')), 'Somebody')} was told: nobody has {unsaid}."


def _plain(sentence: str) -> Callable[[Told], str]:
    return lambda told: sentence.format(who=told.who) + _because(told)


_WORDS: Mapping[Act, Callable[[Told], str]] = {
    Act.RECORDING_RECEIVED: _received,
    Act.RECORDING_IMPORTED: _received,
    Act.RECORDING_DECRYPTED: _plain("It came encrypted from its camera and was decrypted here."),
    Act.RECORDING_REBUILT: _plain("It was registered again after the database was lost."),
    Act.RECORDING_FOUND_LOST: _plain("An audit found that it can't be opened."),
    Act.RECORDING_REPAIRED: _plain("An audit found it whole again."),
    Act.RECORDING_VIEWED: _viewed,
    Act.RECORDING_VIEW_REFUSED: lambda told: f"{told.who} asked to watch it and was refused.",
    Act.ACCESS_REFUSED: lambda told: f"{told.who} asked for something and was refused.",
    Act.RECORDING_COPY_MADE: _copy_made,
    Act.RECORDING_COPY_FAILED: _plain("A copy could not be made from it."),
    Act.RECORDING_QUARANTINED: _plain("It was put into quarantine."),
    Act.RECORDING_RELEASE_PROPOSED: _plain("{who} proposed to let it out of quarantine."),
    Act.RECORDING_REJECTION_PROPOSED: _plain("{who} proposed to reject it."),
    Act.RECORDING_REJECTED: _plain("{who} rejected it: it goes after seven days."),
    Act.RECORDING_REJECTION_TAKEN_BACK: _plain("{who} took it back out of the bin."),
    Act.RECORDING_RELEASED_FROM_QUARANTINE: _plain("{who} let it out of quarantine."),
    Act.RECORDING_ASSIGNED: lambda told: (
        f"{told.who} said that {told.name(told.detail.get('wearer'))} wore the camera."
        f"{_because(told)}"
    ),
    Act.RECORDING_ANNOTATED: lambda told: f"{told.who} wrote: {told.detail.get('text', '')}",
    Act.RECORDING_WEARER_CORRECTION_REQUESTED: lambda told: (
        f"{told.who} said that {told.name(told.detail.get('to'))} wore the camera; "
        f"a second person has to agree.{_because(told)}"
    ),
    Act.RECORDING_WEARER_CORRECTED: _corrected,
    Act.RECORDING_ANNOTATION_WITHDRAWN: lambda told: (
        f"{told.who} declined that {told.name(told.detail.get('to'))} wore the camera."
        f"{_because(told)}"
    ),
    Act.RECORDING_ACCESS_GRANTED: lambda told: (
        f"{told.who} named {told.name(told.detail.get('officer'))} for it"
        f"{_until(told)}.{_because(told)}"
    ),
    Act.RECORDING_ACCESS_ENDED: _access_ended,
    Act.RECORDING_ACCESS_CLASS_CHANGED: lambda told: (
        f"{told.who} changed who can open it, from {told.detail.get('from', '')} to"
        f" {told.detail.get('to', '')}.{_because(told)}"
    ),
    Act.RECORDING_BREAK_GLASS_USED: _plain(
        "{who} broke the glass: it is open to them for an hour."
    ),
    Act.RECORDING_BREAK_GLASS_JUDGED: lambda told: (
        f"{told.who} judged that it was {'' if told.detail.get('justified') else 'not '}right to"
        f" break the glass.{_because(told)}"
    ),
    Act.RECORDING_CATEGORISED: _plain("{who} put it in a category."),
    Act.RECORDING_MARKED_EVIDENTIAL: _plain("{who} marked it evidential."),
    Act.RECORDING_UNMARK_REQUESTED: _plain("{who} asked that it no longer be evidential."),
    Act.RECORDING_UNMARKED: lambda told: (
        "It is no longer evidential, after public notice."
        if "notice" in told.detail
        else f"{told.who} agreed that it is no longer evidential."
    ),
    Act.RECORDING_REMINDED: _reminded,
    Act.EVENT_MATCHED: _marked,
    Act.RECORDING_REVIEWED: lambda told: (
        f"{told.who} {_EARLY.get(_step(told), 'looked at it again')}.{_because(told)}"
    ),
    Act.RECORDING_DELETION_REQUESTED: lambda told: (
        f"{told.who} asked that it be deleted early"
        + (", for a person who was filmed" if told.detail.get("asked_for") == "person" else "")
        + f".{_because(told)}"
    ),
    Act.RECORDING_DELETION_REFUSED: lambda told: (
        f"{told.who} "
        + ("stopped its early deletion" if _step(told) == "stopped" else "said no to that")
        + f".{_because(told)}"
    ),
    Act.NOTICE_GIVEN: lambda told: (
        f"{told.who} gave public notice of it, for want of a second person.{_because(told)}"
    ),
    Act.NOTICE_STOPPED: lambda told: (
        f"{told.who} stopped what notice was given of.{_because(told)}"
    ),
    Act.NOTICE_LAPSED: lambda told: f"The notice lapsed.{_because(told)}",
    Act.RECORDING_LOCKED: _plain("{who} locked it."),
    Act.RECORDING_UNLOCKED: _plain("{who} unlocked it."),
    Act.RECORDING_EXPORTED: _exported,
    Act.HOLD_BOUND: _plain("{who} placed it under a hold: it is not deleted while that stands."),
    Act.HOLD_LIFTED: _plain("{who} lifted a hold on it."),
    Act.EXHIBIT_PRODUCED: lambda told: (
        f"{told.who} entered it as exhibit {told.detail.get('exhibit', '')}.{_because(told)}"
    ),
    Act.EXHIBIT_WITHDRAWN: _plain("{who} withdrew it as an exhibit."),
    Act.RECORDING_HISTORY_READ: lambda told: f"{told.who} read all that happened to it.",
    Act.RECORDING_SHOWN: _plain("{who} showed it to somebody."),
    Act.RECORDING_CLIPPED: _plain("{who} had a clip made from it."),
    Act.RECORDING_REDACTED: _plain("{who} had a redacted copy made from it."),
    Act.RECORDING_DISPOSED: _plain("It was deleted. Nobody can open it now, we neither."),
    Act.RECORDING_DUE_CHANGED: _plain("The day on which it goes was set anew."),
    Act.KEY_DESTROYED: _plain("Its key was destroyed."),
    Act.DISPOSAL_CERTIFIED: _plain("A record of deletion was signed."),
    Act.LOG_BODY_ERASED: _plain("What the log said of its bytes was erased."),
    Act.CAMERA_ERASED: lambda told: (
        f"{told.who} says that it erased it from the {told.detail.get('from', 'camera')},"
        " against our receipt."
    ),
    Act.HOLD_CHECKED: _plain("It was read, to see that what is held can be played."),
}


def tells(act: Act) -> bool:
    """Whether an act has a sentence of its own."""
    return act in _WORDS


def sentence(act: Act, told: Told) -> str:
    """One act in plain words."""
    words = _WORDS.get(act)
    if words is not None:
        return words(told)
    return f"{told.who}: {act.verb.replace('_', ' ')}.{_because(told)}"
