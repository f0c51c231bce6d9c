"""Every figure and every breakdown of generated months and their quarter, compared with what is
counted by hand; and what the table of figures says of parts, asked of every pathway."""

import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from accounts.models import User
from extracts.figures import figures, partitions
from extracts.linking import QUARTER
from extracts.models import FigureCount, Run
from extracts.specification.breakdowns import breakdowns
from submissions.models import Window
from submissions.models.calendar import Kind
from submissions.models.records import AppointmentRecord, PersonRecord, ReferralRecord
from submissions.periods import last_day
from tests.extracts import by_hand, counted_by_hand
from tests.extracts.pathways import Pathway, Records
from tests.extracts.test_by_hand import DIAGNOSES, appointment
from tests.extracts.test_counting import counted

Figures = set[str]
MONTHS = [date(2013, month, 1) for month in (2, 3, 4, 5, 6, 7)]
# The months of each stage.
FIRST = {Kind.PRIMARY: date(2013, 7, 1), Kind.REFRESH: date(2013, 6, 1), QUARTER: date(2013, 4, 1)}
LAST = {Kind.PRIMARY: date(2013, 7, 1), Kind.REFRESH: date(2013, 6, 1), QUARTER: date(2013, 6, 1)}
SOURCES = [*("A1", "A1", "A2", "A3", "B1", "B1", "B2", "C1", "E5", "G1", "G4", "H2", "J1", "K5")]
SOURCES += ["M6", "N1", "N2"]


def person(dice: Random) -> dict[str, str]:
    """What is said of a referral and its person; each for a commissioner of its own."""
    said = {
        "ic_ethnicity": dice.choice([*"ABCDEFGHJKLMNPRSZ", "99", "-1", "-3"]),
        "sourcereferral": dice.choice(SOURCES),
        "gender": dice.choice("129"),
        "age_end": str(dice.choice([12, 15, 16, 17, 18, 30, 35, 36, 50, 64, 65, 90])),
    }
    for name in ("sourcereferral", "gender", "age_end"):
        if dice.random() < 0.1:
            del said[name]
    return said


def generated(dice: Random, records: Records) -> None:
    """Pathways of three providers; months left out, open and ended, changed between months."""
    for provider in ("RZ1", "RZ2", "RZ3"):
        for number in range(140):
            received = date(2013, 1, 20) + timedelta(days=dice.randrange(190))
            stay = timedelta(days=dice.randrange(170))
            ended = received + stay if dice.random() < 0.6 else None
            latest = last_day(MONTHS[-1])
            pathway = Pathway(f"S{number}", dice.choice(DIAGNOSES), received, ended)
            pathway.also = person(dice) | {"orgcodecomm": f"{provider[-1]}{number:03}"}
            first = received.replace(day=1)
            meant = [m for m in MONTHS if m >= first and (ended is None or m <= ended)]
            pathway.sent = {month for month in meant if dice.random() < 0.85} or {MONTHS[0]}
            pathway.appointments = [
                appointment(dice, received - timedelta(days=3), min(ended or latest, latest))
                for _ in range(dice.choice((0, 1, 2, 5, 9)))
            ]
            if number % 10 == 0:
                early = received.replace(day=1, month=2)
                pathway.received, pathway.ended, pathway.sent = early, None, set(MONTHS)
                pathway.appointments = [
                    appointment(dice, early, early + timedelta(days=9)),
                    appointment(dice, latest - timedelta(days=60), latest),
                ]
            records.add(pathway, provider)


@pytest.fixture
def run(everybody: dict[str, User]) -> Run:
    records = Records(Window.objects.get(primary_period=MONTHS[-1]), everybody["Erin"])
    generated(Random(2013), records)
    return records.run()


@dataclass
class Instance:
    """A referral of one month, with its person."""

    period: date
    provider: str
    referral: dict[str, Any]
    person: dict[str, Any]
    appointments: list[dict[str, Any]]


def pathways(run: Run) -> dict[uuid.UUID, list[Instance]]:
    """The instances of each pathway, by month, from the records alone."""
    sent = {
        f.submission_id: (f.submission.period, f.submission.provider.code)
        for f in run.frozen.select_related("submission__provider")
    }
    persons = {(p.submission_id, p.row): vars(p) for p in PersonRecord.objects.all()}
    appointments = defaultdict(list)
    for made in AppointmentRecord.objects.all():
        appointments[made.submission_id, made.referral_row].append(vars(made))
    found = defaultdict(list)
    for one in ReferralRecord.objects.all():
        period, provider = sent[one.submission_id]
        of_person = persons[one.submission_id, one.person_row]
        made = appointments[one.submission_id, one.row]
        found[one.service].append(Instance(period, provider, vars(one), of_person, made))
    return {key: sorted(some, key=lambda one: one.period) for key, some in found.items()}


def expected(run: Run, stage: str) -> list[tuple[Instance, Figures]]:
    """By hand: of each pathway of the period the newest instance, and where it counts."""
    first, last = FIRST[stage], LAST[stage]
    found = []
    for some in pathways(run).values():
        known = [one for one in some if one.period <= last]
        within = [one for one in known if one.period >= first]
        if not within:
            continue
        newest = within[-1]
        month_end = last_day(newest.period)
        ended = newest.referral["enddate"]
        derived = by_hand.derive(
            newest.referral,
            [made for one in known for made in one.appointments],
            newest.period,
            [],
            newest.period,
        )
        asked = counted_by_hand.Asked(
            first, last_day(last), known[0].period < first, newest.period == last
        )
        ended = None if ended is not None and ended > month_end else ended
        found.append((newest, counted_by_hand.figures(newest.referral, ended, derived, asked)))
    return found


def test_every_figure_by_every_breakdown(run: Run) -> None:
    in_some: Figures = set()
    for stage in FIRST:
        wanted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        providers = defaultdict(set)
        for one, counts in expected(run, stage):
            places = {
                "national": "",
                "provider": one.provider,
                "commissioner": one.referral["orgcodecomm"],
                **counted_by_hand.categories(one.person),
            }
            for place in places.items():
                wanted[place].update(counts)
                for name in counts:
                    providers[*place, name].add(one.provider)
        assert counted(run, stage) == _by(wanted)
        for kept in FigureCount.objects.filter(stage=stage):
            for name, number in kept.contributors.items():
                assert number == len(providers[kept.by, kept.of, name]), (stage, str(kept), name)
        in_some |= set(wanted["national", ""])
    # A comparison of nothing would compare nothing.
    assert in_some == {figure.name for figure in figures()}


def _by(wanted: dict[tuple[str, str], Counter[str]]) -> dict[str, dict[str, dict[str, int]]]:
    found: dict[str, dict[str, dict[str, int]]] = {}
    for (by, of), counts in wanted.items():
        found.setdefault(by, {})[of] = dict(counts)
    return found


def test_parts_are_parts_and_partitions_make_their_whole(run: Run) -> None:
    """Of every pathway by itself, each being the only one of its commissioner."""
    for stage in FIRST:
        of_pathways = [set(told) for told in counted(run, stage)["commissioner"].values()]
        assert len(of_pathways) > 90
        for counts in of_pathways:
            for figure in figures():
                if figure.name in counts:
                    assert {figure.whole, *figure.also_in} - {""} <= counts, figure.name
            for (whole, partition), parts in partitions().items():
                assert len(counts & set(parts)) == (whole in counts), (whole, partition)


def test_counts_add_up(run: Run) -> None:
    """Partitions to their wholes, in every place; and every breakdown to the nation."""
    for stage in FIRST:
        counted(run, stage)
        of_stage = list(FigureCount.objects.filter(stage=stage))
        for one in of_stage:
            for (whole, partition), parts in partitions().items():
                summed = sum(one.figures[name] for name in parts)
                assert summed == one.figures[whole], (str(one), partition)
        (national,) = (one.figures for one in of_stage if one.by == "national")
        for by in breakdowns():
            places = [one.figures for one in of_stage if one.by == by]
            for name, number in national.items():
                assert sum(place[name] for place in places) == number, (by, name)
