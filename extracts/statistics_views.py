"""The public pages of the statistics: how we are doing, and a month or a quarter in full.

They read releases alone (`extracts.released_statistics`).
"""

from dataclasses import replace
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import permissions
from extracts import breakdown_parts, headline_cards, released_statistics, releases
from extracts.disclosure import TOGETHER
from extracts.figures import Figure, former
from extracts.headlines import headlines
from extracts.models import ReleasedPart
from extracts.released_statistics import MONTHS, Coverage, Kept, Shown, Stage, shown
from extracts.statistics_files import FORMS
from extracts.withdrawn_views import says_if_withdrawn

# The newest quarter, and as many as reach the same one a year before.
YEAR_OF_QUARTERS = 5

# -- how are we doing -----------------------------------------------------------------------------


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """The newest month's headline figures, each with its way through a year, and where all else
    is."""
    standing = released_statistics.stages()
    shown_months = released_statistics.last_months(standing)
    months = list(released_statistics.months(standing).items())
    quarters = [one for one in standing if one.is_quarter]
    context: dict[str, Any] = {
        "months": months[:MONTHS],
        "earlier": months[MONTHS:],
        "withdrawn": releases.withdrawn(),
        "quarters": quarters,
        "may_see_own": permissions.may(request.user, "statistics_mine"),
    }
    if shown_months:
        national = released_statistics.national(shown_months)
        told = [one for one in headlines() if any(shown(one.figure, kept) for kept in national)]
        newest = shown_months[-1]
        context |= {
            "newest": newest,
            "newest_withdrawn": releases.withdrawn_stages(ReleasedPart.STATISTICS, newest.period),
            **covered([newest]),
            "first": shown_months[0],
            "cards": headline_cards.cards(told, shown_months, quarters[:YEAR_OF_QUARTERS]),
            "headlines": told,
            "rows": [
                (stage, [one.words(shown(one.figure, kept)) for one in told])
                for stage, kept in zip(shown_months, national, strict=True)
            ][::-1],
            "groups": in_groups(released_statistics.figures_in(national)),
            "organisations": organisations(newest),
        }
    return render(request, "extracts/statistics.html", context)


def in_groups(several: list[Figure]) -> dict[str, list[Figure]]:
    """Figures by the heading that they stand under."""
    found: dict[str, list[Figure]] = {}
    for one in several:
        found.setdefault(one.group, []).append(one)
    return found


def organisations(stage: Stage) -> dict[str, list[tuple[str, str, str]]]:
    """By heading the organisations that stand in a stage: code, name, address."""
    found = {}
    for breakdown in breakdown_parts.ROLES:
        (joined,) = released_statistics.together([stage], breakdown)
        codes = {*released_statistics.parts(stage, breakdown), *joined} - {TOGETHER, ""}
        named = breakdown_parts.organisations(breakdown, codes)
        found[f"{breakdown_parts.titles()[breakdown]}s"] = [
            (code, named.get(code, ""), breakdown_parts.page_of(breakdown, code))
            for code in sorted(codes)
        ]
    return found


# -- a month or a quarter -------------------------------------------------------------------------


def stages_of(period: date, is_quarter: bool) -> list[Stage]:
    """What stands of it. Raises Http404 where nothing does."""
    found = [
        one
        for one in released_statistics.stages()
        if one.period == period and one.is_quarter == is_quarter
    ]
    if not found:
        raise Http404
    return found


@require_safe
@says_if_withdrawn(ReleasedPart.STATISTICS)
def statistics_month(request: HttpRequest, period: date) -> HttpResponse:
    """A month: its national figures, provisional and final beside each other."""
    return _period(request, stages_of(period, is_quarter=False))


@require_safe
@says_if_withdrawn(ReleasedPart.STATISTICS, quarter=True)
def statistics_quarter(request: HttpRequest, period: date) -> HttpResponse:
    """The quarter that ends with a month."""
    return _period(request, stages_of(period, is_quarter=True))


def _period(request: HttpRequest, stages: list[Stage]) -> HttpResponse:
    national = released_statistics.national(stages)
    several = released_statistics.figures_in(national)
    rows = {one.name: [shown(one, kept) for kept in national] for one in several}
    context = {
        **_about(stages),
        "groups": [
            (group, [(one, rows[one.name]) for one in figures])
            for group, figures in in_groups(several).items()
        ],
        "former": [
            (one.former, one, rows[one.name]) for one in former(several) if stages[0].is_quarter
        ],
    }
    return render(request, "extracts/statistics_period.html", context)


def _about(stages: list[Stage]) -> dict[str, Any]:
    """What the pages of a month or a quarter share."""
    last = stages[-1]
    kind = "quarter" if last.is_quarter else "month"
    slug = f"{last.period:%Y-%m}"
    return {
        "stages": stages,
        "withdrawn": releases.withdrawn_stages(
            ReleasedPart.STATISTICS, last.period, quarter=last.is_quarter
        ),
        "title": last.title,
        **covered(stages),
        "page": reverse(f"statistics_{kind}", args=[slug]),
        "breakdowns": [
            (one, breakdown_parts.titles()[one], reverse(f"statistics_{kind}_by", args=[slug, one]))
            for one in released_statistics.breakdowns(last)
        ],
        "quality": _quality_page(last),
        "files": [
            (one.words, reverse(f"statistics_{kind}_file", args=[slug, form]))
            for form, one in FORMS.items()
        ],
    }


def _quality_page(stage: Stage) -> str:
    """The address of the data quality of a month; blank where there is none."""
    released = {} if stage.is_quarter else releases.released(ReleasedPart.QUALITY)
    return reverse("quality_month", args=[stage.period]) if stage.period in released else ""


def covered(stages: list[Stage]) -> dict[str, Any]:
    """Whose data some stages rest on, and whether somebody is missing."""
    told = released_statistics.coverage(stages)
    found = []
    for stage in stages:
        months = [one for one in told if one.stage == stage]
        if len(months) > 1 and all(_alike(one, months[0]) for one in months):
            months = [replace(months[0], is_every_month=True)]
        found += months
    return {"coverage": found, "is_incomplete": any(one.missing for one in found)}


def _alike(one: Coverage, other: Coverage) -> bool:
    return (one.sent, one.expected) == (other.sent, other.expected)


@require_safe
@says_if_withdrawn(ReleasedPart.STATISTICS)
def statistics_month_by(request: HttpRequest, period: date, by: str) -> HttpResponse:
    """A month by provider, age, …: the figures of one heading."""
    return _by(request, stages_of(period, is_quarter=False), by)


@require_safe
@says_if_withdrawn(ReleasedPart.STATISTICS, quarter=True)
def statistics_quarter_by(request: HttpRequest, period: date, by: str) -> HttpResponse:
    return _by(request, stages_of(period, is_quarter=True), by)


def _by(request: HttpRequest, stages: list[Stage], by: str) -> HttpResponse:
    """One stage (the last, or the one asked for) by one breakdown, a group of figures. Raises
    Http404 where there is none such."""
    asked = request.GET.get("stage") or stages[-1].stage
    stage = next((one for one in stages if one.stage == asked), None)
    if stage is None or by not in breakdown_parts.titles():
        raise Http404
    table = released_statistics.by(stage, by)
    if not table:
        raise Http404
    (joined,) = released_statistics.together([stage], by)
    (national,) = released_statistics.national([stage])
    groups = in_groups(released_statistics.figures_in([national, *table.values()]))
    group = request.GET.get("group") or next(iter(groups))
    if group not in groups:
        raise Http404
    named = breakdown_parts.organisations(by, table)
    context = {
        **_about(stages),
        **covered([stage]),
        "stage": stage,
        "by_title": breakdown_parts.titles()[by],
        "groups": list(groups),
        "group": group,
        "figures": groups[group],
        "national": _line(national, groups[group]),
        "is_left_out": not any(
            one and one.is_told for row in table.values() for one in _line(row, groups[group])
        ),
        "rows": [
            (
                breakdown_parts.name_of(one, joined),
                named.get(one, ""),
                breakdown_parts.page_of(by, one),
                _line(table[one], groups[group]),
            )
            for one in breakdown_parts.in_order(by, table)
        ],
        "joined": joined,
    }
    return render(request, "extracts/statistics_by.html", context)


def _line(kept: Kept | None, figures: list[Figure]) -> list[Shown | None]:
    return [shown(one, kept) for one in figures]
