from vexfs_provider.scenarios import guest_network
from vexfs_provider.testcase import avocado_test

run = avocado_test(guest_network.run)
