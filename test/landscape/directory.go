// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// directoryPrefix starts the name of every landscape's directory; the PID of its owner follows.
const directoryPrefix = "ontap-landscape-"

// directory holds everything that a landscape writes. It lies in the system's temporary directory because the path of
// etcd's socket in it may have no more than 107 characters.
type directory struct {
	path string
	lock *os.File
}

// newDirectory makes a directory and removes those that killed landscapes have left.
func newDirectory() (*directory, error) {
	if err := removeStale(os.TempDir()); err != nil {
		return nil, err
	}
	path, err := os.MkdirTemp("", directoryPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, fmt.Errorf("making the landscape's directory: %w", err)
	}
	lock, err := lockDirectory(path)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(path))
	}
	return &directory{path: path, lock: lock}, nil
}

// join returns the path of something in the directory.
func (d *directory) join(elements ...string) string {
	return filepath.Join(append([]string{d.path}, elements...)...)
}

// write writes a file that only we may read, and the directories above it.
func (d *directory) write(content []byte, elements ...string) (string, error) {
	path := d.join(elements...)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, content, 0o600)
}

// remove removes the directory with all that is in it.
func (d *directory) remove() error {
	return errors.Join(os.RemoveAll(d.path), d.lock.Close())
}

// lockDirectory takes the lock that the kernel drops when its owner ends, or fails at once if somebody has it.
func lockDirectory(path string) (*os.File, error) {
	lock, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), lock.Close())
	}
	return lock, nil
}

// removeStale removes the directories whose owners are gone. An owner is gone if there is no process with its PID and
// nobody has its lock: the PID covers the moment between making and locking, the lock the owner in another container.
func removeStale(parent string) error {
	paths, err := filepath.Glob(filepath.Join(parent, directoryPrefix+"*"))
	if err != nil {
		return err
	}
	for _, path := range paths {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), directoryPrefix), "-")
		pid, err := strconv.Atoi(owner)
		if err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		lock, err := lockDirectory(path)
		if err != nil {
			// In use, somebody else's, or just removed by another landscape: not ours to remove in any case.
			continue
		}
		if err := (&directory{path: path, lock: lock}).remove(); err != nil {
			return fmt.Errorf("removing what a killed landscape has left: %w", err)
		}
	}
	return nil
}
