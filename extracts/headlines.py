"""The few figures that answer "how are we doing": which they are, and whether the number or the
rate is what is asked for, stands in `specification/headlines.csv`."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from extracts.figures import Figure, figures
from extracts.released_statistics import Shown
from extracts.specification.derivations import rows
from extracts.trends import Value

RATE = "rate"


@dataclass(frozen=True)
class Headline:
    """A figure, what it is called here, whether its rate is what is asked for, and in words
    what a rate is out of."""

    figure: Figure
    title: str
    is_rate: bool
    out_of: str

    def value(self, shown: Shown | None) -> Value:
        """What a drawing has of it; None where it is left out, or told as a band."""
        if shown is None:
            return None
        return shown.rate if self.is_rate else shown.number

    def words(self, shown: Shown | None) -> str:
        """Blank where it was not counted."""
        if shown is None:
            return ""
        return shown.rate_words if self.is_rate else shown.number_words


@cache
def headlines() -> tuple[Headline, ...]:
    known = {figure.name: figure for figure in figures()}
    return tuple(
        Headline(known[row["figure"]], row["title"], row["measure"] == RATE, row["out_of"])
        for row in rows("headlines.csv")
    )


def called(figure: Figure) -> str:
    """What a figure is called on its page: as on its card, where it has one."""
    return next((one.title for one in headlines() if one.figure == figure), figure.title)


def change(now: Value, before: Value, is_rate: bool) -> str:
    """How a figure differs from an earlier one, in words; blank where one of them is left out."""
    if now is None or before is None:
        return ""
    more = now - before
    if not more:
        return "the same as"
    fewer = "less than" if is_rate else "fewer than"
    way = "more than" if more > 0 else fewer
    if is_rate:
        points = f"{abs(more)}".rstrip("0").rstrip(".") if "." in f"{more}" else f"{abs(more)}"
        return f"{points} percentage point{'' if points == '1' else 's'} {way}"
    of_before = f" ({abs(100 * Decimal(more) / Decimal(before)):.0f}%)" if before else ""
    return f"{abs(more):,}{of_before} {way}"
