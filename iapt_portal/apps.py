"""Makes the queue known as soon as Django is ready."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class PortalConfig(AppConfig):
    """The room above all rooms: it has no models of its own."""

    name = "iapt_portal"

    def ready(self) -> None:
        # Tasks bind to this application when their modules are loaded.
        from iapt_portal import celery, roles  # noqa: F401

        # The signal is given for rooms with tables; this is the last of them.
        last = apps.get_app_config("extracts")
        post_migrate.connect(roles.after_migrate, sender=last, dispatch_uid="roles")
