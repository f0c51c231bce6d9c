"""Thin doors: the statistics as files, of what stands and of one release as it was."""

from collections.abc import Sequence
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from extracts import released_statistics
from extracts.models import ReleasedPart
from extracts.release_views import named, visible
from extracts.released_files import as_file
from extracts.released_statistics import Stage
from extracts.statistics_files import FORMS, file_name
from extracts.statistics_views import stages_of
from extracts.withdrawn_views import says_if_withdrawn


@require_safe
@says_if_withdrawn(ReleasedPart.STATISTICS)
def statistics_month_file(request: HttpRequest, period: date, form: str) -> HttpResponse:
    """Both stages of a month as they stand."""
    stages = stages_of(period, is_quarter=False)
    return _file(stages, form, file_name(stages))


@require_safe
@says_if_withdrawn(ReleasedPart.STATISTICS, quarter=True)
def statistics_quarter_file(request: HttpRequest, period: date, form: str) -> HttpResponse:
    stages = stages_of(period, is_quarter=True)
    return _file(stages, form, file_name(stages))


@require_safe
def statistics_release_file(request: HttpRequest, key: int, form: str) -> HttpResponse:
    """All stages of one release as it was, also once it is withdrawn; one that is hidden is shown
    to staff alone."""
    release = visible(request, key)
    stages = released_statistics.of_release(release.id)
    return _file(stages, form, named(release, f"statistics_release_{key}"))


def _file(stages: Sequence[Stage], form: str, name: str) -> HttpResponse:
    # The moment beside the number: a database that is made anew counts from the beginning.
    parts = "-".join(f"{one.part}.{one.at:%Y%m%d%H%M%S%f}" for one in stages)
    return as_file(FORMS, stages, form, name, parts)
