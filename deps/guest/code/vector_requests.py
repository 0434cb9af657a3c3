"""Runs in the guest: the check of requests on vectors that must be refused."""

import contextlib
import errno

from checking import check
from vector_ioctls import UNMAPPED, Vectors, call_ioctl, ioctl_code

SIZE_MAX = (1 << 14) - 1  # an ioctl's code has 14 bits for the size of its structure
KERNEL_ADDRESS = 0xFFFF_8880_0000_0000  # x86-64's map of all memory; no process may use it


@check
def bad_requests_are_refused(case, interface):
    """Wrong counts are EINVAL, wrong addresses EFAULT, and nothing of them is stored."""
    most = interface["max_dimension"]
    with Vectors(interface, case.path("vectors")) as vectors:
        vectors.add(1, [1, 2, 3])
        for name in ("add", "search"):
            for where, address in _bad_addresses():
                case.raises(
                    f"{name} with a request at {where}", errno.EFAULT, vectors.raw, name, address
                )
        for where, address in _bad_addresses():
            case.raises(
                f"add with components at {where}",
                errno.EFAULT,
                vectors.add,
                2,
                [1] * 3,
                data=address,
            )
        too_large = (errno.EINVAL, errno.E2BIG)
        case.raises("add of dimension 0", errno.EINVAL, vectors.add, 2, [])
        case.raises("add above the largest dimension", too_large, vectors.add, 2, [1] * (most + 1))
        huge = {"dimension": 0xFFFF_FFFF}
        case.raises("add of a huge dimension", too_large, vectors.add, 2, [1], **huge)
        case.raises("search of dimension 0", errno.EINVAL, vectors.search, [], 3)
        unknown = 1 + max(interface["metrics"].values())
        case.raises(
            "search by an unknown metric", errno.EINVAL, vectors.search, [1] * 3, 1, unknown
        )
        _search_huge(case, vectors)
        other = ioctl_code(interface, "add", SIZE_MAX)
        case.raises(
            "an ioctl of another size", errno.ENOTTY, call_ioctl, vectors.descriptor, other, 0
        )
        case.equal("results after bad requests", expected=[1], actual=vectors.ids([1, 2, 3], 5))


def _bad_addresses():
    return (("no memory", UNMAPPED), ("the kernel's memory", KERNEL_ADDRESS))


def _search_huge(case, vectors):
    """A count of results that no memory holds: refused, or answered with what there is."""
    with contextlib.suppress(OSError):
        results, _ = vectors.search([1, 2, 3], 0xFFFF_FFFF, room=8)
        case.equal("results of a huge search", expected=1, actual=len(results))
