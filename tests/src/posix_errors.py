from vexfs_provider.scenarios import posix_errors
from vexfs_provider.testcase import avocado_test

run = avocado_test(posix_errors.run)
