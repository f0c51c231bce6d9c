"""Figures of drawn months."""

from datetime import date

from django.db import transaction

from accounts.models import User
from extracts import counting, deriving
from extracts.models import FigureCount
from submissions.models import Window
from tests.extracts.pathways import Records, drawn


def test_quarter(everybody: dict[str, User]) -> None:
    records = Records(Window.objects.get(primary_period=date(2013, 7, 1)), everybody["Erin"])
    for p in drawn("""
        RECOVERED  F32  2013-05-01 to 2013-06-20
            2013-05-02  seen 02 07  PHQ9_Score 15  GAD7Score 12
            2013-06-09  seen 02 07  PHQ9_Score 5   GAD7Score 3
        """):
        records.add(p)
    run = records.run()
    with transaction.atomic():
        deriving.derive(run, "R")
        counting.count(run, "R")
    counting.count_quarter(run)
    assert FigureCount.objects.get(stage="Q", by="national").figures["recovered"] == 1
