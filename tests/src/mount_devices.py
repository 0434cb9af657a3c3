from vexfs_provider.scenarios import mount_devices
from vexfs_provider.testcase import avocado_test

run = avocado_test(mount_devices.run)
