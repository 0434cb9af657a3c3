"""The inodes that the kernel knows of, and the files that are open: what all operations share."""

import errno
import os

from mutantfs import wire


class Node:
    """An inode of the filesystem below, held by a descriptor that was opened with O_PATH."""

    def __init__(self, number, descriptor, inode):
        self.number = number
        self.descriptor = descriptor
        self.inode = inode
        self.lookups = 0
        self.handles = 0

    @property
    def path(self):
        """A path that leads to the inode whatever names it has."""
        return f"/proc/self/fd/{self.descriptor}"


class Handle:
    """An open file or directory; ``entries`` is what a directory held when it was last rewound.

    ``flags`` are those of open(2), ``size`` the file's size at that time.
    """

    def __init__(self, node, descriptor, flags=0, size=0):
        self.node = node
        self.descriptor = descriptor
        self.flags = flags
        self.size = size
        self.entries = []


class Nodes:
    """All nodes and handles, by the numbers that the kernel uses for them."""

    def __init__(self, root):
        node = Node(wire.ROOT_ID, root, os.fstat(root).st_ino)
        self.root = node
        self.handles = {}
        self._by_id = {node.number: node}
        self._by_inode = {node.inode: node}
        self._last = wire.ROOT_ID
        self._unlinked = set()

    def get(self, number):
        """The node of that number. Raises ESTALE for one whose inode is gone."""
        node = self._by_id[number]
        if node.descriptor < 0:
            raise OSError(errno.ESTALE, "the inode is gone")
        return node

    def find(self, parent, name):
        """The node of a name; the same for all names of an inode. Raises ENOENT and its like."""
        descriptor = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=parent.descriptor)
        inode = os.fstat(descriptor).st_ino
        node = self._by_inode.get(inode)
        if node is not None:
            os.close(descriptor)
            return node
        self._last += 1
        node = Node(self._last, descriptor, inode)
        self._by_id[node.number] = self._by_inode[inode] = node
        return node

    def forget(self, number, lookups):
        """The kernel drops so many of its references."""
        node = self._by_id[number]
        node.lookups -= lookups
        if node.lookups <= 0 and node is not self.root:
            del self._by_id[number]
            self._close(node)

    def note_unlinked(self, node):
        """A name of the node was removed; it may have been the last one."""
        self._unlinked.add(node)

    def drop_unlinked(self):
        """Let go of all inodes without a name that nobody has open, so that their space is free.

        The kernel's own word comes too late: it collects what it forgets. Yet not at the unlink:
        another process may just have looked the name up and be about to open it.
        """
        for node in list(self._unlinked):
            if node.descriptor < 0 or os.fstat(node.descriptor).st_nlink:
                self._unlinked.remove(node)
            elif not node.handles:
                self._unlinked.remove(node)
                self._close(node)

    def add_handle(self, handle):
        """Take a handle in; returns its number."""
        handle.node.handles += 1
        self._last += 1
        self.handles[self._last] = handle
        return self._last

    def close_handle(self, number):
        """Close an open file or directory."""
        handle = self.handles.pop(number)
        os.close(handle.descriptor)
        handle.node.handles -= 1

    def _close(self, node):
        if node.descriptor >= 0:
            os.close(node.descriptor)
            del self._by_inode[node.inode]
            node.descriptor = -1
