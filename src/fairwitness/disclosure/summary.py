"""`ABC-1.pdf`: two pages for a court, drawn from the exhibit's facts and nothing else.

Page one says what it is, who, when with error bounds, gaps and mutes; page two the verdict, the
fingerprints, how to check them, and what is not proved. It is two pages whatever the facts: a text
or a list that would not fit is cut, and says that the whole is in index.html.
"""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from fairwitness.disclosure import words
from fairwitness.formats.exhibit import ExhibitFacts

_INK: Final = (29, 36, 38)
_SOFT: Final = (77, 85, 87)
_LINE: Final = (13, 90, 99)
_SOON: Final = (138, 75, 0)
_LABEL: Final = 38
_FONT: Final = "DejaVu"
_PAGES: Final = 2


@dataclass(frozen=True, slots=True)
class _Room:
    """How much is said: muted stretches at most, and characters of each text at most."""

    mutes: int | None
    characters: int


_ROOMS: Final = (_Room(None, 2000), _Room(15, 400), _Room(8, 250), _Room(3, 120), _Room(0, 60))


class _Sheet(FPDF):
    """A4 with our head and foot on each page."""

    def __init__(self, facts: ExhibitFacts, made_at: datetime) -> None:
        super().__init__(format="A4")
        self._facts = facts
        self.set_margins(20, 18, 20)
        self.set_auto_page_break(auto=True, margin=22)
        folder = resources.files("fairwitness.disclosure") / "fonts"
        for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            with resources.as_file(folder / name) as path:
                self.add_font(_FONT, style, path)
        self.set_title(f"Exhibit {facts.reference}")
        self.set_author(facts.producer)
        self.set_creator("Fairwitness")
        self.set_lang("en-GB")
        self.set_creation_date(made_at)

    def close(self) -> None:
        """Close the files of the fonts, which the library leaves open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def header(self) -> None:
        """Whose exhibit it is; in training, that it is none."""
        self.set_font(_FONT, "B", 9)
        self.set_text_color(*_LINE)
        case = words.shortened(self._facts.case, 60)
        self.cell(0, 6, f"Exhibit {self._facts.reference} · case {case}")
        if self._facts.training:
            self.set_text_color(*_SOON)
            self.set_x(self.l_margin)
            self.cell(0, 6, "TRAINING, NOT EVIDENCE", align="R")
        self.ln(8)

    def footer(self) -> None:
        """Which page of how many."""
        self.set_y(-16)
        self.set_font(_FONT, "", 8)
        self.set_text_color(*_SOFT)
        self.cell(0, 6, f"Page {self.page_no()} of {{nb}} · Fairwitness", align="R")

    def heading(self, text: str, size: int = 13) -> None:
        """A heading with room above it."""
        self.ln(4)
        self.set_font(_FONT, "B", size)
        self.set_text_color(*_INK)
        self.multi_cell(0, size * 0.55, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1.5)

    def text_block(self, text: str, *, soft: bool = False, size: float = 9.5) -> None:
        """A paragraph."""
        self.set_font(_FONT, "", size)
        self.set_text_color(*(_SOFT if soft else _INK))
        self.multi_cell(0, size * 0.55, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def fact(self, name: str, value: str) -> None:
        """A name on the left, its words on the right."""
        self.set_font(_FONT, "", 9)
        self.set_text_color(*_SOFT)
        top = self.get_y()
        self.multi_cell(_LABEL, 5, name, new_x=XPos.RIGHT, new_y=YPos.TOP)
        self.set_xy(self.l_margin + _LABEL, top)
        self.set_text_color(*_INK)
        self.multi_cell(0, 5, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1.6)


def _what(sheet: _Sheet, facts: ExhibitFacts, room: _Room) -> None:
    sheet.add_page()
    sheet.heading(f"Exhibit {facts.reference}", 20)
    sheet.text_block(words.shortened(facts.title, room.characters), size=12)
    sheet.ln(2)
    for line in words.lines(facts, most_mutes=room.mutes):
        listed = line.name == words.SILENCE  # cut by whole stretches above
        said = line.value if listed else words.shortened(line.value, room.characters)
        sheet.fact(line.name, said)
    sheet.heading("How to watch it")
    if facts.working_copy is None:
        sheet.text_block("It can't be played by ordinary players. The master lies in data/masters.")
        return
    sheet.text_block(
        f"Open {facts.working_copy.path} in any player, or index.html in a browser. It is a working"
        " copy: the master's pictures and sound in an ordinary file, made as its statement says."
        f" The master, as it was received, is {facts.master.path}."
    )


def _proof(sheet: _Sheet, facts: ExhibitFacts, fingerprint: str, made_at: datetime) -> None:
    sheet.add_page()
    sheet.heading(f"{words.verdict(facts)}", 14)
    sheet.text_block(
        f"So it stood on {words.moment(made_at)}, when this copy was made. Check it yourself, as"
        " below.",
        soft=True,
    )
    sheet.heading("Fingerprints (SHA-256)")
    sheet.fact("Master", facts.master.sha256)
    if facts.working_copy is not None:
        sheet.fact("Working copy", facts.working_copy.sha256)
    sheet.fact("Our keys", fingerprint)
    sheet.heading("How to check it")
    sheet.text_block(
        "Run “fairwitness verify” on this folder, with the list of the force's public keys"
        " (trust.json) taken from the force, not from here: ask them to read out its fingerprint,"
        " and compare it with the one above. Without our program, proofs/README-VERIFY.txt says"
        " how to do the same with sha256sum and openssl."
    )
    sheet.heading("What is not proved")
    for sentence in words.NOT_PROVED:
        sheet.text_block(f"•  {sentence}")


def draw(facts: ExhibitFacts, *, fingerprint: str, made_at: datetime) -> bytes:
    """The PDF's bytes, the same for the same facts.

    Args:
        facts: what `exhibit.json` says.
        fingerprint: of the force's trust list, to be read aloud.
        made_at: when the bundle is made, UTC.
    """
    drawn = b""
    for room in _ROOMS:
        with closing(_Sheet(facts, made_at)) as sheet:
            _what(sheet, facts, room)
            _proof(sheet, facts, fingerprint, made_at)
            pages = sheet.page_no()
            drawn = bytes(sheet.output())
        if pages == _PAGES:
            break
    return drawn
