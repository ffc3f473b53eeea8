"""Events of shops are append-only (sql/0001_events.sql)."""

from django.db import migrations

from yunju.kernel.installed import install


class Migration(migrations.Migration):
    dependencies = [("shops", "0001_initial"), ("kernel", "0001_initial")]
    operations = [install("shops/sql/0001_events.sql")]
