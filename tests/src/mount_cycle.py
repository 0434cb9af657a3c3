from vexfs_provider.scenarios import mount
from vexfs_provider.testcase import avocado_test

run = avocado_test(mount.cycle)
