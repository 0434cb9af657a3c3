"""The errors of this package; each says what to do next in its message.

``exit_code`` is what our own commands return when the error ends them:
2 for a wrong use, 3 for broken or missing infrastructure.
"""


class VexfsError(Exception):
    """Anything this package raises on purpose."""

    exit_code = 3


class UsageError(VexfsError):
    """A value given by the user is wrong: the message names it, its value and what is allowed."""

    exit_code = 2


class InfrastructureError(VexfsError):
    """The host, QEMU or our own machinery failed; says nothing about the filesystem."""


class BuildError(InfrastructureError):
    """An image, kernel, module or snapshot could not be built."""


class GuestError(InfrastructureError):
    """The guest machine could not be started or talked to."""


class GuestDied(GuestError):
    """The guest panicked, was reset or its QEMU went away while somebody waited for it."""

    def __init__(self, message: str, state: str = "gone") -> None:
        super().__init__(message)
        self.state = state

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return (type(self), (self.args[0], self.state))


class AgentLost(GuestError):
    """The guest's agent no longer answers although the machine runs."""


class DeadlineExpired(VexfsError):
    """An operation did not end within its deadline."""


class NotApplicable(VexfsError):
    """The test makes no sense in this configuration; becomes CANCEL with the message as reason."""


class ModuleNotBuilt(NotApplicable):
    """The filesystem's out-of-tree module has not been built for this kernel."""
