from vexfs_provider.scenarios import mount_trees
from vexfs_provider.testcase import avocado_test

run = avocado_test(mount_trees.run)
