"""What statistics are told by, as pages and files call it, and what each part of it is called."""

import re
from collections.abc import Collection

from django.urls import reverse

from accounts.models import Organisation, RegisterEntry
from extracts.disclosure import TOGETHER
from validation import dataset

# By the name that figures are kept under; the nation as a whole is none.
TITLES = {
    "provider": "Provider",
    "commissioner": "Commissioner",
    "age": "Age",
    "gender": "Gender",
    "ethnicity": "Ethnic group",
}
NOT_KNOWN = "Not known"
# Of organisations.
ROLES = {
    "provider": Organisation.Role.PROVIDER,
    "commissioner": Organisation.Role.COMMISSIONER,
}
# The columns of the data set whose codes are told.
CODES = {"gender": ("Person", "Gender"), "ethnicity": ("Person", "Ethnicity")}


def labels(breakdown: str, parts: Collection[str]) -> dict[str, str]:
    """What some parts of a breakdown are called: organisations by the names that the register and
    the portal know today, codes by their meaning, everything else by itself."""
    if breakdown in ROLES:
        known = _organisations(breakdown, parts)
    elif breakdown in CODES:
        table, column = CODES[breakdown]
        known = {one.code: one.label for one in _column(table, column)}
    else:
        known = {}
    return {one: known.get(one, one) or NOT_KNOWN for one in parts}


def _column(table: str, column: str) -> Collection[dataset.Code]:
    return dataset.widest().tables[table].columns[column].codes


def _organisations(breakdown: str, codes: Collection[str]) -> dict[str, str]:
    register = RegisterEntry.objects.filter(code__in=codes).values_list("code", "name")
    taking_part = Organisation.objects.filter(code__in=codes, role=ROLES[breakdown])
    return dict(register) | dict(taking_part.values_list("code", "name"))


def in_order(parts: Collection[str]) -> list[str]:
    """Parts of a breakdown as they are listed: numbers by their size, what is not known last, and
    after all those that stand as one row."""
    return sorted(parts, key=lambda one: (one == TOGETHER, not one, _first_number(one), one))


def _first_number(words: str) -> tuple[int, bool]:
    """Ages as `Under 16`, `16-17`, `65+`; codes that begin with a letter all alike."""
    found = re.match(r"(under )?(\d+)(?=\D|$)", words, re.IGNORECASE)
    return (int(found[2]), not found[1]) if found else (0, False)


def page_of(breakdown: str, part: str) -> str:
    """The address of the page of an organisation; blank where there is none. A code is as it was
    sent, which may be no part of an address."""
    if breakdown not in ROLES or part == TOGETHER or not re.fullmatch(r"[-\w]+", part, re.ASCII):
        return ""
    return reverse(f"statistics_{breakdown}", args=[part])
