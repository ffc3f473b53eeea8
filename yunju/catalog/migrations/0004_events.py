"""Events of offers are append-only (sql/0001_events.sql)."""

from django.db import migrations

from yunju.kernel.installed import install


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_shelf_search_and_reports"), ("kernel", "0001_initial")]
    operations = [install("catalog/sql/0001_events.sql")]
