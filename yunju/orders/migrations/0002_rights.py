"""Rights of the application on what must stay (sql/0001_rights.sql)."""

from django.db import migrations

from yunju.kernel.installed import install


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("kernel", "0001_initial")]
    operations = [install("orders/sql/0001_rights.sql")]
