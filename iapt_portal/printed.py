"""Documents that are printed from the code: `./portal manage print_docs` writes them."""

from collections.abc import Iterator
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

from accounts import permissions
from extracts import definition_views, specification_views
from iapt_portal import dictionary, rulebook
from submissions import lifecycle
from validation import quality_rules

ROOT = Path(__file__).resolve().parent.parent
PRINTED = "Printed from the code by `./portal manage print_docs`; change it there.\n"


def addresses() -> dict[str, str]:
    """Every address of the portal: name and pattern, in the order in which they are looked up."""
    return dict(_addresses(get_resolver(), ""))


def _addresses(resolver: URLResolver, before: str) -> Iterator[tuple[str, str]]:
    for found in resolver.url_patterns:
        pattern = before + str(found.pattern).strip("^$")
        if isinstance(found, URLPattern):
            yield found.name or f"(no name) {pattern}", pattern
        else:
            yield from _addresses(found, pattern)


def life() -> str:
    """The life of a submission."""
    return f"# The life of a submission\n\n{PRINTED}\n```\n{lifecycle.drawing()}\n```\n"


def who_may() -> str:
    """Who may ask for which address."""
    patterns = addresses()
    lines = [
        f"| {row.who.__name__.replace('_', ' ')} | {row.what} | {row.whose} | `/{patterns[name]}` |"
        for name, row in permissions.TABLE.items()
        if name in patterns
    ]
    head = "| Who | may | on whose | Address |\n|--|--|--|--|"
    words = (
        "Whatever is not listed here nobody may ask for. *Whose* submission or extract is then "
        "found through the user's own organisations; for all others it is not there (404).\n"
    )
    return "\n".join(["# Who may ask for what\n", PRINTED, words, head, *lines]) + "\n"


def data_dictionary() -> str:
    """The data dictionary: every column of the data set."""
    return f"# Data dictionary\n\n{PRINTED}\n{dictionary.document()}"


def rules() -> str:
    """The rulebook: every rule, what it costs, what to do, where it comes from, an example."""
    return f"# Rulebook\n\n{PRINTED}\n{rulebook.document()}"


def extract_specification() -> str:
    """The data extract specification: every column of the extracts."""
    return f"# Data extract specification\n\n{PRINTED}\n{specification_views.document()}"


def inclusion_rules() -> str:
    """Which rows of what was sent count for which month."""
    return f"# Data inclusion rules\n\n{PRINTED}\n{specification_views.inclusion_document()}"


def data_quality_rules() -> str:
    """Of each data quality item which rows are counted, and what counts as what."""
    return f"# Data quality report rules\n\n{PRINTED}\n{quality_rules.document()}"


def statistics_definitions() -> str:
    """Of each figure what is counted, and how."""
    return f"# Definitions of the statistics\n\n{PRINTED}\n{definition_views.document()}"


DOCUMENTS = {
    "docs/data_dictionary.md": data_dictionary,
    "docs/data_inclusion_rules.md": inclusion_rules,
    "docs/data_quality_rules.md": data_quality_rules,
    "docs/extract_specification.md": extract_specification,
    "docs/life.md": life,
    "docs/permissions.md": who_may,
    "docs/rulebook.md": rules,
    "docs/statistics_definitions.md": statistics_definitions,
}


def write() -> list[Path]:
    """Write every printed document; returns where."""
    paths = []
    for name, text in DOCUMENTS.items():
        path = ROOT / name
        path.write_text(text(), encoding="utf-8")
        paths.append(path)
    return paths
