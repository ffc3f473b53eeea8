"""Shelf entries know the shelf by themselves, and those in front have indexes of words of their own."""

import django.contrib.postgres.indexes
from django.db import migrations, models

from yunju.kernel.installed import install

SEEN = models.Q(("listed_at__isnull", False))


def words(name: str, condition: models.Q | None = None) -> migrations.AddIndex:
    index = django.contrib.postgres.indexes.GinIndex(
        fields=["words"], name=name, fastupdate=False, condition=condition
    )
    return migrations.AddIndex("shelfentry", index)


def seen(name: str, *fields: str) -> migrations.AddIndex:
    return migrations.AddIndex("shelfentry", models.Index(fields=fields, name=name, condition=SEEN))


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_entry_functions")]

    operations = [
        migrations.AddField("shelfentry", "supplier_id", models.BigIntegerField(default=0)),
        migrations.AddField(
            "shelfentry",
            "listed_at",
            models.DateTimeField(blank=True, help_text="Empty: not on the shelf", null=True),
        ),
        migrations.AddField(
            "shelfentry",
            "front",
            models.SmallIntegerField(
                default=0, help_text="3: among what sells best; 0: not in front"
            ),
        ),
        # The indexes go before every entry is written, and come back afterwards: that is ten times faster.
        migrations.RemoveIndex("shelfentry", "shelf_entry_by_price"),
        migrations.RemoveIndex("shelfentry", "shelf_entry_by_sold"),
        migrations.RemoveIndex("shelfentry", "shelf_entry_words"),
        install("catalog/sql/0004_shelf_known.sql"),
        words("shelf_entry_words"),
        *(words(f"shelf_entry_words_{n}", models.Q(("front__gte", n))) for n in (3, 2, 1)),
        seen("shelf_entry_seen_by_price", "cluster_id", "least_minor", "offer"),
        seen("shelf_entry_seen_by_sold", "cluster_id", "-sold", "-offer"),
        seen("shelf_entry_seen_by_age", "cluster_id", "-listed_at", "-offer"),
        migrations.AddIndex(
            "shelfentry",
            models.Index(
                fields=["cluster_id"], name="shelf_entry_in_front", condition=models.Q(("front__gte", 1))
            ),
        ),
    ]
