from vexfs_provider.scenarios import persistence
from vexfs_provider.testcase import avocado_test

run = avocado_test(persistence.run)
