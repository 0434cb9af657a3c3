from vexfs_provider.scenarios import module_cycle
from vexfs_provider.testcase import avocado_test

run = avocado_test(module_cycle.run)
