"""What is released to the public: read as it was kept when it was released, never reckoned anew."""

from datetime import date
from typing import Any, NamedTuple

from extracts.models import Release, ReleasedPart
from submissions.models.calendar import Kind

STAGES = {Kind.PRIMARY: "provisional", Kind.REFRESH: "final", ReleasedPart.QUARTER: "quarterly"}


class Released(NamedTuple):
    """One part of a release, of one stage; `content` as the part's own module describes it."""

    period: date
    stage: str
    release: Release
    content: dict[str, Any]

    @property
    def words(self) -> str:
        return STAGES[self.stage]


def released(part: str) -> dict[date, list[Released]]:
    """What stands of a part, by period, the newest first; of a period by stage, provisional first.
    Of each period and stage the newest release that is not withdrawn stands."""
    standing = (
        ReleasedPart.objects.filter(part=part, release__withdrawn_at=None)
        .select_related("release")
        .order_by("-period", "stage", "-release_id")
        .distinct("period", "stage")
    )
    found: dict[date, list[Released]] = {}
    for one in sorted(standing, key=lambda one: list(STAGES).index(one.stage)):
        told = Released(one.period, one.stage, one.release, one.content)
        found.setdefault(one.period, []).append(told)
    return dict(sorted(found.items(), reverse=True))
