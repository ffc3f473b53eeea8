"""Files that come in."""

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q

from yunju.members.models import Cluster, Member


def private_files() -> Storage:
    """Where uploads lie that nobody downloads: below the home, outside everything that is served."""
    return storages["private"]


class ImportRun(models.Model):
    """One import of a file: dry or real, how far it is, and what came of it row by row.

    asking (a person is to say what the columns are) | waiting -> running -> done | refused (the file as a whole, or a fault
    under `strict`) | stopped (broke off). `file` and `pictures` are set while the run may need them, and after a run that
    is asking, dry, stopped or has faults to mend until another run takes them over or their days have passed.
    """

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    supplier = models.ForeignKey(Member, on_delete=models.PROTECT)
    format = models.CharField(max_length=20, default="shopify")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    dry_run = models.BooleanField()
    state = models.CharField(
        max_length=10,
        default="running",
        choices=[(s, s) for s in ("asking", "waiting", "running", "done", "refused", "stopped")],
    )
    file = models.FileField(upload_to="imports/", storage=private_files, blank=True)
    pictures = models.FileField(upload_to="imports/", storage=private_files, blank=True)
    options = models.JSONField(default=dict, help_text="What the person chose beside file and dry run")
    job_id = models.BigIntegerField(null=True, help_text="The job of the queue; none for the command line")
    rows = models.IntegerField(default=0)
    rows_done = models.IntegerField(default=0)
    made = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    report = models.JSONField(
        default=dict, help_text="The counts in full, and the remarks row by row up to a limit"
    )
    by_user_id = models.BigIntegerField(null=True)
    started_at = models.DateTimeField(help_text="When it was asked for, then when work on it began")
    ended_at = models.DateTimeField(null=True)
    undo_job = models.CharField(max_length=16, blank=True, help_text="Code of the job that undoes it")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["supplier"],
                name="import_under_way",
                condition=Q(state__in=["waiting", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"
