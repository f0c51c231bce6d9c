"""What a cell may hold, read plainly: the values of `reference.py`, from the words of the data set."""

import re
from collections.abc import Callable
from datetime import date

from validation.dataset import Column

DATE = re.compile(
    r"(?:(\d{4})-(\d\d)-(\d\d)|(\d\d?)/(\d\d?)/(\d{4}))"
    r"(?:[ T]\d\d?:\d\d(?::\d\d(?:\.\d+)?)?)?",
    re.ASCII,
)


class Permitted:
    """What a column may hold, as the data set has it."""

    def __init__(self, column: Column):
        self.codes = frozenset(code.code for code in column.codes)
        self.least, self.most = column.minimum or 0, column.maximum or 0
        self.length = column.length or 6


def key(text: str) -> str:
    return text.upper() if text.isascii() else text


def as_date(text: str) -> date | None:
    match = DATE.fullmatch(text)
    if not match:
        return None
    parts = [int(part or 0) for part in match.groups()]
    year, month, day = parts[:3] if match[1] else (parts[5], parts[4], parts[3])
    try:
        return date(year, month, day) if 1900 <= year <= 2100 else None
    except ValueError:
        return None


def as_time(text: str, _: Permitted) -> str | None:
    match = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?", text)
    return f"{int(match[1]):02}:{match[2]}:{match[3] or '00'}" if match else None


def as_month(text: str, _: Permitted) -> str | None:
    fits = re.fullmatch(r"(19\d\d|20\d\d|2100)-(0[1-9]|1[0-2])", text, re.ASCII)
    return text if fits else None


def as_code(text: str, column: Permitted) -> str | None:
    return next((code for code in (key(text), f"0{key(text)}") if code in column.codes), None)


def as_ethnicity(text: str, column: Permitted) -> str | None:
    return "99" if text[0] == "9" else as_code(text[0], column)


def as_nhs_number(text: str, _: Permitted) -> str | None:
    digits = text.replace(" ", "").replace("-", "")
    if not re.fullmatch("[0-9]{10}", digits) or len(set(digits)) == 1:
        return None
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1)))  # noqa: B905
    check = 11 - total % 11
    return digits if int(digits[9]) == (0 if check == 11 else check) else None


def as_whole(text: str, column: Permitted) -> str | None:
    match = re.fullmatch(r"([0-9]+)(\.0)?", text)
    fits = match and column.least <= int(match[1]) <= column.most
    return str(int(match[1])) if fits else None


def as_decimal(text: str, column: Permitted) -> str | None:
    fits = re.fullmatch(r"[0-9]+(\.[0-9]{1,2})?", text)
    return text if fits and column.least <= float(text) <= column.most else None


def as_postcode(text: str, _: Permitted) -> str | None:
    bare = key(text).replace(" ", "")
    return bare if re.fullmatch("[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}", bare) else None


def as_diagnosis(text: str, _: Permitted) -> str | None:
    bare = key(text.replace(".", "").replace(" ", ""))
    bare = bare[:1] + bare[1:].replace("O", "0")
    return bare if re.fullmatch("[A-Z][0-9]{2}([0-9X]{1,2})?", bare) and len(text) <= 6 else None


def as_identifier(text: str, _: Permitted) -> str | None:
    return text if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 /\-_.]{0,19}", text) else None


def as_organisation(text: str, column: Permitted) -> str | None:
    fits = re.fullmatch("[A-Z0-9]{3,}", key(text)) and len(text) <= column.length
    return key(text) if fits else None


def as_day(text: str, _: Permitted) -> str | None:
    return str(as_date(text)) if as_date(text) else None


KINDS: dict[str, Callable[[str, Permitted], str | None]] = {
    **{"local_id": as_identifier, "organisation": as_organisation, "code": as_code},
    **{"ethnicity": as_ethnicity, "nhs_number": as_nhs_number, "date": as_day, "time": as_time},
    **{"year_month": as_month, "integer": as_whole, "decimal": as_decimal},
    **{"postcode": as_postcode, "diagnosis": as_diagnosis},
}
