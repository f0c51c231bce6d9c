"""Which referrals were treated in their month, and what providers say of warnings that are true."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Of referrals that were loaded before this was kept, their appointments tell."""

    dependencies = [
        ("accounts", "0006_notice"),
        ("submissions", "0004_count_commissioners_of_earlier_submissions"),
    ]
    operations = [
        migrations.AddField(
            "referralrecord",
            "has_treatment",
            models.BooleanField(default=False),
            preserve_default=False,
        ),
        # Treatment as `validation.rules.attended.treatment` has it, for records that are there.
        migrations.RunSQL(
            """UPDATE submissions_referralrecord referral SET has_treatment = true
               FROM (SELECT DISTINCT submission_id, referral_row FROM submissions_appointmentrecord
                     WHERE attendance IN ('5', '6')
                       AND (apptype IN ('02', '03', '05')
                            OR apptype IS DISTINCT FROM '06'
                               AND coalesce(thertype1, thertype2, thertype3, thertype4) IS NOT NULL)
                    ) treatment
               WHERE treatment.submission_id = referral.submission_id
                 AND treatment.referral_row = referral.row""",
            migrations.RunSQL.noop,
        ),
        migrations.CreateModel(
            name="Explanation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False,
                                           verbose_name="ID")),
                ("rule", models.CharField(max_length=4)),
                ("record_key", models.BinaryField(max_length=16)),
                ("words", models.BinaryField()),
                ("at", models.DateTimeField(db_default=models.Func(function="clock_timestamp"))),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT,
                                         related_name="+", to=settings.AUTH_USER_MODEL)),
                ("provider", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT,
                                               related_name="explanations",
                                               to="accounts.organisation")),
            ],
        ),
        migrations.AddConstraint(
            "explanation",
            models.UniqueConstraint(
                fields=("provider", "rule", "record_key"), name="a_warning_is_explained_once"
            ),
        ),
    ]
