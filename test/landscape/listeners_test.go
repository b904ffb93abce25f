// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape_test

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/gomega"
)

// listeners returns the TCP addresses on which processes listen, as the kernel tells them.
func listeners(pids []int) []string {
	var addresses []string
	for _, pid := range pids {
		addresses = append(addresses, listenersOf(filepath.Join("/proc", strconv.Itoa(pid)))...)
	}
	return addresses
}

func listenersOf(proc string) []string {
	descriptors, err := filepath.Glob(filepath.Join(proc, "fd", "*"))
	Expect(err).NotTo(HaveOccurred())
	var sockets []string
	for _, descriptor := range descriptors {
		// A descriptor that has been closed meanwhile is no listener.
		if target, err := os.Readlink(descriptor); err == nil {
			sockets = append(sockets, strings.TrimSuffix(strings.TrimPrefix(target, "socket:["), "]"))
		}
	}
	var addresses []string
	for _, table := range []string{"tcp", "tcp6"} {
		content, err := os.ReadFile(filepath.Join(proc, "net", table))
		Expect(err).NotTo(HaveOccurred())
		for line := range strings.Lines(string(content)) {
			// 0A is the state LISTEN; field 9 is the inode of the socket.
			if fields := strings.Fields(line); fields[3] == "0A" && slices.Contains(sockets, fields[9]) {
				addresses = append(addresses, address(fields[1]))
			}
		}
	}
	return addresses
}

// address decodes what proc(5) prints: words of four bytes in the machine's order, in hexadecimal, and the port.
func address(text string) string {
	ip, port, _ := strings.Cut(text, ":")
	words, err := hex.DecodeString(ip)
	Expect(err).NotTo(HaveOccurred())
	for word := range slices.Chunk(words, 4) {
		binary.BigEndian.PutUint32(word, binary.NativeEndian.Uint32(word))
	}
	parsed, ok := netip.AddrFromSlice(words)
	Expect(ok).To(BeTrue())
	number, err := strconv.ParseUint(port, 16, 16)
	Expect(err).NotTo(HaveOccurred())
	return netip.AddrPortFrom(parsed.Unmap(), uint16(number)).String()
}
