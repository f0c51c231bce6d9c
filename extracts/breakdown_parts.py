"""The parts of a breakdown (`specification.breakdowns`) as pages and files list and name them."""

import re
from collections.abc import Collection, Sequence

from django.urls import reverse

from accounts.models import Organisation, RegisterEntry
from extracts.disclosure import TOGETHER
from extracts.specification.breakdowns import NATIONAL, UNKNOWN, breakdowns

# The breakdowns by organisation.
ROLES = {str(role): role for role in Organisation.Role}
AN_ADDRESS = re.compile(r"[-\w]+", re.ASCII)


def titles() -> dict[str, str]:
    """What each breakdown is called, but for the nation as a whole."""
    return {name: one.title for name, one in breakdowns().items() if name != NATIONAL}


def in_order(breakdown: str, parts: Collection[str]) -> list[str]:
    """Categories as they are declared, organisations by their codes; what is not known comes last,
    and after all those that stand as one row."""
    declared = list(breakdowns()[breakdown].categories)

    def place(one: str) -> tuple[bool, bool, int, str]:
        known = declared.index(one) if one in declared else len(declared)
        return one == TOGETHER, not one, known, one

    return sorted(parts, key=place)


def name_of(part: str, joined: Sequence[str]) -> str:
    """What a part is called; those that stand as one row by all their codes."""
    return " and ".join(joined) if part == TOGETHER else part or UNKNOWN


def organisations(breakdown: str, parts: Collection[str]) -> dict[str, str]:
    """The names of those parts that are organisations, as the register and the portal know them
    today; none of a breakdown that is not by organisation."""
    if breakdown not in ROLES:
        return {}
    register = RegisterEntry.objects.filter(code__in=parts).values_list("code", "name")
    taking_part = Organisation.objects.filter(code__in=parts, role=ROLES[breakdown])
    return dict(register) | dict(taking_part.values_list("code", "name"))


def page_of(breakdown: str, part: str) -> str:
    """The address of the page of an organisation; blank where there is none. A code is as it was
    sent, which may be no part of an address."""
    if breakdown not in ROLES or part == TOGETHER or not AN_ADDRESS.fullmatch(part):
        return ""
    return reverse(f"statistics_{breakdown}", args=[part])
