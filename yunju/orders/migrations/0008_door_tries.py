"""Wrong tries at the door of an order are bounded over days too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_purchases_by_time")]

    operations = [
        migrations.AddField(
            model_name="purchasedoor", name="wrong_of_day", field=models.PositiveSmallIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="purchasedoor", name="day_since", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="purchasedoor", name="wrong_in_all", field=models.PositiveSmallIntegerField(default=0)
        ),
    ]
