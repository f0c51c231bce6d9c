"""Sentences that several pages of the statistics say."""

from django import template

from extracts.specification import words

register = template.Library()
register.simple_tag(words.said)
