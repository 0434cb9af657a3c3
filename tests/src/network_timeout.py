from vexfs_provider.scenarios import network_timeout
from vexfs_provider.testcase import avocado_test

run = avocado_test(network_timeout.run)
