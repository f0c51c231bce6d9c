"""Forms: what a visitor may choose."""

import uuid
from typing import Any

from django import forms

from accounts.models import Organisation, User
from submissions.models import Window
from submissions.models.calendar import Kind


class SendForm(forms.Form):
    """Provider among one's own, kind, and the form's own key; the file comes by its own way."""

    once = forms.UUIDField(widget=forms.HiddenInput)
    provider = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Provider",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the provider whose data you send"},
    )
    kind = forms.ChoiceField(
        label="What do you send?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose Primary or Refresh"},
    )

    def __init__(self, *args: Any, user: User, window: Window, **kwargs: Any):
        kwargs.setdefault("initial", {}).setdefault("once", uuid.uuid4())
        super().__init__(*args, **kwargs)
        providers = user.providers
        self.fields["provider"].queryset = providers  # type: ignore[attr-defined]
        if providers.count() == 1:
            self.fields["provider"].initial = providers.first()
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (kind.value, f"{kind.label} for {window.period(kind):%B %Y}") for kind in Kind
        ]


class OpenWindowForm(forms.Form):
    """Up to the end of which day a window is open."""

    until = forms.DateField(
        label="Open until the end of this day",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": "Enter the last day of the window",
            "invalid": "Enter a real date",
        },
    )
