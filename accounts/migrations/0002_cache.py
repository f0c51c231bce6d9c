"""The shared cache in the database: used second-factor codes and sign-in limits hold over all web
processes, and need no other service."""

from django.db import migrations


class Migration(migrations.Migration):
    """As `createcachetable` makes it."""

    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.RunSQL(
            """CREATE TABLE portal_cache (
                   cache_key varchar(255) PRIMARY KEY, value text NOT NULL,
                   expires timestamptz NOT NULL);
               CREATE INDEX portal_cache_expires ON portal_cache (expires);""",
            "DROP TABLE portal_cache",
        )
    ]
