// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"strings"

	"github.com/onsi/ginkgo/v2"
)

// Start starts a simulator for the running spec, or for what the running set-up node covers. At the end it is closed,
// and the spec fails if there was a violation that nobody has taken with TakeViolations.
func Start(options Options) *Simulator {
	ginkgo.GinkgoHelper()
	s, err := New(options)
	if err != nil {
		ginkgo.Fail(err.Error())
	}
	ginkgo.DeferCleanup(func() {
		violations := s.TakeViolations()
		s.Close()
		if len(violations) == 0 {
			return
		}
		lines := make([]string, 0, len(violations))
		for _, v := range violations {
			lines = append(lines, v.String())
		}
		ginkgo.Fail("the simulator saw what must not happen:\n" + strings.Join(lines, "\n"))
	})
	return s
}
