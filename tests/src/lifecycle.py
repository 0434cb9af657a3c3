from vexfs_provider.scenarios import lifecycle
from vexfs_provider.testcase import avocado_test

run = avocado_test(lifecycle.run)
