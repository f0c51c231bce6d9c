from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("extracts", "0003_purging"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="clashes",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="run",
            name="commissioners",
            field=models.JSONField(default=dict),
        ),
    ]
