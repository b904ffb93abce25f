// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"bytes"
	"net/http"
	"time"

	"k8s.io/utils/clock"
)

const (
	hugeAnswer = 10 << 20
	// dripInterval is the pause between two bytes of an endless answer.
	dripInterval = 10 * time.Millisecond
)

// answerBroken sends what is left of an answer. A client that has gone ends it.
func (c *Cluster) answerBroken(w http.ResponseWriter, r *http.Request, kind FaultKind, content []byte) {
	switch kind { //nolint:exhaustive // the other kinds have no answer of their own
	case AnswerHTML:
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html><body>Sign in to continue</body></html>"))
	case AnswerTruncated:
		_, _ = w.Write(content[:len(content)/2])
	case AnswerHuge:
		_, _ = w.Write(append([]byte(`{"records":["`), bytes.Repeat([]byte("x"), hugeAnswer)...))
	case AnswerEndless:
		drip := clock.RealClock{}.NewTicker(dripInterval) // the client's patience is real, too
		defer drip.Stop()
		for {
			select {
			case <-r.Context().Done():
				return
			case <-drip.C():
			}
			if _, err := w.Write([]byte(" ")); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush() // the next write tells whether the client has gone
		}
	}
}
