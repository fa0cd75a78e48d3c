"""What is said when a copy for court can't be made."""

from fairwitness.errors import FairwitnessError


class ExportFailed(FairwitnessError):
    """A copy for court that can't be made now; nothing of it is to be used."""

    code = "export.failed"
