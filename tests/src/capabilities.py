from vexfs_provider.scenarios import capabilities
from vexfs_provider.testcase import avocado_test

run = avocado_test(capabilities.run)
