"""The main figures, of drawn pathways and against the extract's own rows."""

from django.db import transaction

from accounts.models import Organisation, User
from extracts import deriving, figures, numbers
from extracts.models import Run
from submissions.models import Window
from tests.extracts.pathways import Records, drawn
from tests.extracts.reading import Table, of


def counted(window: Window, by: User, text: str) -> dict[str, int]:
    """The figures of RZ1's provisional month."""
    records = Records(window, by)
    for pathway in drawn(text):
        records.add(pathway)
    with transaction.atomic():
        deriving.derive(records.run(), "P")
        numbers.prepare([Organisation.objects.get(code="RZ1")])
        return figures.counted()["RZ1"]


def test_drawn_pathways(window: Window, alice: User) -> None:
    month = f"{window.primary_period:%Y-%m}"
    found = counted(
        window,
        alice,
        f"""
        RECOVERED  F32  {month}-01 to {month}-20
            {month}-02  seen 02 07  PHQ9_Score 15  GAD7Score 12
            {month}-09  seen 02 07  PHQ9_Score 5   GAD7Score 3
        WORSE      F32  {month}-01 to {month}-20
            {month}-02  seen 02 07  PHQ9_Score 12  GAD7Score 9
            {month}-09  seen 02 07  PHQ9_Score 20  GAD7Score 9
        ONE_SCORE  F32  {month}-01 to {month}-20
            {month}-02  seen 02 07  PHQ9_Score 15  GAD7Score 12
            {month}-09  seen 02 07
        WELL       F32  {month}-01 to {month}-20
            {month}-02  seen 02 07  PHQ9_Score 5  GAD7Score 3
            {month}-09  seen 02 07  PHQ9_Score 4  GAD7Score 2
        OPEN       F32  {month}-01 to now
            {month}-02  seen 02 07  PHQ9_Score 15
        """,
    )
    assert found == {
        "received": 5,
        "entered": 5,
        "ended": 4,
        "finished": 4,
        "paired": 3,
        "caseness": 3,
        "recovered": 1,
        "improved": 1,
        "recovered_reliably": 1,
        "deteriorated": 1,
    }


def test_rates_and_bars() -> None:
    now = {one.name: 0 for one in figures.figures()} | {
        "received": 30,
        "finished": 8,
        "caseness": 8,
        "recovered": 5,
    }
    lines = {line.figure.name: line for line in figures.beside([now, {}])}
    recovered, nothing = lines["recovered"].said
    assert nothing is None
    assert recovered == figures.Said(number=5, rate=63, bar=10)
    assert lines["deteriorated"].said[0] == figures.Said(number=0, rate=0, bar=0)
    assert lines["received"].said[0] == figures.Said(number=30, rate=None, bar=60)


def in_month(rows: Table, name: str, run: Run) -> set[str]:
    month = f"{run.window.primary_period:%Y-%m}"
    return {row["REFERRAL_ID"] for row in rows if row[name].startswith(month)}


def test_of_every_recipient_as_its_own_extract_says(run: Run) -> None:
    for extract in run.extracts.filter(stage="P"):
        rows = of(run, extract.code)["Referral"]
        rows = [row for row in rows if row["IC_USE_PATHWAY_FLAG"] == "Y"]
        ended = in_month(rows, "ENDDATE", run)
        finished = {
            row["REFERRAL_ID"]
            for row in rows
            if row["REFERRAL_ID"] in ended and row["IC_COMPLETED_TREATMENT_FLAG"] == "Y"
        }
        assert extract.figures["received"] == len(in_month(rows, "REFRECDATE", run))
        assert extract.figures["ended"] == len(ended)
        assert extract.figures["finished"] == len(finished)
