"""Explaining: the sender says once why a warning about a record is true.

The words are remembered for the provider, the rule, the column and the record's hashed key, so that
they stand beside the same warning in every later file. An explained warning still counts.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q

from accounts import audit
from accounts.models import User
from accounts.refusals import Refusal
from submissions import reporting
from submissions.comparing import said
from submissions.models import Explanation, FindingPlace, Submission
from validation.finding import Severity

LONGEST = 500


class Places(models.QuerySet[FindingPlace]):
    """Places of warnings about records, which can be explained."""

    def of(self, submission: Submission) -> Self:
        """Each with `explained`, whether it is."""
        warnings = self.filter(finding__submission=submission, finding__severity=Severity.WARN)
        same = Explanation.objects.filter(
            provider_id=submission.provider_id,
            rule=OuterRef("finding__rule"),
            column=OuterRef("finding__column"),
            record_key=OuterRef("record_key"),
        )
        return warnings.exclude(record_key=b"").annotate(explained=Exists(same)).order_by("id")


def places(submission: Submission) -> Places:
    """The warnings of a submission about records, as far as their places are kept."""
    return Places(FindingPlace).of(submission)


@dataclass(frozen=True)
class Warned:
    """A rule that warns of records: how often, and of how many it is explained why. `kept` of its
    places are known."""

    code: str
    times: int
    kept: int
    explained: int

    @property
    def sentence(self) -> str:
        return said(self.code)


def warned(submission: Submission) -> list[Warned]:
    """The rules that warn of records, by code."""
    times: dict[str, int] = {}
    for one in submission.finding_counts.all():
        times[one.rule] = times.get(one.rule, 0) + one.count
    by_rule = places(submission).order_by("finding__rule").values_list("finding__rule")
    counted = by_rule.annotate(Count("id"), told=Count("id", filter=Q(explained=True)))
    return [Warned(code, times[code], kept, told) for code, kept, told in counted]


def page(submission: Submission, *, is_sender: bool) -> dict[str, Any]:
    """What the page of a submission shows of warnings that are true; its sender may explain."""
    return {"warned": warned(submission), "may_explain": is_sender}


def explanation(place: FindingPlace) -> Explanation | None:
    """What is said of the warning, if anything is."""
    same = Explanation.objects.filter(
        provider_id=place.finding.submission.provider_id,
        rule=place.finding.rule,
        column=place.finding.column,
        record_key=place.record_key,
    )
    return same.select_related("by").first()


def words_of(kept: Explanation) -> str:
    """The words themselves: a look at what may identify somebody."""
    return reporting.unseal(bytes(kept.words))["words"]


@transaction.atomic
def explain(*, place: FindingPlace, by: User, words: str) -> Explanation:
    """Remember why a warning is true. Raises Refusal for what is no warning about a record, for no
    words or too many, and where it is explained already."""
    submission = place.finding.submission
    words = words.strip()
    if place.finding.severity != Severity.WARN or not place.record_key:
        raise Refusal("Only a warning about a record can be explained.")
    if not place.detail:
        raise Refusal("This period is over: nothing that names its records is kept any more.")
    if not reporting.unseal(bytes(place.detail))["key"].strip():
        raise Refusal("This row has no identifier by which it could be known again.")
    if not words or len(words) > LONGEST:
        raise Refusal(f"Write why it is true, in at most {LONGEST} characters.")
    kept, is_new = Explanation.objects.get_or_create(
        provider_id=submission.provider_id,
        rule=place.finding.rule,
        column=place.finding.column,
        record_key=place.record_key,
        defaults={"words": reporting.seal({"words": words}), "by": by},
    )
    if not is_new:
        raise Refusal(f"{kept.by} has explained it already.")
    _record("warning explained", place, by)
    return kept


@transaction.atomic
def take_back(*, place: FindingPlace, by: User) -> None:
    """The warning is explained no more, in no file. Raises Refusal where it was not."""
    kept = explanation(place)
    if kept is None or not Explanation.objects.filter(id=kept.id).delete()[0]:
        raise Refusal("This warning is not explained any more.")
    _record("explanation taken back", place, by)


def _record(what: str, place: FindingPlace, by: User) -> None:
    submission = place.finding.submission
    audit.record(
        what,
        by=by,
        organisation=submission.provider,
        submission=submission.reference,
        rule=place.finding.rule,
    )


def forget_up_to(period: date) -> None:
    """When a period is purged: what no file of a later period needs. An explanation goes with the
    last period in whose files its warning was found."""
    later = FindingPlace.objects.filter(
        record_key=OuterRef("record_key"),
        finding__rule=OuterRef("rule"),
        finding__column=OuterRef("column"),
        finding__submission__provider=OuterRef("provider"),
        finding__submission__period__gt=period,
    )
    Explanation.objects.exclude(Exists(later)).delete()
