"""Events are append-only from here on; payees are found by the keyed hash of their number."""

from django.db import migrations, models

from yunju.kernel.installed import install


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial"), ("kernel", "0001_initial")]
    operations = [
        migrations.AddIndex(model_name="payee", index=models.Index(fields=["id_index"], name="payee_by_id")),
        install("members/sql/0001_events.sql"),
    ]
