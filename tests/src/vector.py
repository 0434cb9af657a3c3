from vexfs_provider.scenarios import vector
from vexfs_provider.testcase import avocado_test

run = avocado_test(vector.run)
