"""The public pages of the statistics that compare: an organisation over time beside the national
figure, and a figure over time and by organisation. They read releases alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import permissions
from accounts.models import Organisation
from extracts import breakdown_parts, figures, released_quality, released_statistics, trends
from extracts.disclosure import TOGETHER
from extracts.figures import Figure
from extracts.headlines import called, headlines
from extracts.own_figures import Own
from extracts.released_statistics import Kept, Shown, Stage, shown
from extracts.specification.words import explained
from extracts.statistics_views import in_groups

# The width of a bar that is full.
FULL_BAR = 120
# How the first line of a drawing is drawn, and the other.
KINDS = ["own", "national"]


def figure_called(name: str) -> Figure:
    """Raises Http404."""
    for one in figures.figures():
        if one.name == name:
            return one
    raise Http404


def _over(request: HttpRequest) -> dict[str, Any]:
    """The months, or with `?over=quarters` the quarters, whichever is asked for, and the others.
    Raises Http404."""
    standing = released_statistics.stages()
    told = {
        "months": released_statistics.last_months(standing),
        "quarters": released_statistics.last_quarters(standing),
    }
    over = request.GET.get("over") or "months"
    if over not in told:
        raise Http404
    other = next(one for one in told if one != over)
    return {
        "over": over,
        "unit": over.removesuffix("s"),
        "stages": told[over],
        "other": other,
        "other_stages": told[other],
    }


# -- an organisation ------------------------------------------------------------------------------


@require_safe
def statistics_provider(request: HttpRequest, code: str) -> HttpResponse:
    return _organisation(request, "provider", code)


@require_safe
def statistics_commissioner(request: HttpRequest, code: str) -> HttpResponse:
    return _organisation(request, "commissioner", code)


def _organisation(request: HttpRequest, by: str, code: str) -> HttpResponse:
    """An organisation's newest figures and one of them over months or quarters, beside the
    nation's. Raises Http404 where it stands in no release."""
    several = _over(request)
    stages = several["stages"]
    own, joined = _standing(stages, by, code)
    if code == TOGETHER or not (any(own) or joined):
        raise Http404
    national = released_statistics.national(stages)
    context: dict[str, Any] = {
        "code": code,
        "name": breakdown_parts.organisations(by, [code]).get(code, ""),
        "by_title": breakdown_parts.titles()[by],
        "is_commissioner": by == Organisation.Role.COMMISSIONER,
        "joined": joined,
        "has_quality": by == Organisation.Role.PROVIDER and released_quality.tells_of(code),
        "exact": _exact_figures(request, by, code),
        **several,
        "has_others": any(any(one) for one in _standing(several["other_stages"], by, code)),
        **_newest(stages, own, national),
        **_chosen(request, code, stages, own, national),
    }
    return render(request, "extracts/statistics_organisation.html", context)


def _exact_figures(request: HttpRequest, by: str, code: str) -> str:
    """The address of an organisation's exact figures, for its own users and for staff; blank for
    everybody else."""
    organisation = Organisation.objects.filter(role=by, code=code)
    if not organisation.exists():
        return ""
    if permissions.may(request.user, "statistics_exact"):
        return reverse("statistics_exact", args=[by, code])
    if request.user.is_authenticated and permissions.may(request.user, "statistics_mine"):
        mine = request.user.organisations.filter(id__in=organisation)
        return f"{reverse('statistics_mine')}?{by}={code}" if mine.exists() else ""
    return ""


def _standing(
    stages: list[Stage], by: str, code: str
) -> tuple[list[Kept | None], list[tuple[Stage, list[str]]]]:
    """An organisation's figures in some stages, and where it stands in one row with others."""
    joined = zip(stages, released_statistics.together(stages, by), strict=True)
    return (
        released_statistics.of_one(stages, by, code),
        [(stage, names) for stage, names in joined if code in names],
    )


def _newest(
    stages: list[Stage], own: list[Kept | None], national: list[Kept | None]
) -> dict[str, Any]:
    """All figures of the newest month that the organisation has, beside the national ones."""
    told = [
        (stage, mine, all_of_it)
        for stage, mine, all_of_it in zip(stages, own, national, strict=True)
        if mine
    ]
    if not told:
        return {}
    stage, mine, all_of_it = told[-1]
    return {
        "newest": stage,
        "groups": [
            (group, [(one, shown(one, mine), shown(one, all_of_it)) for one in several])
            for group, several in in_groups(released_statistics.figures_in([mine])).items()
        ],
    }


def _chosen(
    request: HttpRequest,
    code: str,
    stages: list[Stage],
    own: list[Kept | None],
    national: list[Kept | None],
) -> dict[str, Any]:
    """One figure over months or quarters, the one asked for: drawings and their table."""
    several = released_statistics.figures_in(own)
    if not several:
        return {}
    first = next((one.figure for one in headlines() if one.figure in several), several[0])
    figure = figure_called(request.GET.get("figure") or first.name)
    ours = [shown(figure, kept) for kept in own]
    theirs = [shown(figure, kept) for kept in national]
    return {
        "figure": figure,
        "of": title_of(figure.of),
        "choices": in_groups(several),
        "released": {one.period for one in stages},
        "history": [
            (stage, mine, nation, True)
            for stage, mine, nation in zip(stages, ours, theirs, strict=True)
        ][::-1],
        **drawings(figure, stages, {code: ours, "National": theirs}),
    }


def title_of(name: str) -> str:
    return next((one.title for one in figures.figures() if one.name == name), "")


def drawings(
    figure: Figure, stages: Sequence[Stage | Own], lines: dict[str, list[Shown | None]]
) -> dict[str, trends.Trend | None]:
    """A figure's number and, where it has one, its rate over months or quarters. Of
    numbers the first line alone is drawn: those of the nation have another size."""
    months = [one.short for one in stages]
    hollow = [place for place, one in enumerate(stages) if one.is_provisional]
    first, several = next(iter(lines.items()))
    numbers = trends.trend(
        months,
        {first: [one.number if one else None for one in several]},
        kinds=KINDS[:1],
        hollow=hollow,
        counts=True,
    )
    if not figure.of:
        return {"numbers": numbers, "rates": None}
    rates: dict[str, Sequence[trends.Value]] = {
        label: [one.rate if one else None for one in several] for label, several in lines.items()
    }
    drawn = trends.trend(months, rates, kinds=KINDS[: len(rates)], hollow=hollow)
    return {"numbers": numbers, "rates": drawn}


# -- a figure -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ranked:
    """An organisation, an age, … with a figure of it; `bar` is as long as what it is ranked by,
    None where that is left out."""

    name: str
    title: str
    address: str
    shown: Shown | None
    value: Decimal | int | None
    bar: int | None


@require_safe
def statistics_figure(request: HttpRequest, name: str) -> HttpResponse:
    """A figure over the months or the quarters nationally, and in one of them by providers,
    commissioners, …: the largest first. Raises Http404 where there is no such figure, month,
    quarter or breakdown."""
    figure = figure_called(name)
    several = _over(request)
    stages = several["stages"]
    national = [shown(figure, kept) for kept in released_statistics.national(stages)]
    context: dict[str, Any] = {
        "figure": figure,
        "of": title_of(figure.of),
        "called": called(figure),
        "explained": explained(figure.title, figure.meaning, title_of(figure.of)),
        "history": list(zip(stages, national, strict=True))[::-1],
        **several,
        "stages": stages[::-1],
        "has_others": bool(several["other_stages"]),
    }
    if stages:
        context |= drawings(figure, stages, {"National": national})
        context |= _by_organisation(request, figure, stages, national)
    return render(request, "extracts/statistics_figure.html", context)


def _by_organisation(
    request: HttpRequest, figure: Figure, stages: list[Stage], national: list[Shown | None]
) -> dict[str, Any]:
    asked = request.GET.get("period") or f"{stages[-1].period:%Y-%m}"
    found = [
        (one, nation)
        for one, nation in zip(stages, national, strict=True)
        if f"{one.period:%Y-%m}" == asked
    ]
    if not found:
        raise Http404
    stage, nation = found[0]
    told = released_statistics.breakdowns(stage)
    by = request.GET.get("by") or next(iter(told), "")
    if told and by not in told:
        raise Http404
    return {
        "stage": stage,
        "nation": nation,
        "nation_bar": bar(nation.rate, 100) if nation and figure.of else None,
        "by": by,
        "by_title": breakdown_parts.titles().get(by, ""),
        "by_choices": [(one, breakdown_parts.titles()[one]) for one in told],
        "ranked": ranked(figure, stage, by) if told else [],
    }


def ranked(figure: Figure, stage: Stage, by: str) -> list[Ranked]:
    """By rate where the figure has one, else by number; what is left out last, in the order of the
    breakdown, so that its place tells nothing."""
    table = released_statistics.by(stage, by)
    (joined,) = released_statistics.together([stage], by)
    named = breakdown_parts.organisations(by, table)
    told = {one: shown(figure, table[one]) for one in breakdown_parts.in_order(by, table)}
    values = {one: value(figure, found) for one, found in told.items()}
    most = 100 if figure.of else max((one for one in values.values() if one is not None), default=1)
    rows = [
        Ranked(
            breakdown_parts.name_of(one, joined),
            named.get(one, ""),
            breakdown_parts.page_of(by, one),
            found,
            values[one],
            bar(values[one], most),
        )
        for one, found in told.items()
    ]
    return sorted(rows, key=lambda one: (one.value is None, -(one.value or 0)))


def value(figure: Figure, found: Shown | None) -> Decimal | int | None:
    """What it is ranked by; None where that is left out."""
    if found is None:
        return None
    return found.rate if figure.of else found.number


def bar(length: Decimal | int | None, most: Decimal | int) -> int | None:
    return None if length is None else round(FULL_BAR * length / (most or 1))
