"""The register of organisations: loaded from the files that ODS publishes, asked by date.

An ODS file is CSV without a header, 27 columns: code, name, national grouping, high level health
geography, five lines of address, postcode, opening date, closing date, status, sub-type, parent
and when it was joined and left, telephone, three blanks, amended, a blank, current care
organisation, a blank, prescribing setting (of practices alone), a blank.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts import audit
from accounts.models import RegisterEntry, RegisterKind, RegisterLoad, User
from accounts.refusals import Refusal

COLUMNS = 27
CODE, NAME, OPENS, CLOSES, PRESCRIBING_SETTING = 0, 1, 10, 11, 25
AN_ODS_CODE = re.compile(r"[A-Z0-9]{3,12}")
A_DAY = re.compile(r"[0-9]{8}")
LONGEST_NAME = 200
# The largest list, that of practices, is about 3 MB.
LARGEST_FILE = 30_000_000
# How many lines, or codes, a refusal names.
NAMED = 5
# What has to be loaded before codes are asked for: who sends, who pays, who registers.
NEEDED = (RegisterKind.TRUST, RegisterKind.CCG, RegisterKind.PRACTICE)
# Any number will do, as long as only loading uses it.
LOADING_LOCK = 7_204_012


class Line(NamedTuple):
    """What is kept of one line."""

    code: str
    name: str
    opens: date | None
    closes: date | None


class Known(NamedTuple):
    """The codes known in a period, and the version of the register that says so: the key of its
    newest load."""

    codes: frozenset[str]
    version: int


# -- asking ---------------------------------------------------------------------------------------


def open_in(period: date) -> QuerySet[RegisterEntry]:
    """The organisations open on some day of the month that begins with `period`."""
    last = (period + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return RegisterEntry.objects.open_between(period, last).order_by("code")


def is_complete() -> bool:
    """Whether every kind is loaded that is needed before codes can be asked for."""
    return RegisterLoad.objects.filter(kind__in=NEEDED).values("kind").distinct().count() == len(
        NEEDED
    )


def known(period: date) -> Known | None:
    """The codes of organisations open on some day of the month that begins with `period`; None
    while a kind that is needed was never loaded."""
    codes = ArraySubquery(open_in(period).values("code"))
    # One statement, so that codes and version agree.
    newest = RegisterLoad.objects.annotate(codes=codes).values_list("codes", "id").first()
    return Known(frozenset(newest[0]), newest[1]) if newest and is_complete() else None


def find(code: str, on: date) -> RegisterEntry | None:
    """The entry of a code as somebody typed it; `is_open` says whether it is open `on` that day,
    `role` whether it can be a provider, a commissioner or neither."""
    entries = RegisterEntry.objects.filter(code=code.strip().upper())
    if found := entries.first():
        found.is_open = entries.open_between(on, on).exists()
    return found


# -- loading --------------------------------------------------------------------------------------


@transaction.atomic
def load(*, kind: RegisterKind, content: bytes, by: User | None) -> RegisterLoad:
    """Load a file of ODS: all of it or nothing. What the file lacks stays.

    Raises Refusal when it is not as ODS publishes it.
    """
    lines = read(kind, content)
    with connection.cursor() as cursor:
        # One after the other, so that the newest load is the version of the register.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOADING_LOCK])
    _refuse_other_kinds(kind, lines)
    loaded = _write(kind, lines, hashlib.sha256(content).hexdigest(), by)
    audit.record(
        "register loaded",
        by=by,
        kind=kind,
        sha256=loaded.sha256,
        new=loaded.new,
        changed=loaded.changed,
        unchanged=loaded.unchanged,
        missing=len(loaded.missing),
    )
    return loaded


def _refuse_other_kinds(kind: RegisterKind, lines: dict[str, Line]) -> None:
    others = RegisterEntry.objects.filter(code__in=list(lines)).exclude(kind=kind)
    codes = list(others.values_list("code", flat=True))
    if codes:
        raise Refusal(
            f"Nothing was loaded. The register has these codes as organisations of another kind: "
            f"{_first(codes)}. Look whether you chose the right list."
        )


def _write(
    kind: RegisterKind, lines: dict[str, Line], sha256: str, by: User | None
) -> RegisterLoad:
    of_kind = RegisterEntry.objects.filter(kind=kind)
    missing = sorted(set(of_kind.values_list("code", flat=True)) - set(lines))
    codes, names, opens, closes = (list(column) for column in zip(*lines.values(), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO accounts_registerentry AS old (code, name, kind, opens, closes)
               SELECT code, name, %s, opens, closes
               FROM unnest(%s::text[], %s::text[], %s::date[], %s::date[])
                    AS sent (code, name, opens, closes)
               ON CONFLICT (code) DO UPDATE
               SET name = excluded.name, opens = excluded.opens, closes = excluded.closes
               WHERE (old.name, old.opens, old.closes)
                     IS DISTINCT FROM (excluded.name, excluded.opens, excluded.closes)
               RETURNING xmax = 0""",
            [kind, codes, names, opens, closes],
        )
        # A row that nobody had is one that no transaction has updated.
        is_new = [new for (new,) in cursor.fetchall()]
    return RegisterLoad.objects.create(
        kind=kind,
        by=by,
        sha256=sha256,
        new=sum(is_new),
        changed=len(is_new) - sum(is_new),
        unchanged=len(lines) - len(is_new),
        missing=missing,
    )


# -- reading --------------------------------------------------------------------------------------


def too_large() -> str:
    return f"The file is larger than {LARGEST_FILE // 1_000_000} MB. Nothing was loaded."


def read(kind: RegisterKind, content: bytes) -> dict[str, Line]:
    """The lines of a file by their code.

    Raises Refusal, which names the first lines that are not as ODS publishes them and quotes
    nothing: whoever took the wrong file may have taken one about patients.
    """
    if len(content) > LARGEST_FILE:
        raise Refusal(too_large())
    lines: dict[str, Line] = {}
    slips, has_settings = [], False
    for number, cells in _rows(_decoded(content)):
        found = _line(cells)
        if isinstance(found, str):
            slips.append(f"line {number} {found}")
        elif found.code in lines:
            slips.append(f"line {number} has the code of a line before it")
        else:
            lines[found.code] = found
            has_settings = has_settings or bool(cells[PRESCRIBING_SETTING].strip())
        if len(slips) > NAMED:
            break
    if slips or not lines:
        raise _not_as_published(_first(slips, "; ") if slips else "it holds no organisation")
    if has_settings != (kind == RegisterKind.PRACTICE):
        has = "practices, which have a" if has_settings else "organisations without a"
        raise _not_as_published(f"it lists {has} prescribing setting, so it is another list")
    return lines


def _not_as_published(why: str) -> Refusal:
    return Refusal(
        f"Nothing was loaded. The file is not as ODS publishes it (CSV without a header, {COLUMNS} "
        f"columns): {why}."
    )


def _first(words: list[str], between: str = ", ") -> str:
    said = between.join(words[:NAMED])
    return f"{said}{between}and more" if len(words) > NAMED else said


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _not_as_published("it is not text")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Number of the line and cells; blank lines count for nothing."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise _not_as_published(f"line {reader.line_num} is no CSV") from error


def _line(cells: list[str]) -> Line | str:
    """The line, or what is wrong with it."""
    if len(cells) != COLUMNS:
        return f"has {len(cells)} column{'' if len(cells) == 1 else 's'}"
    code, name = cells[CODE].strip(), cells[NAME].strip()
    if not AN_ODS_CODE.fullmatch(code):
        return "does not begin with a code of capital letters and digits (is it a header?)"
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return "has no proper name"
    days = _days(cells)
    return days if isinstance(days, str) else Line(code, name, *days)


def _days(cells: list[str]) -> tuple[date | None, date | None] | str:
    """From when and until when it is open, or what is wrong with that."""
    opens, closes = _day(cells[OPENS]), _day(cells[CLOSES])
    if opens is None and cells[OPENS].strip():
        return "has an opening date that is not written as YYYYMMDD (is it a header?)"
    if closes is None and cells[CLOSES].strip():
        return "has a closing date that is none"
    return opens, closes


def _day(text: str) -> date | None:
    """`YYYYMMDD` as a date; None for anything else."""
    text = text.strip()
    if not A_DAY.fullmatch(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
