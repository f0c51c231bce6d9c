"""Lists of organisations as ODS publishes them."""

from collections.abc import Iterable


def line(
    code: str, opens: str = "19910401", closes: str = "", *, name: str = "", setting: str = ""
) -> str:
    """One line: 27 columns in quotes."""
    cells = [""] * 27
    cells[0], cells[1] = code, name or f"THE {code} ORGANISATION, LEEDS"
    cells[2:5] = ["Y54", "Q72", "1 HIGH STREET"]
    cells[10], cells[11], cells[25] = opens, closes, setting
    return ",".join(f'"{cell}"' for cell in cells)


def file(lines: Iterable[str], encoding: str = "utf-8") -> bytes:
    return "".join(f"{one}\r\n" for one in lines).encode(encoding)


def practice(code: str, opens: str = "19740401", closes: str = "") -> str:
    return line(code, opens, closes, setting="4")
