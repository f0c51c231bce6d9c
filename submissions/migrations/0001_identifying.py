"""A schema of its own for the provider's own keys: the web process has no right on it."""

from django.db import migrations


class Migration(migrations.Migration):
    """Before the tables."""

    dependencies = []
    operations = [
        migrations.RunSQL(
            "CREATE SCHEMA IF NOT EXISTS identifying", "DROP SCHEMA identifying CASCADE"
        )
    ]
