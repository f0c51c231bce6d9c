"""What figures are counted by, as data: `breakdowns.csv`, with the bands of age in `ages.csv` and
the categories of gender and ethnicity from the data set.

A category is written as people read it ("White: Irish", "18 to 35"), a provider or commissioner by
its code; where it is not known it is blank. So the counts of a breakdown add up to the nation's.
"""

from dataclasses import dataclass
from functools import cache

from extracts.specification.derivations import rows
from validation import dataset

NATIONAL, PROVIDER = "national", "provider"
# What a category that is not known is called.
UNKNOWN = "Not known"


@dataclass(frozen=True)
class Breakdown:
    """One way to break figures down. `value` is what it goes by, in SQL over what `counting`
    counts; `categories` are all that it has, in their order, each with its condition in SQL; none
    where it goes by organisation."""

    name: str
    title: str
    value: str
    words: str
    source: str
    categories: dict[str, str]

    @property
    def expression(self) -> str:
        """The category, in SQL: blank where it is not known."""
        if not self.categories:
            return f"coalesce({self.value}, '')"
        told = " ".join(f"WHEN {asked} THEN '{title}'" for title, asked in self.categories.items())
        return f"CASE {told} ELSE '' END"


@cache
def breakdowns() -> dict[str, Breakdown]:
    """All of them, by name."""
    return {
        row["name"]: Breakdown(**row, categories=_categories(row)) for row in rows("breakdowns.csv")
    }


def _categories(row: dict[str, str]) -> dict[str, str]:
    value = row["value"]
    match row["name"]:
        case "age":
            return {
                one["title"]: f"{value} >= {one['least']}"
                + (f" AND {value} <= {one['most']}" if one["most"] else "")
                for one in rows("ages.csv")
            }
        case "gender" | "ethnicity":
            column = dataset.widest().tables["Person"].columns[row["title"]]
            known = [code for code in column.codes if code.quality != "default"]
            return {code.label: f"{value} = '{code.code}'" for code in known}
        case _:
            return {}
