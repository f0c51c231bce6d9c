"""Who may ask for what: several addresses asked at once are answered as each would be alone."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts import permissions
from accounts.models import CaldicottGuardian, Membership, Organisation, User


def alone(user: permissions.Visitor) -> set[str]:
    return {name for name in permissions.TABLE if permissions.may(user, name)}


@pytest.mark.parametrize("person", ["nobody", "Alice", "Charlie", "Dora", "Erin", "Grace"])
def test_all_at_once_are_those_that_are_open_alone(everybody: dict[str, User], person: str) -> None:
    user = everybody.get(person) or AnonymousUser()
    assert permissions.those_open(user, permissions.TABLE) == alone(user)


def test_somebody_of_both_kinds_has_what_is_open_to_either(
    alice: User, dora: User, everybody: dict[str, User]
) -> None:
    of_alice, of_dora = alone(alice), alone(dora)
    assert of_alice - of_dora
    Membership.objects.filter(user=dora).update(user=alice)
    assert permissions.those_open(alice, permissions.TABLE) == of_alice | of_dora


def test_each_question_is_asked_anew(alice: User) -> None:
    """Nothing is remembered on the user: who may act no more is turned away at once."""
    assert "send" in permissions.those_open(alice, permissions.TABLE)
    assert permissions.may(alice, "send")
    CaldicottGuardian.objects.filter(organisation__code="RZ1").delete()
    assert "send" not in permissions.those_open(alice, permissions.TABLE)
    assert not permissions.may(alice, "send")
    assert permissions.only_acts_no_more(alice, "send")


def test_all_that_is_open_takes_two_questions(alice: User, django_assert_num_queries) -> None:
    """The roles in which they act, and whether they are named at all."""
    with django_assert_num_queries(2):
        permissions.those_open(alice, permissions.TABLE)


def test_there_are_no_other_roles() -> None:
    """Whoever has one may receive."""
    assert set(Organisation.Role.values) == {"provider", "commissioner"}
