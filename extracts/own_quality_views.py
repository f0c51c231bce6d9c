"""Thin doors: the exact data quality of one's own provider, and for staff of any."""

from collections.abc import Collection
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.doors import SignedInRequest
from accounts.models import Organisation
from extracts import data_quality, released_quality, trends
from extracts.data_quality import Own, Stage
from extracts.data_quality_views import Row, item_called, number_words, page_of
from extracts.released_statistics import MONTHS
from extracts.releases import Released
from validation import quality
from validation.quality import CATEGORIES, Item

NOT_RELEASED = "not released yet"
# What is followed over the months where nothing is to improve.
ITEM = quality.items()[0]


@require_safe
def quality_mine(request: SignedInRequest) -> HttpResponse:
    """The exact figures of a provider of one's own."""
    providers = list(request.user.providers.order_by("code"))
    code = request.GET.get("provider") or providers[0].code
    chosen = next((one for one in providers if one.code == code), None)
    if chosen is None:
        raise Http404
    return _of_provider(request, chosen, providers)


@require_safe
def quality_provider(request: SignedInRequest, code: str) -> HttpResponse:
    """The same of any provider, for staff."""
    provider = get_object_or_404(Organisation, code=code, role=Organisation.Role.PROVIDER)
    return _of_provider(request, provider, [provider])


def _of_provider(
    request: SignedInRequest, provider: Organisation, providers: list[Organisation]
) -> HttpResponse:
    """A month in full, and an item over the months: those asked for. Raises Http404 where there is
    none such."""
    sent = data_quality.published_of(provider)
    context: dict[str, Any] = {"provider": provider, "providers": providers}
    if sent:
        stage = _asked_for(request, sent)
        released = released_quality.months()
        public = _same(released, stage)
        own = data_quality.own(stage, provider)
        first = data_quality.to_improve_first(own)
        item = item_called(request.GET.get("item") or (first[0].item if first else ITEM).name)
        context |= {
            "item": item,
            "items": quality.items(),
            "keep": provider.code if len(providers) > 1 else "",
            "months": [*sent],
            "stage": stage,
            "first": [(one, rate_words(one), _nation(public, one.item)) for one in first],
            "rows": [_row(one, _nation(public, one.item)) for one in own.values()],
            "categories": CATEGORIES,
            "address": _public_page(provider),
            **_history(item, provider, released, sent),
        }
    return render(request, "extracts/quality_provider.html", context)


def _asked_for(request: HttpRequest, sent: dict[date, Stage]) -> Stage:
    """The stage of the month that is asked for, or of the newest. Raises Http404."""
    asked = request.GET.get("month")
    for period, stage in sent.items():
        if asked in {None, "", f"{period:%Y-%m}"}:
            return stage
    raise Http404


def _same(released: dict[date, list[Released]], stage: Stage) -> Released | None:
    """What is released of the period and stage that a run published."""
    found = released.get(stage.period, [])
    return next((one for one in found if one.stage == stage.stage), None)


def _nation(public: Released | None, item: Item) -> str:
    """An item's national rate as everybody sees it; blank where it was not counted."""
    if public is None:
        return NOT_RELEASED
    (shown,) = released_quality.national([public], item)
    return shown.rate_words if shown else ""


def rate_words(own: Own) -> str:
    """Blank where there is nothing that it could be of."""
    return "" if own.rate is None else f"{own.rate}%"


def _public_page(provider: Organisation) -> str:
    """The address of what everybody sees of it; blank where that is nothing."""
    return page_of(provider.code) if released_quality.tells_of(provider.code) else ""


def _row(own: Own, nation: str) -> Row:
    """Exact counts of an item, with the national rate; a category that none of its values can fall
    into is blank."""
    counts = zip(CATEGORIES, own.counts, strict=True)
    told = [number_words(n) if n or one in own.item.categories else "" for one, n in counts]
    address = f"{reverse('quality_rules')}#{own.item.name}"
    return own.item.title, "", address, [number_words(own.whole), *told, rate_words(own), nation]


def _history(
    item: Item,
    provider: Organisation,
    released: dict[date, list[Released]],
    sent: Collection[date],
) -> dict[str, Any]:
    """An item over the months: the provider's own rate beside the national one; those of which it
    sent something lead to that month in full."""
    stages = [several[-1] for several in list(data_quality.published().values())[:MONTHS]][::-1]
    own = [data_quality.own(stage, provider).get(item.name) for stage in stages]
    public = [_same(released, stage) for stage in stages]
    nation = [released_quality.national([one], item)[0] if one else None for one in public]

    def full(period: date) -> str:
        asked = {"provider": provider.code, "month": f"{period:%Y-%m}", "item": item.name}
        return f"?{urlencode(asked)}" if period in sent else ""

    ours = [one.rate if one else None for one in own]
    return {
        "labels": [provider.code, "National"],
        "history": [
            (
                stage,
                full(stage.period),
                [rate_words(mine) if mine else "nothing published", _nation(one, item)],
            )
            for stage, mine, one in zip(stages, own, public, strict=True)
        ][::-1],
        "trend_title": f"{item.title}: percent of values that are valid, by month",
        "trend": trends.trend(
            [f"{one.period:%b %Y}" for one in stages],
            {provider.code: ours, "National": [one.rate if one else None for one in nation]},
            hollow=[place for place, one in enumerate(stages) if one.is_provisional],
        ),
    }
