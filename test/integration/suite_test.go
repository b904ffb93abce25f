// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package integration_test runs the whole extension in one process: Gardener's own reconciler with our actuator, wired by
// the function that the program uses, on the in-process API server and the simulator.
package integration_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gardener-community/gardener-extension-ontap/test/leaks"
)

func TestIntegration(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Integration Suite")
}

// transcript is everything that all specs log, at the most verbose level that there is.
type transcript struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (t *transcript) logger() logr.Logger {
	return funcr.New(func(prefix, args string) {
		t.mutex.Lock()
		defer t.mutex.Unlock()
		fmt.Fprintln(&t.text, prefix, args)
	}, funcr.Options{Verbosity: 127})
}

var (
	logged  = &transcript{}
	secrets = leaks.NewCollector()
)

var _ = BeforeSuite(func() { logf.SetLogger(logged.logger()) })

var _ = AfterSuite(func() {
	found, read, err := secrets.Find(&logged.text)
	Expect(err).NotTo(HaveOccurred())
	Expect(found).To(BeEmpty())
	if suite, _ := GinkgoConfiguration(); len(suite.FocusStrings) > 0 {
		return // a few specs need not log much
	}
	Expect(secrets.Len()).To(BeNumerically(">=", 20))
	Expect(read).To(BeNumerically(">", 10_000), "bytes of logs")
})
