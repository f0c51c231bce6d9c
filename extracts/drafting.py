"""What a release of a run would show to the public: made from what the run counted, after
disclosure control. The checklist looks at it, and a release keeps it."""

from datetime import date
from typing import Any, NamedTuple

from extracts import data_quality, processing, statistics
from extracts.models import ReleasedPart, Run


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
    drafts = [
        *((quality, stage, data_quality.content(run, stage)) for stage in processing.STAGES),
        *(
            (counted, stage, statistics.content(run, stage))
            for stage in (*processing.STAGES, ReleasedPart.QUARTER)
        ),
    ]
    return [
        Draft(part, str(stage), _period(run, stage), content)
        for part, stage, content in drafts
        if content.get("items") or content.get("figures")
    ]


def _period(run: Run, stage: str) -> date:
    window = run.window
    return window.refresh_period if stage == ReleasedPart.QUARTER else window.period(stage)


def ahead(key: int) -> None:
    """Work out what a run that is done would show, so that nobody waits for it at the checklist."""
    run = Run.objects.filter(id=key, status=Run.Status.DONE).select_related("window").first()
    if run:
        parts(run)
