"""The one clock: the database's, told in London."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, models
from django.db.models import Func

LONDON = ZoneInfo("Europe/London")


def clock() -> Func:
    """The database's clock, read when the row is read and not when the transaction began."""
    return Func(function="clock_timestamp", output_field=models.DateTimeField())


def today() -> Func:
    """The day in London by the database's clock."""
    return Func(
        template="(clock_timestamp() AT TIME ZONE 'Europe/London')::date",
        output_field=models.DateField(),
    )


def now() -> datetime:
    """This moment by the database's clock, where it is not a statement that asks for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def this_day() -> date:
    """The day in London at this moment."""
    return now().astimezone(LONDON).date()


def london(moment: datetime) -> str:
    """A moment as pages and letters say it, with the zone."""
    there = moment.astimezone(LONDON)
    return f"{there:%-d %B %Y at %H:%M} {there.tzname()}"


def last_moment(moment: datetime) -> str:
    """A closing instant, behind "closes": midnight is said as the end of the day before."""
    there = moment.astimezone(LONDON)
    if (there.hour, there.minute, there.second) != (0, 0, 0):
        return f"on {london(moment)}"
    day = there - timedelta(minutes=1)
    return f"at the end of {day:%A %-d %B %Y} ({day.tzname()})"
