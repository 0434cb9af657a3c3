from vexfs_provider.scenarios import disk_io_error
from vexfs_provider.testcase import avocado_test

run = avocado_test(disk_io_error.run)
