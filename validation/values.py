"""What each kind of column accepts: a trimmed text becomes its one stored form, or is not valid.

Each function takes a text that is not blank and returns the value's canonical text, or None when
it is not valid. Canonical texts are what records store: dates `YYYY-MM-DD`, times `HH:MM:SS`,
whole numbers without leading zeros, decimals with two places, codes in upper case.
Source: the table of values agreed for the portal; the same in CSV and Access.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from validation.dataset import Column

Flags = npt.NDArray[np.bool_]

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
TIME_PART = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
DATE_ISO = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})" + TIME_PART)
DATE_DAY_FIRST = re.compile("([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})" + TIME_PART)
TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
YEAR_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
INTEGER = re.compile(r"([0-9]+)(?:\.0)?")
DECIMAL = re.compile(r"([0-9]+)(?:\.([0-9]{1,2}))?")
# A9, A99, AA9, AA99, A9A or AA9A, and the three behind the space.
POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
POSTCODE_STORED = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}")
LOCAL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9 /\-_.]*")
# As many as follow each other, each in a line of its own; blank ones too.
LOCAL_IDS = re.compile(rf"(?:(?:{LOCAL_ID.pattern})?\n)*+")
ORGANISATION = re.compile(r"[A-Z0-9]{3,}")
DIAGNOSIS = re.compile(r"[A-Z][0-9]{2}(?:[0-9X]{1,2})?")
CHECK_WEIGHTS = np.arange(10, 1, -1)
NO_NUMBER = "0" * 10
FIRST_YEAR, LAST_YEAR = 1900, 2100
ETHNICITY_NOT_KNOWN = "99"


def upper(value: str) -> str:
    """In upper case where that changes no letter into another (as ß into SS, or ſ into S)."""
    if not value.isascii():
        return value
    raised = value.upper()
    # The text itself where nothing changed: a million keys are then not held twice.
    return value if raised == value else raised


def upper_all(texts: list[str]) -> list[str]:
    """The same for many texts at once; the list itself where nothing changed."""
    together = "\0".join(texts)
    if not together.isascii() or together.count("\0") != len(texts) - 1:
        return [upper(text) for text in texts]
    raised = together.upper()
    if raised == together:
        return texts
    pairs = zip(texts, raised.split("\0"), strict=True)
    return [text if text == other else other for text, other in pairs]


def text(value: str, column: Column) -> str | None:
    return None if CONTROL.search(value) or len(value) > (column.length or 255) else value


def local_id(value: str, column: Column) -> str | None:
    """Letters, digits, space and `/ - _ .`, the first one a letter or digit."""
    fits = LOCAL_ID.fullmatch(value) and len(value) <= (column.length or 20)
    return value if fits else None


def local_ids(texts: Sequence[str], column: Column) -> list[str | None]:
    """The same for many texts at once: nearly every one is distinct, and fits."""
    together, longest = "\n".join([*texts, ""]), column.length or 20
    if together.count("\n") != len(texts):
        return [local_id(text, column) if text else None for text in texts]
    odd, at = set(), 0
    while (found := LOCAL_IDS.match(together, at)) and found.end() < len(together):
        at = together.index("\n", found.end()) + 1
        odd.add(together[found.end() : at - 1])
    return [text if text and len(text) <= longest and text not in odd else None for text in texts]


def organisation(value: str, column: Column) -> str | None:
    """Three characters or more that can be an ODS code; whether it exists is another question."""
    code = upper(value)
    fits = ORGANISATION.fullmatch(code) and len(code) <= (column.length or 6)
    return code if fits else None


def code(value: str, column: Column) -> str | None:
    """A code of the column's list, in any case; a two-digit one may lack its leading zero."""
    sent = upper(value)
    for candidate in (sent, f"0{sent}"):
        if candidate in column.permitted:
            return candidate
    return None


def ethnicity(value: str, column: Column) -> str | None:
    """Judged by the left-most character: a letter of the list, or 9 for 99 (not known)."""
    first = upper(value[0])
    if first == ETHNICITY_NOT_KNOWN[0]:
        return ETHNICITY_NOT_KNOWN
    return code(first, column)


def nhs_numbers(texts: Sequence[str]) -> list[str | None]:
    """Ten ASCII digits after removing spaces and hyphens, modulus 11, not all alike.

    All at once, because nearly every one is distinct. The first nine digits are weighed by 10 to
    2; the check digit is 11 less the remainder of their sum by 11, where 11 counts as 0 and 10
    is no digit (NHS Data Dictionary).
    """
    bare = [text if text.isalnum() else text.replace(" ", "").replace("-", "") for text in texts]
    shaped = [text if len(text) == 10 and text.isascii() else NO_NUMBER for text in bare]
    characters = np.frombuffer("".join(shaped).encode(), dtype=np.uint8).reshape(-1, 10)
    matrix = characters.astype(np.int64) - ord("0")
    digits = ((matrix >= 0) & (matrix <= 9)).all(axis=1)
    check = (11 - (matrix[:, :9] @ CHECK_WEIGHTS) % 11) % 11
    all_alike = (matrix == matrix[:, :1]).all(axis=1)
    valid = digits & (check == matrix[:, 9]) & ~all_alike
    return [text if is_valid else None for text, is_valid in zip(bare, valid.tolist(), strict=True)]


def nhs_number(value: str, column: Column) -> str | None:
    return nhs_numbers([value])[0]


def date_(value: str, column: Column) -> str | None:
    """`YYYY-MM-DD` or day first `D/M/YYYY`, 1900 to 2100; a time part is ignored."""
    if match := DATE_ISO.fullmatch(value):
        year, month, day = (int(part) for part in match.groups())
    elif match := DATE_DAY_FIRST.fullmatch(value):
        day, month, year = (int(part) for part in match.groups())
    else:
        return None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def real_dates(texts: Sequence[str]) -> Flags:
    """Which texts are real dates of these years written `YYYY-MM-DD`, all at once: birth dates
    are distinct by the thousand."""
    shaped = [text if len(text) == 10 and text.isascii() else "0" * 10 for text in texts]
    characters = np.frombuffer("".join(shaped).encode(), dtype=np.uint8).reshape(-1, 10)
    digits = characters[:, [0, 1, 2, 3, 5, 6, 8, 9]].astype(np.int64) - ord("0")
    year, month, day = (
        digits[:, :4] @ (1000, 100, 10, 1),
        *(digits[:, 4:].reshape(-1, 2, 2) @ (10, 1)).T,
    )
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    last_day = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(int)
    return (
        ((digits >= 0) & (digits <= 9)).all(axis=1)
        & (characters[:, [4, 7]] == ord("-")).all(axis=1)
        & (year >= FIRST_YEAR)
        & (year <= LAST_YEAR)
        & (month >= 1)
        & (month <= 12)
        & (day >= 1)
        & (day <= last_day)
    )


def time_(value: str, column: Column) -> str | None:
    match = TIME.fullmatch(value)
    if not match:
        return None
    hour, minute, second = (int(part or 0) for part in match.groups())
    if hour > 23 or minute > 59 or second > 59:
        return None
    return f"{hour:02}:{minute:02}:{second:02}"


def year_month(value: str, column: Column) -> str | None:
    fits = YEAR_MONTH.fullmatch(value) and FIRST_YEAR <= int(value[:4]) <= LAST_YEAR
    return value if fits else None


def integer(value: str, column: Column) -> str | None:
    """ASCII digits, leading zeros, also `10.0` (a spreadsheet's hand); within the range."""
    match = INTEGER.fullmatch(value)
    if not match or len(match[1].lstrip("0")) > 12:
        return None
    number = int(match[1].lstrip("0") or "0")
    return str(number) if _in_range(number, column) else None


def decimal(value: str, column: Column) -> str | None:
    """Digits with `.` and up to two decimals, within the range."""
    match = DECIMAL.fullmatch(value)
    if not match or len(match[1].lstrip("0")) > 12:
        return None
    hundredths = int(match[1].lstrip("0") or "0") * 100 + int((match[2] or "").ljust(2, "0"))
    if not _in_range(hundredths / 100, column):
        return None
    return f"{hundredths // 100}.{hundredths % 100:02}"


def _in_range(number: float, column: Column) -> bool:
    low = column.minimum is None or number >= column.minimum
    return low and (column.maximum is None or number <= column.maximum)


def postcode(value: str, column: Column) -> str | None:
    """Upper case, the space before the last three put right; ZZ99 pseudo codes fit the format."""
    if POSTCODE_STORED.fullmatch(value):
        return value
    match = POSTCODE.fullmatch(upper(value).replace(" ", ""))
    return f"{match[1]} {match[2]}" if match else None


def diagnosis_cleansed(value: str) -> str:
    """An ICD-10 code without dots and spaces, upper case, letter O after the first place as 0."""
    bare = upper(value.replace(".", "").replace(" ", ""))
    return bare[:1] + bare[1:].replace("O", "0")


def diagnosis(value: str, column: Column) -> str | None:
    """Valid when its cleansed form is a letter, two digits and up to two digits or X; as sent, or
    cleansed where that is too long to be kept."""
    cleansed = diagnosis_cleansed(value)
    if not DIAGNOSIS.fullmatch(cleansed):
        return None
    return value if len(value) <= (column.length or 6) else cleansed


KINDS: dict[str, Callable[[str, Column], str | None]] = {
    "text": text,
    "local_id": local_id,
    "organisation": organisation,
    "code": code,
    "ethnicity": ethnicity,
    "nhs_number": nhs_number,
    "date": date_,
    "time": time_,
    "year_month": year_month,
    "integer": integer,
    "decimal": decimal,
    "postcode": postcode,
    "diagnosis": diagnosis,
}


def canonical_all(texts: Sequence[str], column: Column) -> list[str | None]:
    """For each text its stored form; None where it is blank or not valid."""
    judge = KINDS[column.kind]
    if column.kind == "nhs_number":
        return nhs_numbers(texts)
    if column.kind == "local_id":
        return local_ids(texts, column)
    if column.kind == "date":
        answered = zip(texts, real_dates(texts).tolist(), strict=True)
        return [text if real else judge(text, column) if text else None for text, real in answered]
    return [judge(text, column) if text else None for text in texts]


def canonical(value: str, column: Column) -> str | None:
    """The stored form of a text that is not blank, or None when it is not valid."""
    return KINDS[column.kind](value, column)
