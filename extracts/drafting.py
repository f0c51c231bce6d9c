"""What a release of a run would show to the public: made from what the run counted, after
disclosure control. The checklist looks at it, and a release keeps it."""

from datetime import date
from functools import partial
from typing import Any, NamedTuple

from extracts import beside_months, data_quality, processing, statistics
from extracts.models import ReleasedPart, Run
from submissions.models.calendar import Kind


class Draft(NamedTuple):
    """One part, of one stage; of a quarter `period` is the last month."""

    part: str
    stage: str
    period: date
    content: dict[str, Any]


def parts(run: Run) -> list[Draft]:
    """Every part that there is something of. A quarter comes with the final month that ends it,
    where it was counted."""
    quality, counted = ReleasedPart.QUALITY, ReleasedPart.STATISTICS
    months = {stage: statistics.content(run, stage) for stage in processing.STAGES}
    drafts = [
        *((quality, stage, data_quality.content(run, stage)) for stage in processing.STAGES),
        *((counted, stage, content) for stage, content in months.items()),
        (counted, ReleasedPart.QUARTER, _quarter(run, months[Kind.REFRESH])),
    ]
    return [
        Draft(part, str(stage), _period(run, stage), content)
        for part, stage, content in drafts
        if content.get("items") or content.get("figures")
    ]


def _quarter(run: Run, final: dict[str, Any]) -> dict[str, Any]:
    """The quarter beside its last month, as it would be released with it, and the other two as they
    were."""
    last = run.window.refresh_period
    return beside_months.without_what_tells(
        partial(statistics.content, run, ReleasedPart.QUARTER),
        beside_months.final_months(last, {last: final} if final["figures"] else {}),
    )


def _period(run: Run, stage: str) -> date:
    window = run.window
    return window.refresh_period if stage == ReleasedPart.QUARTER else window.period(stage)


def ahead(key: int) -> None:
    """Work out what a run that is done would show, so that nobody waits for it at the checklist."""
    run = Run.objects.filter(id=key, status=Run.Status.DONE).select_related("window").first()
    if run:
        parts(run)
