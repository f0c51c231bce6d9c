"""Any text whatever arrives in the database as it was, through a real COPY."""

from collections.abc import Iterator

import numpy as np
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from submissions import copying
from submissions.copying import Numbers, Sending, Sheet, Spread

# What PostgreSQL's text type can hold: anything but NUL and half a surrogate pair.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
CUNNING = st.text(st.sampled_from("\\\t\n\r\x0b\x0cNtnr.'\",\u2028é"), max_size=8)
CELLS = st.lists(st.none() | TEXTS | CUNNING, min_size=1, max_size=20)
QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def landing(db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE landing (place int, words text) ON COMMIT DROP")
    return


def copied(sheet: Sheet) -> list[tuple[int | None, str | None]]:
    """What is in the database after the sheet was copied there; the progress tells each row."""
    told: list[int] = []
    with Sending(told.append) as sending:
        sending.send(sheet)
    with connection.cursor() as cursor:
        cursor.execute("SELECT place, words FROM landing ORDER BY ctid")
        found = cursor.fetchall()
        cursor.execute("TRUNCATE landing")
    assert sum(told) == len(found)
    return found


@QUICK
@given(cells=CELLS)
def test_every_text_arrives_as_it_was(landing: None, cells: list[str | None]) -> None:
    distinct = list(dict.fromkeys(cells))
    places = np.array([distinct.index(cell) for cell in cells])
    rows = np.arange(len(cells))
    sheet = Sheet("landing", {"place": Numbers(rows), "words": Spread(distinct, places)})
    assert copied(sheet) == list(enumerate(cells))


@QUICK
@given(numbers=st.lists(st.integers(-5, 2**31 - 1), min_size=1, max_size=20))
def test_negative_numbers_are_null(landing: None, numbers: list[int]) -> None:
    sheet = Sheet("landing", {"place": Numbers(np.array(numbers))})
    sent = [None if number < 0 else number for number in numbers]
    assert [place for place, _ in copied(sheet)] == sent


def test_more_rows_than_a_block(landing: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "ROWS_IN_A_BLOCK", 7)
    places = np.arange(50) % 3
    sheet = Sheet("landing", {"words": Spread(["a", None, "c\\"], places)})
    assert [words for _, words in copied(sheet)] == [("a", None, "c\\")[p] for p in places]


def test_fault_of_the_database_is_raised(landing: None) -> None:
    sheet = Sheet("landing", {"place": Spread(["not a number"], np.zeros(1, dtype=int))})
    with pytest.raises(Exception, match="invalid input syntax"), Sending(lambda rows: None) as to:
        to.send(sheet)
