"""What is told in the site."""

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cluster_id', models.BigIntegerField()),
                ('user_id', models.BigIntegerField()),
                ('member_id', models.BigIntegerField(help_text='For which member the person is told it', null=True)),
                ('code', models.CharField(max_length=60)),
                ('params', models.JSONField(default=dict, help_text='Ids, codes, counts and amounts; no personal data')),
                ('count', models.IntegerField(default=1)),
                ('link', models.CharField(blank=True, max_length=300)),
                ('fold', models.CharField(blank=True, max_length=80)),
                ('once', models.CharField(blank=True, max_length=120)),
                ('at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'notices_notice',
                'indexes': [models.Index(fields=['cluster_id', 'user_id', '-at'], name='notice_by_reader'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['cluster_id', 'user_id'], name='notice_unread'), models.Index(fields=['at'], name='notice_by_age')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('read_at__isnull', True), models.Q(('fold', ''), _negated=True)), fields=('cluster_id', 'user_id', 'fold'), name='notice_folds'), models.UniqueConstraint(condition=models.Q(('once', ''), _negated=True), fields=('cluster_id', 'user_id', 'once'), name='notice_once'), models.CheckConstraint(condition=models.Q(('count__gte', 1)), name='notice_count')],
            },
        ),
    ]
