from vexfs_provider.scenarios import metadata
from vexfs_provider.testcase import avocado_test

run = avocado_test(metadata.run)
