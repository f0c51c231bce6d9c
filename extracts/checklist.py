"""What staff look at before anything is released: one item for each question, which says well, look
or blocks, in words and with the numbers. Exact figures are staff's to see.

An item is plain data, because what it said is kept with the release.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from accounts.clock import this_day
from extracts import counting, differencing, large_changes, processing
from extracts.drafting import Draft
from extracts.figures import figures
from extracts.large_changes import Change, Threshold, thresholds
from extracts.models import Release, ReleasedPart, Run
from extracts.releases import PARTS, in_words
from submissions import tracking
from submissions.models.calendar import Kind
from submissions.periods import ends_quarter

# So many rows of an item are listed.
MOST = 200
DAY = "day"
EXPLAINED = (
    "“1 to 2 more” means that whoever takes what was shown before from what is shown now learns "
    "that one or two persons more are counted: release it where that tells nothing of anybody; "
    "otherwise do not, and tell whoever looks after disclosure control."
)


class Verdict(StrEnum):
    WELL = "well"
    LOOK = "look"
    BLOCKS = "blocks"


@dataclass
class Item:
    """One question of the checklist and its answer: sentences, and a table where there is one."""

    name: str
    title: str
    verdict: Verdict = Verdict.WELL
    words: list[str] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def say(self, words: str, verdict: Verdict = Verdict.WELL) -> None:
        """Add a sentence; the worst verdict counts."""
        self.words.append(words)
        self.at_least(verdict)

    def at_least(self, verdict: Verdict) -> None:
        order = list(Verdict)
        self.verdict = max(self.verdict, verdict, key=order.index)


def of(run: Run, drafts: Collection[Draft]) -> list[Item]:
    """The checklist of a run, of which `drafts` would be released."""
    return [
        _waiting(run),
        _day(run),
        _coverage(run),
        _changes(run),
        _differencing(run, drafts),
        _sizes(run, drafts),
    ]


def plain(items: Iterable[Item]) -> list[dict[str, Any]]:
    """As it is kept with what was asked for and with the release."""
    return [asdict(item) | {"verdict": item.verdict.value} for item in items]


def comparable(said: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What may not change between asking and confirming: the days to the announced one do."""
    return [one for one in said if one["name"] != DAY]


def titles(said: Iterable[dict[str, Any]], names: Collection[str]) -> list[str]:
    """Of items as they were kept the titles of those that are named."""
    return [one["title"] for one in said if one["name"] in names]


def to_look_at(items: Iterable[Item]) -> list[Item]:
    return [item for item in items if item.verdict == Verdict.LOOK]


def blocking(items: Iterable[Item]) -> list[Item]:
    return [item for item in items if item.verdict == Verdict.BLOCKS]


def _stage_words(run: Run, stage: str) -> str:
    window = run.window
    return in_words(
        window.primary_period if stage == Kind.PRIMARY else window.refresh_period, stage
    )


def _waiting(run: Run) -> Item:
    """Nothing is on its way that would change what was counted."""
    item = Item("waiting", "Nothing waits")
    if not run.is_published:
        item.say("The extracts of this window are not published yet.", Verdict.BLOCKS)
    if in_hand := processing.in_hand(run.window).count():
        item.say(f"Submissions still being checked: {in_hand}.", Verdict.BLOCKS)
    if processing.needs_processing_again(run):
        words = "Something else stands by now than what was processed. Process the window again."
        item.say(words, Verdict.BLOCKS)
    failed = [one.reference for one in tracking.failed().filter(window=run.window)]
    if failed:
        words = f"Failed through our fault, and not made good since: {', '.join(failed)}."
        item.say(words, Verdict.LOOK)
    if not item.words:
        item.say(f"{run.extracts.count()} extracts are published, and nothing is on its way.")
    return item


def _day(run: Run) -> Item:
    """Everybody was told the day on which it comes."""
    item = Item(DAY, "Announced day")
    due = run.window.statistics_due
    early = (due - this_day()).days
    if Release.objects.filter(run__window=run.window).exists():
        item.say(f"It was released before: the announced day, {due:%A %-d %B %Y}, counts no more.")
    elif early > 0:
        words = f"{early} day{'' if early == 1 else 's'} early: the calendar of publications"
        item.say(f"{words} announced {due:%A %-d %B %Y}, and people rely on it.", Verdict.LOOK)
    else:
        item.say(f"The calendar of publications announced {due:%A %-d %B %Y}.")
    return item


def _coverage(run: Run) -> Item:
    """Who is expected, and whose data a stage rests on."""
    item = Item("coverage", "Coverage")
    for stage in processing.STAGES:
        sent = _sent(run, stage)
        (expected,) = counting.expected(run, stage).values()
        missing = [code for code in expected if code not in sent]
        words = f"{_stage_words(run, stage)}: {len(sent)} of {len(expected)} expected providers."
        if missing:
            words += f" Missing: {', '.join(missing)}."
        item.say(words, Verdict.LOOK if missing else Verdict.WELL)
        if stage == Kind.REFRESH and sent:
            kinds = list(sent.values())
            item.say(
                f"{_stage_words(run, stage)}: {kinds.count(Kind.REFRESH)} of {len(expected)} sent "
                f"a Refresh; the Primary stands in for {kinds.count(Kind.PRIMARY)}.",
                Verdict.WELL if Kind.REFRESH in kinds else Verdict.LOOK,
            )
    return item


def _sent(run: Run, stage: str) -> dict[str, str]:
    """By provider that a stage rests on, whether its Primary or its Refresh stood."""
    frozen = run.frozen.filter(stage=stage)
    return dict(frozen.values_list("submission__provider__code", "submission__kind"))


def _changes(run: Run) -> Item:
    """Large changes against what one would expect."""
    item = Item("changes", "Large changes")
    titled = {figure.name: figure.title for figure in figures()}
    missing: set[str] = set()
    for comparison in large_changes.comparisons(run):
        changes = large_changes.large(run, comparison)
        words = large_changes.words(run, comparison)
        if changes is None:
            item.say(f"{words}: there is nothing to compare with.")
            continue
        gone = _gone(run, comparison.stage, changes)
        missing |= gone
        changes = [one for one in changes if one.of not in gone]
        told = f"{words}: {len(changes)} large change{'' if len(changes) == 1 else 's'}"
        limits = (thresholds()[comparison.check, level] for level in large_changes.LEVELS)
        item.say(
            f"{told}. Large is {' and '.join(map(_large_in_words, large_changes.LEVELS, limits))}.",
            Verdict.LOOK if changes else Verdict.WELL,
        )
        item.rows += [
            [
                words,
                one.of or "National",
                titled[one.figure],
                f"{one.before:,}",
                f"{one.now:,}",
                one.percent,
            ]
            for one in changes
        ]
    if missing:
        words = f"Missing altogether, and not listed here: {', '.join(sorted(missing))}."
        item.say(words, Verdict.LOOK)
    _only_the_first(item)
    if item.rows:
        item.head = ["What", "Of", "Figure", "Before", "Now", "Change"]
    return item


def _gone(run: Run, stage: str, changes: Iterable[Change]) -> set[str]:
    """Which providers sent nothing that a stage could rest on. Coverage tells of those that are
    expected; all their figures say the same once more."""
    sent = _sent(run, Kind.PRIMARY if stage == Kind.PRIMARY else Kind.REFRESH)
    still = {one.of for one in changes if one.now}
    return {one.of for one in changes if one.of} - sent.keys() - still


def _large_in_words(level: str, limit: Threshold) -> str:
    return f"{limit.percent}% and at least {limit.least} ({level})"


def _differencing(run: Run, drafts: Collection[Draft]) -> Item:
    """What could be learnt of single persons beside earlier releases."""
    item = Item("differencing", "Beside earlier releases")
    _hidden_before(item, run, drafts)
    found = differencing.differences(drafts)
    if not found:
        item.say("Nothing that was shown before differs from this by one to four persons.")
        return item
    item.say(
        f"Figures of which something small could be learnt beside earlier ones: {len(found):,}.",
        Verdict.LOOK,
    )
    item.say(EXPLAINED)
    titled = {figure.name: figure.title for figure in figures()}
    item.head = ["Of", "Figure", "Shown before", "As", "Now", "What can be learnt"]
    item.rows = [
        [
            f"{one.breakdown.capitalize()} {one.of}".strip(),
            titled.get(one.figure, one.figure),
            one.shown_before,
            one.before,
            one.now,
            one.learnt,
        ]
        for one in found
    ]
    _only_the_first(item)
    return item


def _hidden_before(item: Item, run: Run, drafts: Collection[Draft]) -> None:
    """What must not be seen is not released once more of the same run. Of a later run parts can be
    the same and right: somebody has to know."""
    hidden = Release.objects.filter(run__window=run.window, hidden_at__isnull=False).order_by("id")
    if same := [one for one in hidden if one.run_id == run.id]:
        words = f"What {_releases(same)} showed, of the same run, must not be seen."
        item.say(f"{words} Process the window again.", Verdict.BLOCKS)
        return
    for draft in drafts:
        place = {"part": draft.part, "stage": draft.stage, "period": draft.period}
        parts = ReleasedPart.objects.filter(**place, content=draft.content)
        if showed := hidden.filter(parts__in=parts):
            words = f"{PARTS[draft.part]}: {in_words(draft.period, draft.stage)}"
            told = f"the same was shown by what must not be seen, {_releases(showed)}."
            item.say(f"{words}: {told}", Verdict.LOOK)


def _releases(several: Iterable[Release]) -> str:
    return f"release {' and '.join(str(one.id) for one in several)}"


def _only_the_first(item: Item) -> None:
    if len(item.rows) > MOST:
        item.say(f"Listed are the first {MOST} of {len(item.rows):,}.")
        del item.rows[MOST:]


def _sizes(run: Run, drafts: Collection[Draft]) -> Item:
    """How much would be released, and how much of it is left out."""
    item = Item("sizes", "How much is shown")
    item.head = ["Part", "Rows", "Figures", "Left out", "Share", "Share released before"]
    limit = thresholds()["left out", "all"]
    for draft in drafts:
        rows, shown, stars = size(draft.part, draft.content)
        share, before = _percent(shown, stars), _percent(*_released_before(draft))
        what = f"{PARTS[draft.part]}: {in_words(draft.period, draft.stage)}"
        cells = [f"{rows:,}", f"{shown:,}", f"{stars:,}", _share(share), _share(before)]
        item.rows.append([what, *cells])
        if share is not None and before is not None and share - before >= limit.percent:
            words = f"{what}: {_share(share)} of the figures are left out, {_share(before)} of"
            item.say(f"{words} {limit.words}.", Verdict.LOOK)
    found = {(draft.part, draft.stage) for draft in drafts}
    for stage in processing.STAGES:
        missing = [PARTS[part] for part in PARTS if (part, stage) not in found]
        if missing and run.frozen.filter(stage=stage).exists():
            words = f"{_stage_words(run, stage)}: nothing was counted ({', '.join(missing)})."
            item.say(f"{words} Process the window again.", Verdict.BLOCKS)
    period, quarter = run.window.refresh_period, ReleasedPart.QUARTER
    if ends_quarter(period) and (ReleasedPart.STATISTICS, quarter) not in found:
        words = f"{in_words(period, quarter)}: the quarter was not counted and is not released."
        item.say(words, Verdict.LOOK)
    if not drafts:
        item.say("Nothing was counted, so there is nothing to release.", Verdict.BLOCKS)
    return item


def size(part: str, content: dict[str, Any]) -> tuple[int, int, int]:
    """Of what is shown: how many rows and figures, and how many of these are left out."""
    rows = _quality_rows(content) if part == ReleasedPart.QUALITY else _statistics_rows(content)
    figures = [figure for row in rows for figure in row]
    return len(rows), len(figures), figures.count(None)


def _quality_rows(content: dict[str, Any]) -> list[list[Any]]:
    return [
        [whole, *parts, rate]
        for _, _, rows, national, _ in content["items"]
        for whole, parts, rate, _ in [national, *rows.values()]
    ]


def _statistics_rows(content: dict[str, Any]) -> list[list[Any]]:
    """A rate counts where the figure has one."""
    with_rate = {figure.name for figure in figures() if figure.of}
    return [
        [cell for name, cells in row.items() for cell in cells[: 2 if name in with_rate else 1]]
        for rows in content["figures"].values()
        for row in rows.values()
    ]


def _percent(shown: int, stars: int) -> float | None:
    return 100 * stars / shown if shown else None


def _share(percent: float | None) -> str:
    return "" if percent is None else f"{percent:.0f}%"


def _released_before(draft: Draft) -> tuple[int, int]:
    """How many figures the newest earlier release of the same kind had, and how many of them were
    left out: of the same period, where it is released again, else of one before."""
    before = ReleasedPart.objects.filter(
        part=draft.part, stage=draft.stage, period__lte=draft.period
    )
    newest = before.order_by("-period", "-release_id").first()
    return size(newest.part, newest.content)[1:] if newest else (0, 0)
