"""Thin doors: the exact figures of one's own provider or commissioner, and for staff of any."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.doors import SignedInRequest
from accounts.models import Organisation
from extracts import breakdown_parts, own_figures, released_statistics, releases
from extracts.comparison_views import drawings, figure_called, title_of
from extracts.figures import former
from extracts.headlines import headlines
from extracts.own_figures import Own, exact
from extracts.released_statistics import MONTHS, shown
from extracts.statistics import POLICY
from extracts.statistics_views import in_groups


@require_safe
def statistics_mine(request: SignedInRequest) -> HttpResponse:
    """An organisation of one's own: its exact figures of a month, and one of them over the months,
    beside what everybody sees of the nation."""
    return _page(request, _asked_for(request), is_mine=True)


@require_safe
def statistics_exact(request: SignedInRequest, role: str, code: str) -> HttpResponse:
    """The same of any organisation, for staff."""
    organisation = get_object_or_404(Organisation, role=role, code=code)
    return _page(request, organisation, is_mine=False)


@require_safe
def statistics_mine_csv(request: SignedInRequest) -> HttpResponse:
    """All exact figures of an organisation of one's own as a file, one a line."""
    organisation = _asked_for(request)
    response = HttpResponse(
        own_figures.as_csv(own_figures.stages(organisation)), content_type="text/csv; charset=utf-8"
    )
    name = f"exact_figures_{organisation.code}_not_to_be_passed_on.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _page(request: SignedInRequest, organisation: Organisation, *, is_mine: bool) -> HttpResponse:
    stages = own_figures.stages(organisation)
    context = {
        "is_mine": is_mine,
        "organisation": organisation,
        "others": [one for one in _mine(request) if is_mine and one != organisation],
        "least": POLICY.least,
        "code": organisation.code,
        "name": organisation.name,
        "by_title": breakdown_parts.titles()[organisation.role],
        "is_commissioner": organisation.role == Organisation.Role.COMMISSIONER,
        "address": released_statistics.page_of(organisation.role, organisation.code),
        **_figures(request, organisation, stages),
        **_former(stages),
    }
    return render(request, "extracts/statistics_exact.html", context)


def _mine(request: SignedInRequest) -> list[Organisation]:
    return list(request.user.organisations.order_by("-role", "code"))


def _asked_for(request: SignedInRequest) -> Organisation:
    """The organisation of one's own that is asked for, or the first. Raises Http404 for anybody
    else's."""
    mine = _mine(request)
    for role in Organisation.Role:
        if code := request.GET.get(role):
            for one in mine:
                if (one.role, one.code) == (role, code):
                    return one
            raise Http404
    return mine[0]


def _figures(
    request: SignedInRequest, organisation: Organisation, stages: list[Own]
) -> dict[str, Any]:
    """One figure over the months, and one month in full: those asked for. Raises Http404 where
    there is none such."""
    months = own_figures.months(stages)
    if not months:
        return {}
    own = months[-MONTHS:]
    newest = _month_asked_for(request, months)
    released = {(one.period, one.stage): one for one in released_statistics.stages()}
    beside = {one: released.get((one.period, one.stage)) for one in {*own, newest}}
    those = [one for one in beside.values() if one]
    told = dict(zip(those, released_statistics.national(those), strict=True))
    national = {one: told[found] if found else None for one, found in beside.items()}
    several = own_figures.figures_in([*own, newest])
    first = next((one.figure for one in headlines() if one.figure in several), several[0])
    figure = figure_called(request.GET.get("figure") or first.name)
    ours = [exact(figure, one.figures) for one in own]
    theirs = [shown(figure, national[one]) for one in own]
    lines = {organisation.code: ours, "National": theirs}
    return {
        "unit": "month",
        "newest": newest,
        "is_released": bool(beside[newest]),
        "months": months[::-1],
        "released": {period for period, _ in released},
        "groups": [
            (
                group,
                [(one, exact(one, newest.figures), shown(one, national[newest])) for one in some],
            )
            for group, some in in_groups(own_figures.figures_in([newest])).items()
        ],
        "figure": figure,
        "of": title_of(figure.of),
        "choices": in_groups(several),
        "history": [
            (one, mine, nation, bool(beside[one]))
            for one, mine, nation in zip(own, ours, theirs, strict=True)
        ][::-1],
        **drawings(figure, own, lines),
    }


def _month_asked_for(request: SignedInRequest, months: list[Own]) -> Own:
    asked = request.GET.get("month") or f"{months[-1].period:%Y-%m}"
    for one in months:
        if f"{one.period:%Y-%m}" == asked:
            return one
    raise Http404


def _former(stages: list[Own]) -> dict[str, Any]:
    """The former indicators of the newest quarter, if there is one."""
    quarter = own_figures.newest_quarter(stages)
    if quarter is None:
        return {}
    several = former(own_figures.figures_in([quarter]))
    return {
        "quarter": releases.in_words(quarter.period, quarter.stage),
        "former": [(one, exact(one, quarter.figures)) for one in several],
    }
