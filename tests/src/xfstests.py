from vexfs_provider.scenarios import xfstests
from vexfs_provider.testcase import avocado_test

run = avocado_test(xfstests.run, precondition=xfstests.require_tree)
