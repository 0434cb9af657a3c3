"""A FUSE filesystem that passes everything on to another one, and can be given one bug at a time.

It runs in the guest, on Python's standard library alone: the FUSE protocol is spoken directly, for
only so do hard links, unlinked files, rename flags and fallocate work as they do in a kernel.
"""
