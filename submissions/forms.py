"""Forms: what a visitor may choose."""

import uuid
from datetime import date
from typing import Any

from django import forms

from accounts.forms import FIRST_DAY, ISO, LAST_DAY, day
from accounts.models import Organisation, User
from submissions.explaining import LONGEST
from submissions.models import Window
from submissions.models.calendar import Kind
from submissions.proposing import LABELS, Days


class CheckForm(forms.Form):
    """The form's own key; the file comes by its own way."""

    once = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("initial", {}).setdefault("once", uuid.uuid4())
        super().__init__(*args, **kwargs)


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


class Lines(forms.CharField):
    """Text of several lines. Of a line's end a browser sends two characters and counts one."""

    def to_python(self, value: Any) -> Any:
        return super().to_python((value or "").replace("\r\n", "\n"))


class ExplainForm(forms.Form):
    """Why a warning is true."""

    words = Lines(
        label="Why is it true?",
        help_text="For example: true, the patient is 15. Say no more of the patient than it needs. "
        "It is kept sealed, and shown to your own organisation alone.",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write why it is true"},
    )


class OpenWindowForm(forms.Form):
    """Up to the end of which day a window is open."""

    until = forms.DateField(
        label="Open until the end of this day",
        widget=forms.DateInput(attrs={"type": "date"}, format=ISO),
        error_messages={
            "required": "Enter the last day of the window",
            "invalid": "Enter a real date",
        },
    )


class DaysForm(forms.Form):
    """The days of one window, to be put into the calendar."""

    primary_period = forms.DateField(widget=forms.HiddenInput)
    opens = day(LABELS["opens"][0])
    closes = day(LABELS["closes"][0])
    processing_week = day(LABELS["processing_week"][0])
    data_available = day(LABELS["data_available"][0])

    def clean_primary_period(self) -> date:
        """Written by the page, so a wrong one is no user's slip."""
        period = self.cleaned_data["primary_period"]
        if period.day != 1 or not FIRST_DAY <= period <= LAST_DAY:
            raise forms.ValidationError("A period is written as the first day of its month.")
        return period

    @property
    def period(self) -> date | None:
        """The period, also before anything is sent; None where what was sent is none."""
        known = self.cleaned_data if self.is_bound else self.initial
        return known.get("primary_period")

    @property
    def days(self) -> Days:
        return Days(**self.cleaned_data)

    @property
    def shown(self) -> Days | None:
        """The days that the form shows, where they are days."""
        if self.is_bound:
            return self.days if self.is_valid() else None
        return Days(**self.initial)


class AllFilledIn(forms.BaseFormSet):
    """None of the forms may stay empty."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "empty_permitted": False}


DaysFormSet = forms.formset_factory(
    DaysForm,
    formset=AllFilledIn,
    extra=0,
    min_num=1,
    validate_min=True,
    max_num=12,
    absolute_max=12,
)
