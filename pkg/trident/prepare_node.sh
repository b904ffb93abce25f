# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# Makes the node at $HOST ready for NVMe/TCP and tells in $MESSAGE what it lacks. It never fails.
lacks() { echo "$1" >>"$MESSAGE"; }

# Built into the kernel it does not count: Trident looks for a module.
[ -d "$HOST/sys/module/nvme_tcp" ] || chroot "$HOST" modprobe nvme-tcp || true
[ -d "$HOST/sys/module/nvme_tcp" ] || lacks 'the kernel module nvme_tcp'
[ -x "$HOST/usr/sbin/nvme" ] || [ -x "$HOST/usr/bin/nvme" ] || [ -x "$HOST/sbin/nvme" ] || lacks 'the program nvme'

# Two nodes with one name would write to each other's volumes, so it comes from what tells nodes apart, and never changes.
name=$HOST/etc/nvme/hostnqn
if [ ! -s "$name" ]; then
  if [ -s "$HOST/etc/machine-id" ]; then
    uuid=$( (echo nvme; cat "$HOST/etc/machine-id") | sha256sum | sed 's/^\(.\{8\}\)\(.\{4\}\)\(.\{4\}\)\(.\{4\}\)\(.\{12\}\).*/\1-\2-\3-\4-\5/')
    mkdir -p "$HOST/etc/nvme" && echo "nqn.2014-08.org.nvmexpress:uuid:$uuid" >"$name.new" && mv "$name.new" "$name"
  fi
  [ -s "$name" ] || lacks 'the file /etc/nvme/hostnqn'
fi
exit 0
