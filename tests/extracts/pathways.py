"""Pathways drawn on a time line, put where loading puts them, and what is derived of them.

    S1  F400  2013-04-02 to 2013-06-20
        2013-04-10 09:30   seen 01         PHQ9_Score 15  GAD7Score 12
        2013-05-08         seen 02 07 08   PHQ9_Score 9
        2013-06-12         missed 02
        = IC_FIRST_PHQ9 15  IC_LAST_PHQ9 9

A line that begins with a service's name opens a pathway: its diagnosis as cleansed, and from when
to when the referral lasts (`to now`: it is open). Below stand its appointments, two spaces between
the day, what came of it (with type and therapies; `-` for no type) and each answer; `=` says what
is expected, `-` for blank; `+` in which figures it counts; `:` more of the referral and its person,
by the names of their records' columns. A pathway of the same name is the same one, for months in
which it was sent otherwise. Each month from the first appointment or the referral to the end is sent
with the referral as it stands at last, unless it says `sent 2013-05 2013-06`.
"""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from accounts.models import Organisation, User
from extracts import deriving
from extracts.models import Frozen, Run
from submissions.lifecycle import Status
from submissions.models import Submission, Window
from submissions.models.calendar import Kind, clock
from submissions.models.records import AppointmentRecord, PersonRecord, ReferralRecord
from submissions.periods import month_after
from validation import dataset

Values = dict[str, object]
ATTENDANCE = {"seen": "5", "late": "6", "missed": "3", "cancelled": "2", "turned-away": "7"}
COLUMNS = {
    column.name: column for column in dataset.widest().tables["Appointment"].columns.values()
}


@dataclass
class Pathway:
    """A referral with its appointments of all months, and what is expected of it."""

    name: str
    diagnosis: str
    received: date
    ended: date | None
    sent: set[date] = field(default_factory=set)
    appointments: list[Values] = field(default_factory=list)
    expected: dict[str, str] = field(default_factory=dict)
    figures: set[str] = field(default_factory=set)
    also: dict[str, str] = field(default_factory=dict)

    def months(self, last: date) -> set[date]:
        """The months in which it is sent."""
        if self.sent:
            return self.sent
        days = [self.received, *(made["appointment"] for made in self.appointments)]
        month, found = min(days).replace(day=1), set()
        while month <= last and (self.ended is None or month <= self.ended):
            found.add(month)
            month = month_after(month)
        return found


def drawn(text: str) -> list[Pathway]:
    """The pathways of a drawing."""
    found: list[Pathway] = []
    for line in filter(str.strip, text.splitlines()):
        cells = re.split(r"  +", line.strip())
        if match := re.fullmatch(r"(\S+) to (\S+)", cells[min(2, len(cells) - 1)]):
            ended = None if match[2] == "now" else date.fromisoformat(match[2])
            sent = {date.fromisoformat(f"{one}-01") for one in " ".join(cells[3:]).split()[1:]}
            found.append(Pathway(cells[0], cells[1], date.fromisoformat(match[1]), ended, sent))
        elif cells[0].startswith("="):
            cells[0] = cells[0].removeprefix("=").strip()
            found[-1].expected |= dict(cell.split(" ", 1) for cell in cells)
        elif cells[0].startswith("+"):
            found[-1].figures |= set(" ".join(cells).removeprefix("+").split())
        elif cells[0].startswith(":"):
            cells[0] = cells[0].removeprefix(":").strip()
            found[-1].also |= dict(cell.split(" ", 1) for cell in cells)
        else:
            found[-1].appointments.append(_appointment(cells))
    return found


def _appointment(cells: list[str]) -> Values:
    day, _, time = cells[0].partition(" ")
    came, kind, *therapies = (*cells[1].split(), "-")
    values: Values = {
        "appointment": date.fromisoformat(day),
        "appointmenttime": f"{time}:00" if time else None,
        "attendance": ATTENDANCE[came],
        "apptype": None if kind == "-" else kind,
    }
    values |= {f"thertype{n}": code for n, code in enumerate(therapies, 1) if code != "-"}
    return values | {COLUMNS[name].record: text for name, text in (c.split() for c in cells[2:])}


class Records:
    """Months of records, each month of a provider one accepted submission, and a run over them."""

    def __init__(self, window: Window, by: User):
        self.window, self.by = window, by
        self.submissions: dict[tuple[str, date, str], Submission] = {}
        self._rows: dict[int, int] = {}

    def submission(self, provider: str, period: date, kind: str) -> Submission:
        key = (provider, period, kind)
        if key not in self.submissions:
            self.submissions[key] = Submission.objects.create(
                provider=Organisation.objects.get(code=provider),
                window=self.window,
                period=period,
                kind=kind,
                sent_by=self.by,
                received_at=clock(),
                once=uuid.uuid4(),
                file_name="drawn.zip",
                size=1,
                sha256="",
                status=Status.ACCEPTED,
            )
        return self.submissions[key]

    def _row(self, submission: Submission) -> int:
        self._rows[submission.id] = self._rows.get(submission.id, 0) + 1
        return self._rows[submission.id]

    def add(self, pathway: Pathway, provider: str = "RZ1") -> None:
        """The pathway in each month in which it is sent."""
        last = self.window.primary_period
        for period in sorted(pathway.months(last)):
            kind = Kind.PRIMARY if period == last else Kind.REFRESH
            submission = self.submission(provider, period, kind)
            self._add(submission, provider, period, pathway)

    def _add(self, sub: Submission, provider: str, period: date, pathway: Pathway) -> None:
        row = self._row(sub)
        person = uuid.uuid5(uuid.NAMESPACE_OID, pathway.name)
        service = uuid.uuid5(uuid.NAMESPACE_OID, f"{provider} {pathway.name}")
        of_person = {"ic_ethnicity", "gender", "age_end"} & set(pathway.also)
        PersonRecord.objects.create(
            submission_id=sub.id,
            row=row,
            person=person,
            local=service,
            has_nhs_number=True,
            **{"ic_ethnicity": "A"} | {name: pathway.also[name] for name in of_person},
        )
        ReferralRecord.objects.create(
            submission_id=sub.id,
            row=row,
            person_row=row,
            service=service,
            # Asked by rules of history alone.
            has_treatment=False,
            refrecdate=pathway.received,
            enddate=pathway.ended,
            ic_provdiag=pathway.diagnosis,
            **{"orgcodecomm": "91A"}
            | {name: told for name, told in pathway.also.items() if name not in of_person},
        )
        AppointmentRecord.objects.bulk_create(
            AppointmentRecord(submission_id=sub.id, row=1000 * row + n, referral_row=row, **made)
            for n, made in enumerate(pathway.appointments)
            if made["appointment"].replace(day=1) == period
        )

    def run(self) -> Run:
        """A run over all that was sent."""
        run = Run.objects.create(window=self.window, asked_by=self.by, stamp=clock())
        stages = {self.window.primary_period: "P", self.window.refresh_period: "R"}
        for (_, period, _), submission in self.submissions.items():
            stage = stages.get(period, Frozen.EARLIER)
            Frozen.objects.create(run=run, stage=stage, submission=submission)
        run.refresh_from_db()
        return run


def derived(run: Run, stage: str = "P") -> dict[uuid.UUID, dict[str, object]]:
    """What is derived of each referral of a stage, by its service."""
    deriving.derive(run, stage)
    return {row["service"]: row for row in read("SELECT * FROM d_derived")}


def read(query: str) -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def said(value: object) -> str:
    """A value as a drawing writes it."""
    return "-" if value is None else str(value)


def differences(
    found: dict[uuid.UUID, dict[str, object]], pathways: Iterable[Pathway], provider: str = "RZ1"
) -> list[str]:
    """Where what is derived is not what is drawn."""
    wrong = []
    for pathway in pathways:
        values = found[uuid.uuid5(uuid.NAMESPACE_OID, f"{provider} {pathway.name}")]
        for name, drawn_value in pathway.expected.items():
            if said(values[name.lower()]) != drawn_value:
                wrong.append(
                    f"{pathway.name} {name}: drawn {drawn_value}, derived "
                    f"{said(values[name.lower()])}"
                )
    return wrong
