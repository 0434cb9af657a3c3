from vexfs_provider.scenarios import syscall_interruption
from vexfs_provider.testcase import avocado_test

run = avocado_test(syscall_interruption.run)
