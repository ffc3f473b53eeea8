"""A transaction that is sent whole can say what must be so at its end (sql/0003_expect.sql)."""

from django.db import migrations

from yunju.kernel.installed import install


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_jobs")]
    operations = [install("kernel/sql/0003_expect.sql")]
