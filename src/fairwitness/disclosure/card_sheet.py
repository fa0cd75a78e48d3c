"""A sheet of an officer's cards, to be cut and handed out: A4, ten of them, no name on any."""

from contextlib import closing
from importlib import resources
from typing import Final

from fpdf import FPDF
from fpdf.fonts import TTFFont

_FONT: Final = "DejaVu"
_INK: Final = (29, 36, 38)
_SOFT: Final = (77, 85, 87)
_WIDE: Final = 85.0
_HIGH: Final = 54.0
_LEFT: Final = 20.0
_TOP: Final = 13.0
_COLUMNS: Final = 2
_ROWS: Final = 5


class _Sheet(FPDF):
    def close(self) -> None:
        """Close the files of the fonts, which the library leaves open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()


def make(*, code: str, force: str, site: str, training: bool) -> bytes:
    """The sheet as PDF.

    Args:
        code: as people copy it.
        force: the force's name.
        site: where to ask.
        training: it says that it is none in earnest.
    """
    with closing(_Sheet(format="A4")) as sheet:
        sheet.set_auto_page_break(auto=False)
        folder = resources.files("fairwitness.disclosure") / "fonts"
        for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            with resources.as_file(folder / name) as path:
                sheet.add_font(_FONT, style, path)
        sheet.set_title("Cards to hand out")
        sheet.set_creator("Fairwitness")
        sheet.set_lang("en-GB")
        sheet.add_page()
        lines = (
            ("", 7.5, _SOFT, f"{force}{' · TRAINING, NOT EVIDENCE' if training else ''}"),
            ("B", 9.5, _INK, "You were filmed by an officer’s camera."),
            ("", 7.5, _INK, "Ask within 31 days that the footage be kept:"),
            ("B", 7.5, _INK, f"{site}/keep-footage"),
            ("", 7.5, _INK, "with the day, the time and this code:"),
            ("B", 17, _INK, code),
            (
                "",
                6.5,
                _SOFT,
                "The code names nobody. Without it, the number on the shoulder will do.",
            ),
        )
        for place in range(_COLUMNS * _ROWS):
            left = _LEFT + place % _COLUMNS * _WIDE
            top = _TOP + place // _COLUMNS * _HIGH
            _card(sheet, left, top, lines)
        return bytes(sheet.output())


def _card(
    sheet: FPDF,
    left: float,
    top: float,
    lines: tuple[tuple[str, float, tuple[int, int, int], str], ...],
) -> None:
    sheet.set_draw_color(*_SOFT)
    sheet.rect(left, top, _WIDE, _HIGH)
    y = top + 4
    for style, size, colour, text in lines:
        sheet.set_font(_FONT, style, _fitting(sheet, style, size, text))
        sheet.set_text_color(*colour)
        sheet.set_xy(left + 5, y)
        sheet.cell(_WIDE - 10, size * 0.5, text)
        y += size * 0.5 + 2.2


def _fitting(sheet: FPDF, style: str, size: float, text: str) -> float:
    """The size at which a line fits on the card: a long name or address is set smaller."""
    sheet.set_font(_FONT, style, size)
    width = sheet.get_string_width(text)
    return size if width <= _WIDE - 12 else size * (_WIDE - 12) / width
