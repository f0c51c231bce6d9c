"""What each figure needs before it can be measured; Django is set up."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.extracts import RECIPIENTS, Deriving, Extracts
from bench.files import every_cell_garbage, every_row_bad, sample
from bench.loading import Beside, Loading
from bench.measures import Bench
from bench.memory import Memory
from bench.toy import Toy
from bench.validating import BesideLoop, Validating
from iapt_portal import demonstration
from submissions.models import Window
from validation.sample import Asked

APPOINTMENTS = {"6k": 6_000, "60k": 60_000, "1M": 1_000_000}


@dataclass(frozen=True)
class Month:
    """A month of the size of the figure, and others of the same period. `folder` keeps the files
    for the next figure."""

    folder: Path
    period: str
    appointments: dict[str, int]
    size: str

    def asked(self, errors: int = 1, size: str = "", form: str = "zip") -> Asked:
        appointments = self.appointments[size or self.size]
        return Asked(appointments, errors=errors, form=form, period=self.period)

    def loading(self, errors: int = 1, size: str = "", form: str = "zip") -> Loading:
        return Loading(sample(self.folder, self.asked(errors, size, form)))

    def bad(self) -> Loading:
        return Loading(every_row_bad(self.folder, self.asked(errors=0)))

    def extracts(self, recipients: int) -> Extracts:
        return Extracts(self.appointments[self.size], self.folder, recipients)


PREPARED: dict[str, Callable[[Month], Bench]] = {
    "P1": lambda month: Validating(month.loading()),
    "P2": lambda month: month.loading(),
    "P3": lambda month: Toy(month.loading()),
    "P4": lambda month: BesideLoop(sample(month.folder, month.asked())),
    "P5": lambda month: Beside(month.loading(), month.loading(size="60k")),
    "P6": lambda month: Beside(month.loading(), month.loading(size="60k")),
    "P7": lambda month: Memory(month.loading()),
    "P8": lambda month: Beside(month.bad(), month.loading(errors=0)),
    "P9": lambda month: BesideLoop(every_cell_garbage(month.folder, month.asked(errors=0))),
    "P10": lambda month: month.extracts(1),
    "P11": lambda month: month.extracts(RECIPIENTS),
    "P12": lambda month: Deriving(month.appointments[month.size], month.folder),
    "P13": lambda month: Beside(month.loading(form="mdb"), month.loading()),
}


def prepared(figure: str, size: str, folder: Path, appointments: dict[str, int]) -> Bench:
    """In an empty database."""
    demonstration.seed()
    period = f"{Window.objects.open().get().primary_period:%Y-%m}"
    return PREPARED[figure](Month(folder, period, appointments, size))
