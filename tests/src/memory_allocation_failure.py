from vexfs_provider.scenarios import memory_allocation_failure
from vexfs_provider.testcase import avocado_test

run = avocado_test(memory_allocation_failure.run)
