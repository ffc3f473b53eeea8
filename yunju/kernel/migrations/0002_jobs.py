"""Long work that somebody asked for."""

import yunju.kernel.ids
import yunju.kernel.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cluster_id', models.BigIntegerField()),
                ('code', models.CharField(default=yunju.kernel.ids.public_code, max_length=16, unique=True)),
                ('kind', models.CharField(max_length=60)),
                ('title', models.CharField(blank=True, help_text="Beside the word of the kind: a file's name", max_length=200)),
                ('back', models.CharField(blank=True, help_text='Path of the page that asked for it', max_length=200)),
                ('params', models.JSONField(default=dict)),
                ('by_user_id', models.BigIntegerField(help_text='Nobody where the software itself asked', null=True)),
                ('member_id', models.BigIntegerField(null=True)),
                ('permission', models.CharField(blank=True, help_text='Still needed for that member when the file is fetched', max_length=40)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('running', 'running'), ('done', 'done'), ('refused', 'refused'), ('stopped', 'stopped')], default='waiting', max_length=10)),
                ('total', models.IntegerField(default=0)),
                ('done', models.IntegerField(default=0)),
                ('report', models.JSONField(default=dict)),
                ('kept', models.JSONField(default=dict, help_text='What the work noted to go on from when it is begun again')),
                ('file', models.FileField(blank=True, storage=yunju.kernel.models.private_files, upload_to='jobs/')),
                ('file_name', models.CharField(blank=True, max_length=200)),
                ('queue_id', models.BigIntegerField(null=True)),
                ('turn', models.IntegerField(default=0, help_text='Raised by each beginning: an earlier one writes no more')),
                ('lost', models.SmallIntegerField(default=0, help_text='How many workers vanished under it')),
                ('stop_asked_at', models.DateTimeField(null=True)),
                ('asked_at', models.DateTimeField()),
                ('began_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'kernel_job',
                'indexes': [models.Index(fields=['cluster_id', 'by_user_id', '-id'], name='job_by_person'), models.Index(condition=models.Q(('state__in', ['waiting', 'running'])), fields=['id'], name='job_under_way'), models.Index(fields=['ended_at'], name='job_by_end')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'running', 'done', 'refused', 'stopped'])), name='job_state'), models.CheckConstraint(condition=models.Q(('done__gte', 0), ('total__gte', 0)), name='job_counts')],
            },
        ),
    ]
