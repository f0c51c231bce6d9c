"""Forms of releasing: what staff looked at, and why something is withdrawn."""

from collections.abc import Iterable
from typing import Any

from django import forms

from extracts.checklist import Item
from submissions.forms import Lines

LONGEST = 500


def reason(label: str, hint: str, **more: Any) -> Lines:
    return Lines(
        label=label,
        help_text=hint,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": f"Enter: {label.lower()}"},
        **more,
    )


class ReleaseForm(forms.Form):
    """A tick for each item of the checklist that somebody has to look at; after an earlier release
    also what changed."""

    def __init__(self, *args: Any, items: Iterable[Item], again: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for item in items:
            words = f"Tick that you have looked at: {item.title}"
            self.fields[item.name] = forms.BooleanField(
                label=f"I have looked at this: {item.title}", error_messages={"required": words}
            )
        if again:
            self.fields["why"] = reason(
                "What changed since the release before, and why",
                "Everybody can read this. Name no person.",
            )


class WithdrawForm(forms.Form):
    """Why a release is withdrawn, and whether its figures may still be seen."""

    HOW = (
        ("wrong", "The figures are wrong: they stay readable, marked as withdrawn"),
        ("hidden", "The figures must not be seen: from then on staff alone see them"),
    )
    how = forms.ChoiceField(
        label="How is it withdrawn?",
        choices=HOW,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it is withdrawn"},
    )
    why = reason(
        "Why it is withdrawn",
        "Everybody can read this. Name no person, and no figure that is small.",
    )

    @property
    def is_hidden(self) -> bool:
        return self.cleaned_data["how"] == "hidden"
