"""The public pages of the data quality report, its files, and its rules as a document.

They read releases alone (`extracts.released_quality`).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import permissions
from extracts import (
    breakdown_parts,
    data_quality,
    released_quality,
    released_statistics,
    releases,
    trends,
)
from extracts.data_quality import POLICY, Figures
from extracts.data_quality_files import FORMS
from extracts.disclosure import TOGETHER, Shown, policies
from extracts.models import ReleasedPart
from extracts.released_files import as_file
from extracts.released_statistics import MONTHS
from extracts.releases import Released
from extracts.specification.breakdowns import PROVIDER
from extracts.statistics_views import covered
from extracts.withdrawn_views import says_if_withdrawn
from validation import quality, quality_rules
from validation.quality import CATEGORIES, Item

# A row of a table: its name, what that is called, its address, its cells; the middle two may be
# blank.
Row = tuple[str, str, str, list[str]]


def item_called(name: str) -> Item:
    """Raises Http404."""
    for item in quality.items():
        if item.name == name:
            return item
    raise Http404


def _stages_of(period: date) -> list[Released]:
    """What stands of a month. Raises Http404 where nothing does."""
    if stages := released_quality.months().get(period):
        return stages
    raise Http404


def number_words(number: int | None) -> str:
    return released_statistics.Shown(number, None, None, has_rate=False).number_words


def _cells(figures: Figures, row: Shown) -> list[str]:
    """A row: its whole, its categories (blank where the item has none such), its rate."""
    parts = figures.by_category(row.parts)
    told = [number_words(parts[one]) if one in parts else "" for one in CATEGORIES]
    shown = released_quality.shown(row)
    return [shown.number_words, *told, shown.rate_words]


# -- how an item went over the months -------------------------------------------------------------


@require_safe
def quality_months(request: HttpRequest) -> HttpResponse:
    """The months of which something is released, and how an item went over them: nationally, and
    of the provider that is asked for."""
    released = released_quality.months()
    months = list(released.items())
    stages = [several[-1] for _, several in months[:MONTHS]][::-1]
    asked = request.GET.get("item")
    item = item_called(asked) if asked else released_quality.first_shown(stages)
    provider = request.GET.get("provider", "")
    if provider and not released_quality.tells_of(provider):
        raise Http404
    context = {
        "months": months[:MONTHS],
        "earlier": months[MONTHS:],
        "withdrawn": releases.withdrawn(),
        "may_see_own": permissions.may(request.user, "quality_mine"),
        "item": item,
        "items": quality.items(),
        "provider": provider,
        "providers": _named({*released_quality.providers(stages), provider} - {""}),
        "provider_page": released_statistics.page_of(PROVIDER, provider) if provider else "",
        **_over_the_months(stages, item, provider),
    }
    return render(request, "extracts/quality.html", context)


def _named(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Providers by code, with their names as they are known today; blank where they are not."""
    named = breakdown_parts.organisations(PROVIDER, [*codes])
    return [(code, named.get(code, "")) for code in sorted(codes)]


def _over_the_months(stages: Sequence[Released], item: Item, provider: str) -> dict[str, Any]:
    """The drawing and its table, the newest month first."""
    told = {"National": released_quality.national(stages, item)}
    if provider:
        told = {provider: released_quality.of_provider(stages, item, provider), **told}
    rows = zip(stages, *told.values(), strict=True)
    return {
        "labels": list(told),
        "rows": [
            (
                stage,
                _page_of_item(stage.period, item if shown[-1] else None),
                [one.rate_words if one else "" for one in shown],
            )
            for stage, *shown in rows
        ][::-1],
        "trend_title": f"{item.title}: percent of values that are valid, by month",
        "trend": trends.trend(
            [f"{one.period:%b %Y}" for one in stages],
            {label: [one.rate if one else None for one in line] for label, line in told.items()},
            hollow=[place for place, one in enumerate(stages) if one.is_provisional],
        ),
    }


def _page_of_item(period: date, item: Item | None) -> str:
    """Of a month an item by provider; the month itself where it was not counted."""
    if item is None:
        return reverse("quality_month", args=[period])
    return reverse("quality_item", args=[period, item.name])


# -- a month --------------------------------------------------------------------------------------


@require_safe
@says_if_withdrawn(ReleasedPart.QUALITY)
def quality_month(request: HttpRequest, period: date) -> HttpResponse:
    """A month: every item nationally, then the rates of each provider."""
    stages = _stages_of(period)
    context = {
        **_about(stages),
        "categories": CATEGORIES,
        "stages": [_month(stage) for stage in stages],
        "files": [
            (one.words, reverse("quality_file", args=[period, form])) for form, one in FORMS.items()
        ],
    }
    return render(request, "extracts/quality_month.html", context)


def _about(stages: Sequence[Released]) -> dict[str, Any]:
    """What the pages of a month share: what was withdrawn of it, whose data it rests on, and its
    statistics, if there are any."""
    period, beside = stages[-1].period, released_quality.beside(stages)
    return {
        "period": period,
        "withdrawn": releases.withdrawn_stages(ReleasedPart.QUALITY, period),
        "statistics": reverse("statistics_month", args=[period]) if beside else "",
        **covered(beside),
    }


def _month(stage: Released) -> dict[str, Any]:
    """Of a stage every item nationally, and each provider's rates: a table of those of patients,
    of referrals and of appointments, since all beside each other fit on no sheet of paper."""
    figures = list(data_quality.figures(stage.content).values())
    named = _named(released_quality.providers([stage]))
    national: list[Row] = [
        (
            one.item.title,
            "",
            _page_of_item(stage.period, one.item),
            _cells(one, one.table.national),
        )
        for one in figures
    ]
    by_kind: dict[str, list[Figures]] = {}
    for one in figures:
        by_kind.setdefault(one.item.tells_of, []).append(one)
    return {
        "stage": stage,
        "national": national,
        "by_provider": [
            (
                kind,
                [one.item for one in several],
                [
                    (code, name, page_of(code), [_rate(one, code) for one in several])
                    for code, name in named
                ],
            )
            for kind, several in by_kind.items()
        ],
    }


def page_of(provider: str, item: Item | None = None) -> str:
    """The address at which a provider is followed over the months."""
    asked = {"item": item.name, "provider": provider} if item else {"provider": provider}
    return f"{reverse('quality')}?{urlencode(asked)}#over-the-months"


def _rate(figures: Figures, provider: str) -> str:
    """Blank for a provider that has none of it."""
    shown = released_quality.alone(figures, provider)
    return shown.rate_words if shown else ""


@require_safe
@says_if_withdrawn(ReleasedPart.QUALITY)
def quality_item(request: HttpRequest, period: date, item: str) -> HttpResponse:
    """One item of a month by provider."""
    of = item_called(item)
    shown = [
        (stage, found)
        for stage in _stages_of(period)
        if (found := data_quality.figures(stage.content, [of]).get(of.name))
    ]
    if not shown:
        raise Http404
    context = {
        **_about([stage for stage, _ in shown]),
        "item": of,
        "categories": CATEGORIES,
        "stages": [(stage, _by_provider(found)) for stage, found in shown],
    }
    return render(request, "extracts/quality_item.html", context)


def _by_provider(figures: Figures) -> list[Row]:
    """An item of the nation and of each provider, those that stand as one row last."""
    table = figures.table
    named = breakdown_parts.organisations(PROVIDER, table.rows)
    national: Row = ("National", "", "", _cells(figures, table.national))
    return [
        national,
        *(
            (
                breakdown_parts.name_of(code, table.together),
                named.get(code, ""),
                page_of(code, figures.item) if code != TOGETHER else "",
                _cells(figures, row),
            )
            for code, row in table.rows.items()
        ),
    ]


# -- its files ------------------------------------------------------------------------------------


@require_safe
@says_if_withdrawn(ReleasedPart.QUALITY)
def quality_file(request: HttpRequest, period: date, form: str) -> HttpResponse:
    """Both stages of a month as they stand."""
    return quality_as_file(_stages_of(period), form, f"data_quality_{period:%Y-%m}")


def quality_as_file(stages: Sequence[Released], form: str, name: str) -> HttpResponse:
    """What was released of the data quality report as a file of that name. Raises Http404."""
    parts = "-".join(f"{one.part.id}.{one.release.at:%Y%m%d%H%M%S%f}" for one in stages)
    return as_file(FORMS, stages, form, name, parts)


# -- the rules ------------------------------------------------------------------------------------


@require_safe
def quality_report_rules(request: HttpRequest) -> HttpResponse:
    """Of each item what is counted, and what counts as what."""
    context = {
        "items": [
            {
                "item": item,
                "over": quality_rules.POPULATIONS[item.population],
                "since": quality_rules.measured_since(item),
                "meanings": quality_rules.meanings(item).items(),
            }
            for item in quality.items()
        ],
        "words": quality_rules.WORDS.items(),
        "introduction": quality_rules.INTRODUCTION,
        "version": quality.DEFINITIONS_VERSION,
        "policies": policies().values(),
        "used": POLICY,
    }
    return render(request, "extracts/quality_rules.html", context)
