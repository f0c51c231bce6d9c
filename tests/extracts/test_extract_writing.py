"""Writing: one stream for many recipients, cut where each of them ends."""

from collections.abc import Collection

import numpy as np
import pytest
from django.db import transaction

from extracts import building, numbers, processing, writing
from extracts.models import Run
from extracts.numbers import FellTogether, Wanted
from extracts.writing import OutOfStep
from submissions.pseudonyms import Keyed, Pseudonyms
from tests.extracts.reading import content

Pieces = dict[tuple[str, str], bytes]


def prepared(run: Run) -> list[Wanted]:
    """The provisional month's extracts, ready to be written."""
    several = [wanted for wanted in processing.wanted_of(run) if wanted.stage == "P"]
    with transaction.atomic():
        building.prepare(run, "P", [wanted.recipient for wanted in several])
    return several


def written(several: list[Wanted]) -> Pieces:
    return {
        (piece.recipient, piece.table): b"".join(piece.blocks) for piece in writing.pieces(several)
    }


def test_many_at_once_are_each_by_itself(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    several = prepared(run)
    own = [wanted for wanted in several if wanted.own]
    assert len(own) == 2
    together = written(own)
    assert len(set(together.values())) == len(together) == 10
    monkeypatch.setattr(writing, "ROWS_IN_A_BLOCK", 2)
    assert written(own[:1]) | written(own[1:]) == together


def test_however_few_are_put_together(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    several = prepared(run)
    assert [len(some) for some in building.together(several)] == [2, 2]
    monkeypatch.setattr(building, "MOST_PERSONS", 1)
    assert [len(some) for some in building.together(several)] == [1, 1, 1, 1]
    made = {extract.file_name: content(extract) for extract in run.extracts.filter(stage="P")}
    assert sorted(built.content for built in building.build(several)) == sorted(made.values())


def test_what_was_not_read_is_not_found_in_the_next(run: Run) -> None:
    own = [wanted for wanted in prepared(run) if wanted.own]
    whole = written(own)
    half_read = {
        (piece.recipient, piece.table): b"".join(piece.blocks)
        for piece in writing.pieces(own)
        if piece.recipient == "RZ2" or not next(piece.blocks)
    }
    assert half_read == {key: text for key, text in whole.items() if key[0] == "RZ2"}


def test_a_row_too_many_or_too_few_stops_everything(run: Run) -> None:
    several = prepared(run)
    for change in (
        'INSERT INTO e_person SELECT * FROM e_person ORDER BY "IAPT_RECORD_NUMBER" LIMIT 1',
        "DELETE FROM e_person WHERE ctid IN (SELECT min(ctid) FROM e_person GROUP BY place)",
    ):
        with transaction.atomic():
            numbers.execute(change)
            with pytest.raises(OutOfStep):
                written(several[:1])
            transaction.set_rollback(True)


def test_two_pseudonyms_that_are_the_same_stop_everything() -> None:
    """As they would with a hash of which everything is the same but the end."""

    class Nearly(Keyed):
        def of_pseudonyms(self, part: str, rows: Collection[bytes]) -> Pseudonyms:
            return np.zeros((len(rows), 16), dtype=np.uint8)

    key, one, other = Nearly(bytes(32)), bytes(16), bytes(range(16))
    hashed, own = numbers._hashed(key, "person", [one, one, one])
    assert (len(hashed), own.tolist()) == (1, [0, 0, 0])
    with pytest.raises(FellTogether):
        numbers._hashed(key, "person", [one, other, one])
