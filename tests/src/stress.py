from vexfs_provider.scenarios import stress
from vexfs_provider.testcase import avocado_test

run = avocado_test(stress.run)
