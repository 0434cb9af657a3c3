"""What ``vexfs-results`` says it cannot do, with the exit code for it."""


class ResultsError(Exception):
    """Something of the machinery is missing or broken; the message says what to do."""

    exit_code = 3


class UsageError(ResultsError):
    """The user asked for something that there is not; the message names what is allowed."""

    exit_code = 2
