from vexfs_provider.scenarios import host_share
from vexfs_provider.testcase import avocado_test

run = avocado_test(host_share.run)
