"""What long work says."""

SENTENCES: dict[str, str] = {
    "job.broke_off": "The work broke off. What was done stays done; run it again for the rest.",
    "job.ended": "This work has ended already.",
    "job.file_gone": "The file is no longer kept here. Ask for it again.",
    "job.not_again": "Only work that was stopped can be run again.",
    "job.state.done": "Done",
    "job.state.refused": "Refused",
    "job.state.running": "Under way",
    "job.state.stopped": "Stopped",
    "job.state.waiting": "Waiting",
    "job.stopped_by_person": "You stopped it. What was done stays done.",
    "job.too_many_an_hour": "You may ask for {most} of these an hour. Try again later.",
    "job.too_many_at_once": "{most} of your jobs are waiting or under way. Wait until one of them is done.",
    "job.unknown": "There is no such job, or it is not yours.",
    "loop.kernel.job_files": "Delete files of old jobs",
    "loop.kernel.jobs": "Look for jobs that broke off",
}
