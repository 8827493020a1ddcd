"""Who caused an event, in the words of screens, notebooks and pages."""

from __future__ import annotations

from projector.domain.recorded import By
from projector.serve.screen.naming import IDS, Naming
from projector.serve.screen.text import plain


def by_text(by: By, naming: Naming = IDS) -> str:
    """The user with login and id, or the job; "" where the event does not say who.

    >>> by_text(By(user_id="21070000000000012", user_login="ana.lima")), by_text(By(user_id="12")), by_text(By())
    ('by ana.lima (user 21070000000000012)', 'by user 12', '')
    >>> by_text(By(job_tag="OutcomeImport#run")), by_text(By(user_login="ana.lima", job_tag="OutcomeImport#run"))
    ('by the job OutcomeImport#run', 'by ana.lima, in the job OutcomeImport#run')
    """
    user = _user(by, naming)
    if by.job_tag is None:
        return f"by {user}" if user else ""
    job = f"the job {plain(by.job_tag)}"
    return f"by {user}, in {job}" if user else f"by {job}"


def _user(by: By, naming: Naming) -> str:
    if by.user_id is None:
        return "" if by.user_login is None else plain(by.user_login)
    id = f"user {naming.id(by.user_id)}"
    return id if by.user_login is None else f"{plain(by.user_login)} ({id})"
