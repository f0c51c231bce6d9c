"""Sessions: ended all at once where a role changes."""

from django.db.models import F

from accounts.models import User


def end_all(user: User) -> None:
    """End every session of the user, from the next request on."""
    User.objects.filter(id=user.id).update(sessions_ended=F("sessions_ended") + 1)
    user.refresh_from_db(fields=["sessions_ended"])
