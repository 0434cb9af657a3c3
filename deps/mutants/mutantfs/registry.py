"""The mutants by name: subclasses of ``Passthrough`` with a bug each."""

from mutantfs.passthrough import Passthrough

MUTANTS = {}


def mutant(*, survives="", **kills):
    """Register a class under its name in snake_case; its docstring describes the bug.

    ``kills`` maps scenarios to the checks of theirs that must find it, and each check to a pattern
    (re.search) of what the finding's title says after the check's name and the colon. Without any,
    it is for a comparison with another filesystem to find; ``survives`` says why even that cannot.
    """

    def register(operations):
        letters = (f"_{c.lower()}" if c.isupper() else c for c in operations.__name__)
        name = "".join(letters).lstrip("_")
        if name in MUTANTS:
            raise ValueError(f"there are two mutants {name}")
        operations.kills = kills
        operations.survives = survives
        operations.files_kept_s = 0  # what it tells must be asked for each time, or it is not seen
        MUTANTS[name] = operations
        return operations

    return register


def make_operations(names, nodes):
    """The operations with the bugs of all mutants named, separated by commas; none if empty.

    Raises ``KeyError`` for a name that there is not.
    """
    bugs = [MUTANTS[name] for name in names.split(",") if name]
    return type("Operations", (*bugs, Passthrough), {})(nodes)
