"""Thin doors: the statistics as files, of what stands and of one release as it was."""

from collections.abc import Sequence
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from extracts import released_statistics
from extracts.release_views import visible
from extracts.released_statistics import Stage
from extracts.statistics_files import FORMS
from extracts.statistics_views import stages_of


@require_GET
def statistics_month_file(request: HttpRequest, period: date, form: str) -> HttpResponse:
    """Both stages of a month as they stand."""
    return _file(stages_of(period, is_quarter=False), form, f"statistics-{period:%Y-%m}")


@require_GET
def statistics_quarter_file(request: HttpRequest, period: date, form: str) -> HttpResponse:
    return _file(stages_of(period, is_quarter=True), form, f"statistics-quarter-{period:%Y-%m}")


@require_GET
def statistics_release_file(request: HttpRequest, key: int, form: str) -> HttpResponse:
    """All stages of one release as it was, also once it is withdrawn; one that is hidden is shown
    to staff alone."""
    stages = released_statistics.of_release(visible(request, key).id)
    return _file(stages, form, f"statistics-release-{key}")


def _file(stages: Sequence[Stage], form: str, named: str) -> HttpResponse:
    """Raises Http404 where nothing is released, or there is no such form."""
    if form not in FORMS or not stages:
        raise Http404
    response = HttpResponse(FORMS[form].made(stages), content_type=FORMS[form].content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{named}.{form}"'
    return response
