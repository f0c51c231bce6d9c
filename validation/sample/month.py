"""Who is in the service in one month: persons, disabilities, referrals, appointments as numbers.

A service has places. A place is taken by one person after another; each stays for whole months,
is referred in the first of them and leaves in the last. Where the period falls among the stays of
a place decides who is there, so every month has the same number of persons.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from validation.sample import mix
from validation.sample.dice import Dice, Ints

Days = npt.NDArray[np.datetime64]
Mask = npt.NDArray[np.bool_]

APPOINTMENTS_PER_PERSON = 3
MOST_APPOINTMENTS = 1_500_000
ATTENDED = ("5", "6")
# From this many months a referral has come to treatment, before it was assessed only.
TREATED_FROM = 3
SECOND_REFERRALS = 20  # one person in so many
LONGEST_WAIT = 40
# One in so many who stay for so many months has to wait longer, for up to so many days.
LONG_WAITS, LONG_WAIT_STAY, LONGEST_LONG_WAIT = 3, 5, 150
# One treated referral in so many answers no questionnaire after the first appointment.
WITHOUT_SCORES = 10


@dataclass(frozen=True)
class Asked:
    """What a sample shall be.

    `period` is `YYYY-MM`; `errors` the share of rows with a planted fault, in percent;
    `commissioners` share the referrals; `form` is `zip` or `mdb`.
    """

    appointments: int = 1000
    errors: float = 0
    form: str = "zip"
    provider: str = "RZ1"
    commissioners: tuple[str, ...] = ("91A",)
    period: str = "2013-04"
    version: str = "1.0"
    seed: int = 1

    @property
    def start(self) -> np.datetime64:
        return np.datetime64(self.period, "D")

    @property
    def end(self) -> np.datetime64:
        return (np.datetime64(self.period, "M") + 1).astype("datetime64[D]") - 1


class Month:
    """The numbers behind the tables of one sample; one entry for each row of the table.

    `unreferred` persons more than needed come last and have no referral (a fault to plant).
    """

    def __init__(self, asked: Asked, unreferred: int = 0):
        self.asked = asked
        self.dice = Dice(asked.seed, asked.provider)
        self.referred = max(1, round(asked.appointments / APPOINTMENTS_PER_PERSON))
        self.persons = self.referred + unreferred
        self._people()
        self._disabilities()
        self._referrals()
        self._appointments()

    def _people(self) -> None:
        """Who has each place: its place, the how-manieth there, the months of the stay."""
        self.place = np.arange(self.persons)
        months = (np.datetime64(self.asked.period, "M") - np.datetime64("1900-01", "M")).astype(int)
        self.stay = self.dice.pick("stay", mix.STAY, self.place).astype(np.int64)
        since_first = months + self.dice.roll("phase", self.stay, self.place)
        self.generation = since_first // self.stay
        first = np.datetime64(self.asked.period, "M") - since_first % self.stay
        self.who = (self.place, self.generation)
        short = self.stay == 1
        self.received = first.astype("datetime64[D]") + self._day(
            "received", np.where(short, 14, 28)
        )
        last = (first + self.stay - 1).astype("datetime64[D]")
        self.ended = last + np.where(short, 14, 0) + self._day("ended", np.where(short, 14, 28))

    def _day(self, what: str, sides: int | Ints) -> Ints:
        return self.dice.roll(what, sides, *self.who)

    def _disabilities(self) -> None:
        """Most persons have no row, some one, a few two."""
        chance = self.dice.roll("disabilities", 100, *self.who)
        rows = np.select([chance < 70, chance < 95], [0, 1], 2)
        self.disability_person, self.disability_number = _rows_of(rows)

    def _referrals(self) -> None:
        """Every person one; some a second, a few days after the first."""
        second = np.flatnonzero(
            (self.dice.roll("second", SECOND_REFERRALS, *self.who) == 0)
            & (self.received + self._later <= self.asked.end)
            & (self.place < self.referred)
        )
        person = np.concatenate([np.arange(self.referred), second])
        number = np.repeat([1, 2], [self.referred, len(second)])
        order = np.lexsort((number, person))
        self.referral_person, self.referral_number = person[order], number[order]
        later = np.where(self.referral_number == 2, self._later[self.referral_person], 0)
        self.referral_received = self.received[self.referral_person] + later
        self.referral_ended = np.maximum(self.ended[self.referral_person], self.referral_received)
        self.is_open = self.referral_ended > self.asked.end
        self.is_treated = self.stay[self.referral_person] >= TREATED_FROM
        self.referral_who = (
            self.place[self.referral_person],
            self.generation[self.referral_person],
            self.referral_number,
        )
        unscored = self.dice.roll("without scores", WITHOUT_SCORES, *self.referral_who) == 0
        self.is_unscored = self.is_treated & unscored

    @cached_property
    def _later(self) -> Ints:
        return 2 + self.dice.roll("later", 11, *self.who)

    def _appointments(self) -> None:
        """So many as asked, shared among the referrals by weight, spread over their days."""
        begins = self.referral_received + self._wait()
        opens = np.maximum(begins, self.asked.start)
        closes = np.minimum(self.referral_ended, self.asked.end)
        begins_now = (begins >= self.asked.start) & (begins <= closes)
        visits = self._visits(opens <= closes, begins_now)
        self.appointment_referral, self.appointment_number = _rows_of(visits)
        of = self.appointment_referral
        self.is_first = begins_now[of] & (self.appointment_number == 0)
        self.appointment_who = (
            *(numbers[of] for numbers in self.referral_who),
            np.broadcast_to(self._months(), of.shape),
            self.appointment_number,
        )
        days = (np.maximum(closes - opens, np.timedelta64(0)).astype(int) + 1)[of]
        part = self.appointment_number * 100 + self.dice.roll("day", 100, *self.appointment_who)
        first = np.minimum(opens, closes)[of]
        day = first + part * days // (100 * visits[of])
        self.day = _on_a_weekday(day, first, first + days - 1)

    def _months(self) -> Ints:
        return np.array([(self.asked.start - np.datetime64("1900-01-01")).astype(int)])

    def _wait(self) -> Ints:
        """Days from the referral to the first appointment; a short stay waits briefly."""
        stay = self.stay[self.referral_person]
        wait = self.dice.roll("wait", LONGEST_WAIT, *self.referral_who)
        long = self.dice.roll("long wait", LONGEST_LONG_WAIT - LONGEST_WAIT, *self.referral_who)
        waits_long = self.dice.roll("waits long", LONG_WAITS, *self.referral_who) == 0
        wait = np.where((stay >= LONG_WAIT_STAY) & waits_long, LONGEST_WAIT + long, wait)
        return np.where(stay == 1, wait % 7, wait)

    def _visits(self, present: Mask, begins_now: Mask) -> Ints:
        """Appointments of each referral in the month; their sum is what was asked for."""
        most = np.where(self.is_treated, 8, 4)
        weight = self.dice.roll("visits", most, *self.referral_who, self._months())
        weight = np.where(begins_now, np.maximum(weight, 1), weight) * present
        if not weight.any():
            weight = np.ones_like(weight)
        until = np.cumsum(weight) * self.asked.appointments // weight.sum()
        return np.diff(until, prepend=0)

    @cached_property
    def attendance(self) -> npt.NDArray[np.object_]:
        return self.dice.pick("Attendance", mix.ATTENDANCE, *self.appointment_who)

    @cached_property
    def attended(self) -> Mask:
        return np.isin(self.attendance.astype(str), ATTENDED)


def _on_a_weekday(day: Days, first: Days, last: Days) -> Days:
    """Saturdays become Fridays and Sundays Mondays, or the other side of the weekend, where that
    lies between `first` and `last`; a service that is open at a weekend only stays so."""
    weekday = (day.astype(np.int64) + 3) % 7  # 1 January 1970 was a Thursday
    for shifts in ({5: -1, 6: 1}, {5: 2, 6: -2}):
        shift = np.select([weekday == at for at in shifts], list(shifts.values()), 0)
        moved = day + shift
        inside = (moved >= first) & (moved <= last)
        day = np.where(inside, moved, day)
        weekday = np.where(inside & (shift != 0), 0, weekday)
    return day


def _rows_of(counts: Ints) -> tuple[Ints, Ints]:
    """For so many rows of each one: whose row it is, and the how-manieth from 0."""
    of = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return of, np.arange(len(of)) - starts[of]
