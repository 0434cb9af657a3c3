from vexfs_provider.scenarios import many_files
from vexfs_provider.testcase import avocado_test

run = avocado_test(many_files.run)
