"""The functions behind shelf entries are nobody's to call: without this the guards refuse to start."""

from django.db import migrations

from yunju.kernel.installed import install


class Migration(migrations.Migration):
    dependencies = [("catalog", "0012_offer_without_search_text")]
    operations = [install("catalog/sql/0003_entry_functions.sql")]
