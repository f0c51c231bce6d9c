"""Which commissioners the submissions name that were loaded before this was counted."""

from django.db import migrations


class Migration(migrations.Migration):
    """From their records."""

    dependencies = [("submissions", "0003_commissioners_named_and_register_judged_by")]
    operations = [
        migrations.RunSQL(
            """INSERT INTO submissions_commissionercount (submission_id, commissioner, referrals)
               SELECT submission_id, orgcodecomm, count(*) FROM submissions_referralrecord
               WHERE orgcodecomm IS NOT NULL GROUP BY submission_id, orgcodecomm""",
            migrations.RunSQL.noop,
        )
    ]
