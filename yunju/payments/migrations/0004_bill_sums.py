from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_payout_item_code")]

    operations = [
        migrations.AddField(
            "billday",
            "ours_minor",
            models.BigIntegerField(default=0, help_text="Net sum of our bookings under the same references"),
            preserve_default=False,
        ),
        migrations.AddField(
            "billday",
            "clearing_minor",
            models.BigIntegerField(default=0, help_text="Sum of the day's clearing entries when it was compared"),
            preserve_default=False,
        ),
    ]
