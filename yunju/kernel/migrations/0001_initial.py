"""Heartbeats, installed SQL, the outbox and the idempotency keys."""

from django.db import migrations, models

from yunju.kernel.installed import install


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.CreateModel(
            name="Beat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                ("every_seconds", models.IntegerField()),
                ("ran_at", models.DateTimeField()),
                ("failed_at", models.DateTimeField(null=True)),
                ("error", models.TextField(default="", blank=True)),
                ("done", models.BigIntegerField(default=0)),
            ],
            options={"db_table": "kernel_beat"},
        ),
        migrations.CreateModel(
            name="InstalledSql",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={"db_table": "kernel_installed_sql"},
        ),
        migrations.CreateModel(
            name="OutboxEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cluster_id", models.BigIntegerField()),
                ("topic", models.CharField(max_length=60)),
                ("noun_id", models.BigIntegerField()),
                ("payload", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("available_at", models.DateTimeField()),
                ("attempts", models.SmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                ("error", models.TextField(default="")),
            ],
            options={"db_table": "kernel_outbox", "managed": False},
        ),
        install("kernel/sql/0001_outbox.sql"),
    ]
