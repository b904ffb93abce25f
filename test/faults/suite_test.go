// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gardener-community/gardener-extension-ontap/test/faults"
)

func TestFaults(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Faults Suite")
}

var _ = BeforeSuite(func() {
	logf.SetLogger(logr.Discard())
	// The memory of lives is short: collecting it less often is worth a tenth of the time.
	debug.SetGCPercent(800)
})

// newRunner returns one whose worlds begin in the past, where each run of theirs is over by any real clock: Go then starts no
// real timers for the timeouts within a run, with which a machine that stands still for a while would get into the lives.
func newRunner() *faults.Runner {
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return &faults.Runner{Directory: GinkgoT().TempDir(), Began: began, Workers: runtime.GOMAXPROCS(0)}
}
