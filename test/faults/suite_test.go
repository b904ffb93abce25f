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

func newRunner() *faults.Runner {
	return &faults.Runner{Directory: GinkgoT().TempDir(), Began: time.Now(), Workers: runtime.GOMAXPROCS(0)}
}
