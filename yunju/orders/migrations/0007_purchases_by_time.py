"""Figures count days: a block range index finds a day among millions of purchases."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_presold_lines")]

    operations = [
        migrations.AddIndex(
            model_name="purchase",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["placed_at"], name="purchase_by_time", pages_per_range=32
            ),
        ),
    ]
