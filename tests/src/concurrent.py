from vexfs_provider.scenarios import concurrent
from vexfs_provider.testcase import avocado_test

run = avocado_test(concurrent.run)
