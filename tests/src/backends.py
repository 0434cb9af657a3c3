from vexfs_provider.scenarios import backends
from vexfs_provider.testcase import avocado_test

run = avocado_test(backends.run)
