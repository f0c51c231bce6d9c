"""Who is new in the tests of guardians, certificates and invitations."""

import pytest

from accounts.models import Organisation, User
from tests.accounts.registering import new_organisation, on_register


@pytest.fixture
def dale(erin: User) -> Organisation:
    """A new organisation, whose guardian Gwen is on the register."""
    organisation = new_organisation()
    on_register(organisation, erin)
    return organisation
