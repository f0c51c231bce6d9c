"""The public pages of the statistics: how we are doing, and a month or a quarter in full.

They read releases alone (`extracts.released_statistics`).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts import permissions
from extracts import breakdown_parts, released_statistics, releases, trends
from extracts.disclosure import TOGETHER
from extracts.figures import Figure
from extracts.headlines import Headline, change, headlines
from extracts.models import ReleasedPart
from extracts.released_statistics import MONTHS, Kept, Shown, Stage, shown
from extracts.statistics_files import FORMS
from extracts.withdrawn_views import says_if_withdrawn

# -- how are we doing -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Card:
    """A headline with its newest figure, how that differs from the first month in which it is
    shown, and its drawing."""

    headline: Headline
    words: str
    change: str
    trend: trends.Trend


@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    """The newest month's headline figures, each with its way through a year, and where all else
    is."""
    standing = released_statistics.stages()
    shown_months = released_statistics.last_months(standing)
    months = list(released_statistics.months(standing).items())
    context: dict[str, Any] = {
        "months": months[:MONTHS],
        "earlier": months[MONTHS:],
        "withdrawn": releases.withdrawn(),
        "quarters": [one for one in standing if one.is_quarter],
        "may_see_own": permissions.may(request.user, "statistics_mine"),
    }
    if shown_months:
        national = released_statistics.national(shown_months)
        told = [one for one in headlines() if any(shown(one.figure, kept) for kept in national)]
        newest = shown_months[-1]
        context |= {
            "newest": newest,
            "first": shown_months[0],
            "cards": [_card(one, shown_months, national) for one in told],
            "headlines": told,
            "rows": [
                (stage, [one.words(shown(one.figure, kept)) for one in told])
                for stage, kept in zip(shown_months, national, strict=True)
            ][::-1],
            "groups": in_groups(released_statistics.figures_in(national)),
            "organisations": organisations(newest),
        }
    return render(request, "extracts/statistics.html", context)


def _card(headline: Headline, stages: list[Stage], national: list[Kept | None]) -> Card:
    several = [shown(headline.figure, kept) for kept in national]
    values = [headline.value(one) for one in several]
    drawn = trends.trend(
        [f"{one.period:%b %Y}" for one in stages],
        {headline.title: values},
        kinds=["own"],
        hollow=[place for place, one in enumerate(stages) if one.is_provisional],
        counts=not headline.is_rate,
        frame=trends.SMALL,
    )
    # Beside the first month in which it is shown.
    place = next((place for place, one in enumerate(values[:-1]) if one is not None), 0)
    words = change(values[-1], values[place], headline.is_rate) if values[:-1] else ""
    beside = f"{words} {stages[place].title}" if words else ""
    return Card(headline, headline.words(several[-1]), beside, drawn)


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


@require_GET
@says_if_withdrawn(ReleasedPart.STATISTICS)
def statistics_month(request: HttpRequest, period: date) -> HttpResponse:
    """A month: its national figures, provisional and final beside each other."""
    return _period(request, stages_of(period, is_quarter=False))


@require_GET
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
            (one.former, one, rows[one.name])
            for one in several
            if one.former and stages[0].is_quarter
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
        "coverage": [
            (date.fromisoformat(f"{month}-01"), providers)
            for month, providers in sorted(released_statistics.coverage(last).items())
        ],
        "page": reverse(f"statistics_{kind}", args=[slug]),
        "breakdowns": [
            (one, breakdown_parts.titles()[one], reverse(f"statistics_{kind}_by", args=[slug, one]))
            for one in released_statistics.breakdowns(last)
        ],
        "files": [
            (one.words, reverse(f"statistics_{kind}_file", args=[slug, form]))
            for form, one in FORMS.items()
        ],
    }


@require_GET
@says_if_withdrawn(ReleasedPart.STATISTICS)
def statistics_month_by(request: HttpRequest, period: date, by: str) -> HttpResponse:
    """A month by provider, age, …: the figures of one heading."""
    return _by(request, stages_of(period, is_quarter=False), by)


@require_GET
@says_if_withdrawn(ReleasedPart.STATISTICS, quarter=True)
def statistics_quarter_by(request: HttpRequest, period: date, by: str) -> HttpResponse:
    return _by(request, stages_of(period, is_quarter=True), by)


def _by(request: HttpRequest, stages: list[Stage], by: str) -> HttpResponse:
    """One stage (the last, or the one asked for) by one breakdown. Raises Http404 where it has
    none such."""
    asked = [one for one in stages if one.stage == request.GET.get("stage")]
    stage = (asked or stages)[-1]
    table = released_statistics.by(stage, by)
    if by not in breakdown_parts.titles() or not table:
        raise Http404
    (joined,) = released_statistics.together([stage], by)
    (national,) = released_statistics.national([stage])
    groups = in_groups(released_statistics.figures_in([national, *table.values()]))
    group = request.GET.get("group", "")
    group = group if group in groups else next(iter(groups))
    named = breakdown_parts.organisations(by, table)
    context = {
        **_about(stages),
        "stage": stage,
        "by_title": breakdown_parts.titles()[by],
        "groups": list(groups),
        "group": group,
        "figures": groups[group],
        "national": _line(national, groups[group]),
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
