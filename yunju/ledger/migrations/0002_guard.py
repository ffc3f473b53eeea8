"""The guards and rights of the ledger (sql/0001_guard.sql)."""

from django.db import migrations

from yunju.kernel.installed import install


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("kernel", "0001_initial")]
    operations = [install("ledger/sql/0001_guard.sql")]
