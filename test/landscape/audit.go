// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
)

// auditFlags let a kube-apiserver write down what ServiceAccounts of ours ask for.
func (s *Seed) auditFlags() []string {
	return []string{
		"--audit-policy-file=" + filepath.Join(s.workspace.root, "test", "landscape", "audit-policy.yaml"),
		"--audit-log-path=" + s.auditLog(),
	}
}

func (s *Seed) auditLog() string { return s.directory.join("audit.log") }

// asked returns what a program, and nobody else with its tokens, has asked for until now.
func (s *Seed) asked(program string) (asked []auditv1.Event, err error) {
	file, err := os.Open(s.auditLog())
	if err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for decoder := json.NewDecoder(file); ; {
		event := auditv1.Event{}
		if err := decoder.Decode(&event); errors.Is(err, io.EOF) {
			return asked, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading the audit log: %w", err)
		}
		if strings.HasPrefix(event.UserAgent, program+"/") {
			asked = append(asked, event)
		}
	}
}
