"""What was said stays said (sql/0001_rights.sql)."""

from django.db import migrations

from yunju.kernel.installed import install


class Migration(migrations.Migration):
    dependencies = [("talks", "0001_initial"), ("kernel", "0001_initial")]
    operations = [install("talks/sql/0001_rights.sql")]
