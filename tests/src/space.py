from vexfs_provider.scenarios import space
from vexfs_provider.testcase import avocado_test

run = avocado_test(space.run)
