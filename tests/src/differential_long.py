from vexfs_provider.scenarios import differential
from vexfs_provider.testcase import avocado_test

run = avocado_test(differential.long)
