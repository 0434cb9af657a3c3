from vexfs_provider.scenarios import power_cut
from vexfs_provider.testcase import avocado_test

run = avocado_test(power_cut.run)
