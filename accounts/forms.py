"""Forms of getting and giving access: each names its fields, and nothing else is read."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core.validators import MaxValueValidator, MinValueValidator

from accounts import taking_part
from accounts.applying import MOST_NAMED, Named
from accounts.clock import this_day
from accounts.mailboxes import PLAIN
from accounts.models import Organisation, User

# What a date field of a browser is filled with.
ISO = "%Y-%m-%d"
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


def day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
        widget=forms.DateInput(attrs={"type": "date"}, format=ISO),
        error_messages={"required": f"Enter a date: {label}", "invalid": "Enter a real date"},
        **more,
    )


class OneLine(forms.CharField):
    """Text of one line: white space of any kind is one space, and whatever is not printed is
    refused, as it would break a letter's subject or pass for a line of its own."""

    def to_python(self, value: Any) -> Any:
        text = " ".join((super().to_python(value) or "").split())
        if not text.isprintable():
            raise forms.ValidationError("Use letters, digits and punctuation alone")
        return text


def person_name(label: str, what: str) -> OneLine:
    return OneLine(
        label=label,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": f"Enter {what}"},
    )


def address(label: str, what: str, **more: Any) -> forms.EmailField:
    return forms.EmailField(
        label=label,
        validators=[PLAIN],
        error_messages={
            "required": f"Enter {what}",
            "invalid": "Enter an email address, like name@example.nhs.uk",
        },
        **more,
    )


def words(label: str, what: str, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": f"Enter {what}"},
        **more,
    )


class OrganisationField(forms.CharField):
    """An ODS code; what comes of it is the organisation, made where it is only in the register."""

    def __init__(self) -> None:
        super().__init__(
            label="Organisation code",
            max_length=6,
            help_text="The ODS code of the provider or commissioner, for example RZ1",
            error_messages={"required": "Enter the code of your organisation"},
        )

    def clean(self, value: str) -> Organisation:  # type: ignore[override]
        code = super().clean(value).strip().upper()
        return taking_part.organisation(code)


class GuardianForm(forms.Form):
    """Somebody is put forward for the guardian register."""

    organisation = OrganisationField()
    name = person_name("Name of the Caldicott Guardian", "the guardian's name")
    email = address(
        "Work email address of the guardian",
        "the guardian's email address",
        help_text="Their own, not one of a team: letters to it ask for their decisions",
    )
    starts = day("First day as guardian")


class CertificateForm(forms.Form):
    """The one form for providers and commissioners; the people named have forms of their own."""

    organisation = OrganisationField()
    applicant_name = person_name("Your name", "your name")
    applicant_email = address("Your work email address", "your email address")
    purpose = words(
        "Why do these people need access?",
        "why they need access",
        help_text="For example: to send the monthly return and to look at its results",
    )

    @property
    def applicant(self) -> Named:
        given = self.cleaned_data
        return Named(given["applicant_name"], given["applicant_email"])


class PersonForm(forms.Form):
    """Somebody to be named on the certificate."""

    name = person_name("Name", "this person's name")
    email = address("Work email address", "this person's email address")
    supplier = OneLine(
        label="Supplier, if employed by one",
        max_length=100,
        required=False,
    )

    @property
    def named(self) -> Named:
        return Named(**self.cleaned_data)


class People(forms.BaseFormSet):
    """One to six people, each once. A row that was emptied names nobody, also where a renewal had
    filled it in."""

    def initial_form_count(self) -> int:
        return 0 if self.is_bound else super().initial_form_count()

    def clean(self) -> None:
        if not any(form.has_changed() for form in self.forms):
            raise forms.ValidationError("Name at least one person who needs an account")
        seen: set[str] = set()
        for form in self.forms:
            email = form.cleaned_data.get("email", "").lower()
            if email and email in seen:
                form.add_error("email", "This address is named twice: each person has their own")
            seen.add(email)

    @property
    def named(self) -> list[Named]:
        return [form.named for form in self.forms if form.cleaned_data]


PeopleFormSet = forms.formset_factory(
    PersonForm,
    formset=People,
    extra=MOST_NAMED,
    max_num=MOST_NAMED,
    absolute_max=MOST_NAMED,
)


class DecisionForm(forms.Form):
    """The guardian's decision."""

    APPROVE, DECLINE = "approve", "decline"
    decision = forms.ChoiceField(
        label="Your decision",
        widget=forms.RadioSelect,
        choices=[
            (APPROVE, "I approve: these people need the access for their work"),
            (DECLINE, "I decline"),
        ],
        error_messages={"required": "Choose whether you approve or decline"},
    )
    why = words("Why, if you decline", "why you decline", required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("decision") == self.DECLINE and not given.get("why"):
            self.add_error("why", "Enter why you decline: the applicant reads it")
        return given


class NewAccountForm(forms.Form):
    """The account of an invited person; its address is the invitation's."""

    name = person_name("Your name", "your name")
    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=" ".join(password_validators_help_texts()),
        error_messages={"required": "Choose a password"},
    )
    again = forms.CharField(
        label="The same password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Enter the password again"},
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        password = given.get("password")
        if password and given.get("again") and password != given["again"]:
            self.add_error("again", "The two passwords are not the same")
        elif password:
            try:
                validate_password(
                    password, User(email=self.email, first_name=given.get("name", ""))
                )
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given


# -- the helpdesk's ---------------------------------------------------------------------------


class GrantForm(forms.Form):
    expires = day("Good until the end of this day")

    def __init__(self, *args: Any, **kwargs: Any):
        from accounts.granting import GOOD_FOR

        kwargs.setdefault("initial", {"expires": this_day() + GOOD_FOR})
        super().__init__(*args, **kwargs)


class WhyForm(forms.Form):
    """The reason of a deed, which those concerned read."""

    why = words("Reason, which those concerned read", "a reason")


class NoteForm(forms.Form):
    note = words("How did you make sure, or why not?", "how you made sure")


class DepartureForm(forms.Form):
    last_day = day("Last day as guardian")
    note = words("Who told us, and how did you make sure?", "how you made sure")


class StaffForm(forms.Form):
    """Somebody to be invited as HSCIC staff."""

    name = person_name("Name", "the name")
    email = address("Work email address", "the email address")
