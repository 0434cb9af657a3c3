from vexfs_provider.scenarios import basic_io
from vexfs_provider.testcase import avocado_test

run = avocado_test(basic_io.run)
