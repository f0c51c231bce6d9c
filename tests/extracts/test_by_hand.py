"""Every derived column of generated months, compared with the formulas worked out by hand."""

import uuid
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from accounts.models import User
from extracts.models import Run
from extracts.specification.derivations import derivations
from submissions.models import Window
from submissions.models.records import AppointmentRecord, PersonRecord, ReferralRecord
from submissions.periods import last_day
from tests.extracts import by_hand
from tests.extracts.pathways import Pathway, Records, derived, read

PROVIDERS = ("RZ1", "RZ2", "RZ3")
SCORES = {"phq9_score": 27, "gad7score": 21, "wsasscore": 40, "genanxscore": 80, "ocdscore": 168}
SCORES |= {"healthanxscore": 54, "panicscore": 28, "ptsd_score": 88, "socphobiainvscore": 68}
SCORES |= {"agorascore": 8, "socphobiascore": 8, "specphobiascore": 8}
DIAGNOSES = ("F400", "F401", "F42", "F429", "F431", "F452", "F410", "F411", "F320", "F200", "F438")
MONTHS = [date(2013, month, 1) for month in (2, 3, 4, 5, 6)]


def appointment(dice: Random, first: date, last: date) -> dict[str, Any]:
    """Of all sorts, and often alike in day and time."""
    day = first + timedelta(days=dice.randrange((last - first).days + 1))
    made: dict[str, Any] = {
        "appointment": day,
        "appointmenttime": dice.choice([None, "09:00:00", "09:00:00", "15:30:00"]),
        "attendance": dice.choice("5555566234") if dice.random() < 0.97 else None,
        "apptype": dice.choice([None, "01", "02", "02", "02", "03", "04", "05", "06", "07"]),
        "empstatus": dice.choice([None, "01", "02", "08", "ZZ"]),
        "psychmed": dice.choice([None, "01", "02", "03", "UU", "ZZ"]),
        "sspind": dice.choice([None, "Y", "N", "U", "Z"]),
    }
    for place in (1, 2, 3, 4):
        made[f"thertype{place}"] = (
            f"{dice.randrange(1, 15):02}" if dice.random() < 0.7 / place else None
        )
    for name, most in SCORES.items():
        made[name] = int(most * dice.random() ** 2 + 0.5) if dice.random() < 0.7 else None
    for name in ("agorascoreacc", "agorascorealone"):
        made[name] = Decimal(dice.randrange(501)) / 100 if dice.random() < 0.7 else None
    return made


def generated(dice: Random, records: Records) -> None:
    """Pathways of three providers, of which some have persons and names in common; with months
    left out, referrals open and ended, ended after the last month, and appointments outside."""
    for provider in PROVIDERS:
        for number in range(80):
            received = date(2013, 1, 20) + timedelta(days=dice.randrange(150))
            stay = timedelta(days=dice.randrange(170))
            ended = received + stay if dice.random() < 0.7 else None
            latest = last_day(MONTHS[-1])
            pathway = Pathway(f"S{number}", dice.choice(DIAGNOSES), received, ended)
            pathway.sent = {month for month in MONTHS if dice.random() < 0.8}
            pathway.appointments = [
                appointment(dice, received - timedelta(days=3), min(ended or latest, latest))
                for _ in range(dice.randrange(14))
            ]
            records.add(pathway, provider)


@pytest.fixture
def run(everybody: dict[str, User]) -> Run:
    records = Records(Window.objects.get(primary_period=date(2013, 6, 1)), everybody["Erin"])
    generated(Random(2013), records)
    return records.run()


def expected(run: Run, stage: str) -> dict[uuid.UUID, dict[str, Any]]:
    """By hand, from the records alone."""
    period = run.window.period(stage)
    months = {f.submission_id: f.submission.period for f in run.frozen.select_related("submission")}
    persons = {(p.submission_id, p.row): p.person for p in PersonRecord.objects.all()}
    pathway_of, seen, now = {}, defaultdict(list), []
    for referral in ReferralRecord.objects.all():
        key = (referral.service, persons[referral.submission_id, referral.person_row])
        pathway_of[referral.submission_id, referral.row] = key
        seen[key].append(months[referral.submission_id])
        if months[referral.submission_id] == period:
            now.append((key, vars(referral)))
    appointments = defaultdict(list)
    for made in AppointmentRecord.objects.all():
        if months[made.submission_id] <= period:
            appointments[pathway_of[made.submission_id, made.referral_row]].append(vars(made))
    return {
        key[0]: by_hand.derive(
            referral,
            appointments[key],
            period,
            [month for month in seen[key] if month > period],
            max(months.values()),
        )
        for key, referral in now
    }


@pytest.mark.parametrize("stage", ["P", "R"])
def test_every_column_of_every_referral(run: Run, stage: str) -> None:
    found, wanted = derived(run, stage), expected(run, stage)
    assert set(found) == set(wanted)
    assert len(found) > 80
    columns = [one.name for one in derivations() if one.is_column]
    wrong = [
        (name, key, found[key][name.lower()], wanted[key][name])
        for name in columns
        for key in wanted
        if found[key][name.lower()] != wanted[key][name]
    ]
    assert wrong == []
    assert {name for values in wanted.values() for name in values} == set(columns)


def test_generated_months_have_something_of_everything(run: Run) -> None:
    """A comparison of blanks would compare nothing."""
    values = derived(run, "R").values()
    for one in derivations():
        if one.is_column and "OTHER_HI" not in one.name:
            assert {row[one.stored] for row in values} - {None, 0}, one.name


def test_ranks_of_treatment_appointments(run: Run) -> None:
    """Of each pathway they go on from those of the months before, without a gap."""
    derived(run)
    rows: list[Any] = read("""
        SELECT key, treatments_before, ic_count_treatment_appointments AS treatments,
               array_agg(treatment_rank ORDER BY place)
                   FILTER (WHERE treatment_rank IS NOT NULL) AS ranks
        FROM d_derived JOIN d_appointment USING (key)
        GROUP BY key, treatments_before, ic_count_treatment_appointments""")
    assert len(rows) > 50
    for row in rows:
        expected_ranks = list(range(row["treatments_before"] + 1, row["treatments"] + 1))
        assert (row["ranks"] or []) == expected_ranks
