"""Addresses of mailboxes: which are taken, and which mean the same mailbox."""

from django.core.validators import RegexValidator

from accounts.models import User

# The plain form alone. Quotes, encoded words and letters beyond ASCII are other spellings of a
# mailbox, which mail servers undo and nobody who compares addresses does.
PLAIN = RegexValidator(
    r"\A[A-Za-z0-9!#$%&'*+/^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/^_{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}\Z",
    "Enter an email address in plain letters and digits, like name@example.nhs.uk",
)


def mailbox(address: str) -> str:
    """The mailbox that an address means: without capitals and without what follows a plus."""
    local, _, domain = address.lower().partition("@")
    return f"{local.partition('+')[0]}@{domain}"


def is_of_staff(address: str) -> bool:
    """Whether it is the mailbox of somebody who is HSCIC staff."""
    staff = User.objects.staff().values_list("email", flat=True)
    return mailbox(address) in {mailbox(each) for each in staff}
