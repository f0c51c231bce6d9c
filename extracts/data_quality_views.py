"""The pages of the data quality report, its file, and its rules as a document."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import permissions
from accounts.doors import SignedInRequest
from accounts.models import Organisation
from extracts import data_quality, releases, trends
from extracts.data_quality import POLICY, Figures, Own, Stage
from extracts.disclosure import STAR, TOGETHER, Shown, policies
from extracts.models import ReleasedPart
from extracts.releases import Released
from extracts.withdrawn_views import says_if_withdrawn
from validation import quality, quality_rules
from validation.quality import CATEGORIES, Item

# Months that a trend shows.
MONTHS = 12


def _item(name: str) -> Item:
    """Raises Http404."""
    for item in quality.items():
        if item.name == name:
            return item
    raise Http404


def _released() -> dict[date, list[Released]]:
    return releases.released(ReleasedPart.QUALITY)


def _stages(period: str) -> list[Released]:
    """What is released of a period like 2026-09. Raises Http404 where nothing is."""
    if stages := _released().get(_month_of(period)):
        return stages
    raise Http404


def _month_of(period: str) -> date:
    """Raises Http404."""
    try:
        return date.fromisoformat(f"{period}-01")
    except ValueError as error:
        raise Http404 from error


def _told(number: object) -> str:
    return STAR if number is None else f"{number:,}" if isinstance(number, int) else f"{number}"


def _cells(figures: Figures, row: Shown) -> list[str]:
    """A row: its whole, its categories (blank where the item has none such), its rate."""
    parts = figures.by_category(row.parts)
    told = [_told(parts[one]) if one in parts else "" for one in CATEGORIES]
    return [_told(row.whole), *told, _rate_told(row)]


def _rate_told(row: Shown) -> str:
    return _told(row.rate) if row.at_least is None else f"{row.at_least} or more"


def _name(provider: str, figures: Figures) -> str:
    return " and ".join(figures.table.together) if provider == TOGETHER else provider


@require_safe
def quality_months(request: HttpRequest) -> HttpResponse:
    """The months of which something is released, and how an item went over them."""
    released = _released()
    item = _item(request.GET.get("item") or quality.items()[0].name)
    newest = list(released.items())[:MONTHS][::-1]
    rows = [(period, stages, _national(stages[-1], item)) for period, stages in newest]
    context = {
        "published": released,
        "withdrawn": releases.withdrawn(),
        "item": item,
        "items": quality.items(),
        "rows": [(one, stages[-1].words, _rate_told(row)) for one, stages, row in rows],
        "may_see_own": permissions.may(request.user, "quality_mine"),
        "trend_title": f"{item.title}: percent of values that are valid, national, by month",
        "trend": trends.trend(
            [f"{one:%b %Y}" for one, _, _ in rows], {"National": [row.rate for _, _, row in rows]}
        ),
    }
    return render(request, "extracts/quality.html", context)


def _national(stage: Released | None, item: Item) -> Shown:
    """What is shown of an item nationally; all stars where it was not counted or released."""
    found = data_quality.figures(stage.content).get(item.name) if stage else None
    return found.table.national if found else Shown(None, (), None)


@require_safe
def quality_month(request: HttpRequest, period: str) -> HttpResponse:
    """A period: every item nationally, then the rates of each provider; of what was withdrawn, that
    it was."""
    month = _month_of(period)
    withdrawn, stages = releases.withdrawn_of(month), _released().get(month, [])
    if not stages and not withdrawn:
        raise Http404
    context = {
        "period": month,
        "slug": period,
        "withdrawn": withdrawn,
        "categories": CATEGORIES,
        "stages": [_month(stage, period) for stage in stages],
    }
    return render(request, "extracts/quality_month.html", context)


def _month(stage: Released, period: str) -> dict[str, Any]:
    """Of a stage every item nationally, and each provider's rates."""
    figures = list(data_quality.figures(stage.content).values())
    of_items = [(*one.table.rows, *one.table.together) for one in figures]
    named = set().union(*of_items) - {TOGETHER}
    return {
        "stage": stage,
        "national_id": f"national-{stage.stage}",
        "national": [
            (
                one.item.title,
                reverse("quality_item", args=[period, one.item.name]),
                _cells(one, one.table.national),
            )
            for one in figures
        ],
        "items": [one.item for one in figures],
        "rates": [(name, [_rate(one, name) for one in figures]) for name in sorted(named)],
    }


def _rate(figures: Figures, provider: str) -> str:
    """Blank for a provider that has none of it."""
    row = figures.table.rows.get(provider)
    if row:
        return _rate_told(row)
    return STAR if provider in figures.table.together else ""


@require_safe
@says_if_withdrawn(ReleasedPart.QUALITY)
def quality_item(request: HttpRequest, period: str, item: str) -> HttpResponse:
    """One item of a period by provider."""
    of, stages = _item(item), _stages(period)
    shown = [
        (stage, found)
        for stage in stages
        if (found := data_quality.figures(stage.content).get(of.name))
    ]
    if not shown:
        raise Http404
    context = {
        "period": stages[0].period,
        "slug": period,
        "item": of,
        "categories": CATEGORIES,
        "back_label": f"{stages[0].period:%B %Y}",
        "stages": [
            {
                "id": f"by-provider-{stage.stage}",
                "caption": stage.words.capitalize(),
                "rows": [
                    ("National", "", _cells(found, found.table.national)),
                    *(
                        (_name(provider, found), "", _cells(found, row))
                        for provider, row in found.table.rows.items()
                    ),
                ],
            }
            for stage, found in shown
        ],
    }
    return render(request, "extracts/quality_item.html", context)


# -- the file -------------------------------------------------------------------------------------

HEAD = ("period", "stage", "level", "organisation", "item", "category", "statistic", "value")


@require_safe
@says_if_withdrawn(ReleasedPart.QUALITY)
def quality_csv(request: HttpRequest, period: str) -> HttpResponse:
    """All figures of a period, one a line."""
    return as_csv(_stages(period), f"data_quality_{period}.csv")


def as_csv(stages: Iterable[Released], name: str) -> HttpResponse:
    """What was released of the data quality report as a file of that name, one figure a line."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    lines = csv.writer(response)
    lines.writerow(HEAD)
    for stage in stages:
        for figures in data_quality.figures(stage.content).values():
            rows = [("national", "", figures.table.national)]
            for provider, row in figures.table.rows.items():
                rows.append(("provider", _name(provider, figures).replace(" and ", "+"), row))
            for level, who, row in rows:
                before = (f"{stage.period:%Y-%m}", stage.words, level, who, figures.item.name)
                lines.writerows((*before, *line) for line in _lines(figures, row))
    return response


def _lines(figures: Figures, row: Shown) -> Iterator[tuple[Any, ...]]:
    """Category, statistic and value of each figure of a row."""
    told = {"all": row.whole, **figures.by_category(row.parts)}
    for category, number in told.items():
        yield category, "count", STAR if number is None else number
    yield "valid", "percent", STAR if row.rate is None else row.rate
    if row.at_least is not None:
        yield "valid", "percent at least", row.at_least


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


# -- one's own ------------------------------------------------------------------------------------


@require_safe
def quality_mine(request: SignedInRequest) -> HttpResponse:
    """The exact figures of a provider of one's own."""
    providers = list(request.user.providers.order_by("code"))
    code = request.GET.get("provider") or providers[0].code
    chosen = next((one for one in providers if one.code == code), None)
    if chosen is None:
        raise Http404
    return _of_provider(request, chosen, providers)


@require_safe
def quality_provider(request: SignedInRequest, code: str) -> HttpResponse:
    """The same of any provider, for staff."""
    provider = get_object_or_404(Organisation, code=code, role=Organisation.Role.PROVIDER)
    return _of_provider(request, provider, [provider])


def _of_provider(
    request: SignedInRequest, provider: Organisation, providers: list[Organisation]
) -> HttpResponse:
    item = _item(request.GET.get("item") or quality.items()[0].name)
    months = list(data_quality.published().items())[:MONTHS]
    history = [
        (period, stages[-1], data_quality.own(stages[-1], provider)) for period, stages in months
    ]
    sent = [one for one in history if one[2]]
    released = _released()
    context: dict[str, Any] = {"provider": provider, "providers": providers, "item": item}
    if sent:
        period, stage, own = sent[0]
        public = _same(released, stage)
        national = data_quality.figures(public.content) if public else {}
        context |= {
            "period": period,
            "stage": stage,
            "first": data_quality.to_improve_first(own),
            "rows": [_own_row(one, national.get(name)) for name, one in own.items()],
            "categories": CATEGORIES,
            "items": quality.items(),
            "keep": provider.code if len(providers) > 1 else "",
            "trend_title": f"{item.title}: percent of values that are valid, by month",
            **_history(history[::-1], item, provider, released),
        }
    return render(request, "extracts/quality_provider.html", context)


def _own_row(own: Own, national: Figures | None) -> tuple[str, str, list[str]]:
    """A row of exact figures, with the national rate as everybody sees it."""
    counts = zip(CATEGORIES, own.counts, strict=True)
    told = [_told(n) if n or one in own.item.categories else "" for one, n in counts]
    nation = _rate_told(national.table.national) if national else STAR
    address = reverse("dictionary_column", args=[own.item.table, own.item.column])
    return own.item.title, address, [_told(own.whole), *told, _told(own.rate), nation]


def _same(released: dict[date, list[Released]], stage: Stage) -> Released | None:
    """What is released of the period and stage that a run published."""
    found = released.get(stage.period, [])
    return next((one for one in found if one.stage == stage.stage), None)


def _history(
    history: list[tuple[date, Stage, dict[str, Own]]],
    item: Item,
    provider: Organisation,
    released: dict[date, list[Released]],
) -> dict[str, Any]:
    """An item over the months: the provider's own rate beside the national one."""
    ours = [own[item.name].rate if item.name in own else None for _, _, own in history]
    national = [_national(_same(released, stage), item) for _, stage, _ in history]
    months = [f"{period:%b %Y}" for period, _, _ in history]
    told = zip(history, ours, national, strict=True)
    return {
        "history": [
            (period, stage.words, "" if own is None else _told(own), _rate_told(nation))
            for (period, stage, _), own, nation in told
        ],
        "trend": trends.trend(
            months, {provider.code: ours, "National": [row.rate for row in national]}
        ),
    }
