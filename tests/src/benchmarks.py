from vexfs_provider.scenarios import benchmarks
from vexfs_provider.testcase import avocado_test

run = avocado_test(benchmarks.run)
