"""The data quality report rules: of each item which rows are counted, and which values fall into
which category."""

from validation.dictionary import FORMATS
from validation.quality import DEFINITIONS_VERSION, Item, items

POPULATIONS = {
    "standing": "rows that are not rejected",
    "ended": "referrals that are not rejected and have an end date",
    "attended": "appointments that are not rejected, were attended (attendance 5 or 6) and are no "
    "follow-up",
}
# Since when, by what is known, HSCIC's monthly reports measured an item.
SINCE = {"2012-13": "2012-13", "2014-12": "December 2014", "": "a measure of the portal's own"}
WORDS = {
    "valid": "values that say something",
    "other": "values that say that none of the categories fits",
    "default": "codes that say that it is not known or not stated",
    "invalid": "values that are not permitted",
    "missing": "blanks",
}
INTRODUCTION = (
    "Each item is a column of the data set. Of the rows that are counted each one falls into one "
    "category, and the rate is that of the valid ones. What rests on a list of codes rests on the "
    "data dictionary's; which of its codes count as other or default is marked there."
)


def meanings(item: Item) -> dict[str, str]:
    """For each category of an item which values fall into it."""
    told = {"invalid": "Anything else that is sent", "missing": "Blank"}
    for category in ("other", "default"):
        codes = [code for code in item.of.codes if code.quality == category]
        told[category] = ", ".join(f"{code.code} ({code.label})" for code in codes)
    is_listed = any(code.quality == "valid" for code in item.of.codes)
    allowed = FORMATS[item.of.kind].format(**vars(item.of))
    told["valid"] = "A further code of the data dictionary's list" if is_listed else allowed
    return {category: told[category] for category in item.categories}


def measured_since(item: Item) -> str:
    return SINCE[item.since]


def document() -> str:
    """The rules as Markdown."""
    lines = [f"Definitions {DEFINITIONS_VERSION}. {INTRODUCTION}", ""]
    lines += [f"* **{category}**: {words}" for category, words in WORDS.items()]
    for item in items():
        lines += ["", f"## {item.title}", "", f"* Column: {item.table}.{item.column}"]
        lines += [f"* Counted over: {POPULATIONS[item.population]}"]
        lines += [f"* Measured since: {measured_since(item)}"]
        lines += [f"* {one.capitalize()}: {words}" for one, words in meanings(item).items()]
        lines += [f"* {item.note}"] if item.note else []
        lines += [f"* To have more of it valid: {item.advice}"]
    return "\n".join(lines) + "\n"
