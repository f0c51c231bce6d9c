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
from extracts.released_statistics import shown
from extracts.statistics_views import in_groups


@require_safe
def statistics_mine(request: SignedInRequest) -> HttpResponse:
    """An organisation of one's own: its newest exact figures, and one of them over the months,
    beside what everybody sees of the nation. Raises Http404 for anybody else's."""
    mine = list(request.user.organisations.order_by("-role", "code"))
    return _page(request, _asked_for(request, mine), mine)


@require_safe
def statistics_exact(request: SignedInRequest, role: str, code: str) -> HttpResponse:
    """The same of any organisation, for staff."""
    return _page(request, get_object_or_404(Organisation, role=role, code=code), [])


def _page(
    request: SignedInRequest, organisation: Organisation, mine: list[Organisation]
) -> HttpResponse:
    stages = own_figures.stages(organisation)
    context = {
        "exact": True,
        "is_mine": bool(mine),
        "organisation": organisation,
        "others": [one for one in mine if one != organisation],
        "code": organisation.code,
        "name": organisation.name,
        "by_title": breakdown_parts.titles()[organisation.role],
        "is_commissioner": organisation.role == Organisation.Role.COMMISSIONER,
        "address": breakdown_parts.page_of(organisation.role, organisation.code),
        **_figures(request, organisation, stages),
        **_former(stages),
    }
    return render(request, "extracts/statistics_organisation.html", context)


def _asked_for(request: SignedInRequest, mine: list[Organisation]) -> Organisation:
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
    own = own_figures.last_months(stages)
    if not own:
        return {}
    newest, several = own[-1], own_figures.figures_in(own)
    released = {(one.period, one.stage): one for one in released_statistics.stages()}
    beside = [released.get((one.period, one.stage)) for one in own]
    those = [one for one in beside if one]
    told = dict(zip(those, released_statistics.national(those), strict=True))
    national = [told[one] if one else None for one in beside]
    first = next((one.figure for one in headlines() if one.figure in several), several[0])
    figure = figure_called(request.GET.get("figure") or first.name)
    ours = [exact(figure, one.figures) for one in own]
    theirs = [shown(figure, kept) for kept in national]
    lines = {organisation.code: ours, "National": theirs}
    return {
        "newest": newest,
        "groups": [
            (group, [(one, exact(one, newest.figures), shown(one, national[-1])) for one in some])
            for group, some in in_groups(own_figures.figures_in([newest])).items()
        ],
        "figure": figure,
        "of": title_of(figure.of),
        "choices": in_groups(several),
        "history": list(zip(own, ours, theirs, strict=True))[::-1],
        **drawings(figure, own, lines),
    }


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
