"""Sentences that several pages of the statistics say."""

from django import template
from django.utils.html import format_html

from extracts.disclosure import STAR
from extracts.specification import words

register = template.Library()
register.simple_tag(words.said)


@register.filter
def starred(told: str | None) -> str:
    """A figure in words; what a star means is said to those who do not see it. Blank where nothing
    is told."""
    if told != STAR:
        return told or ""
    return format_html('{}<span class="nhsuk-u-visually-hidden"> left out</span>', STAR)
