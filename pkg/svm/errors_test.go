// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// failures is what each kind of an ONTAP error means.
var failures = map[ontap.Kind]svm.Failure{
	"Unavailable": {Class: svm.ClassOutage, Reason: "Unreachable"},
	"Denied":      {Class: svm.ClassDenied, Reason: "AccessDenied"},
	"Exhausted":   {Class: svm.ClassExhausted, Reason: "CapacityExhausted"},
	"Busy":        {Class: svm.ClassConflict, Reason: "Conflict"},
	"Exists":      {Class: svm.ClassConflict, Reason: "Conflict"},
	"Conflict":    {Class: svm.ClassConflict, Reason: "Conflict"},
	"NotFound":    {Class: svm.ClassConflict, Reason: "Conflict"},
	"Invalid":     {Class: svm.ClassRejected, Reason: "Rejected"},
	"Internal":    {Class: svm.ClassRejected, Reason: "Rejected"},
	"Unlicensed":  {Class: svm.ClassConfiguration, Reason: "ProtocolUnlicensed"},
	"InUse":       {Class: svm.ClassInUse, Reason: "InUse"},
	"Held":        {Class: svm.ClassHuman, Reason: "HeldByAdministrator"},
	"Approval":    {Class: svm.ClassHuman, Reason: "ApprovalPending"},
}

// ontapKinds reads the values of all constants of type ontap.Kind from the source, which nothing else lists.
func ontapKinds() []ontap.Kind {
	GinkgoHelper()
	files, err := filepath.Glob("../ontap/*.go")
	Expect(err).NotTo(HaveOccurred())
	var kinds []ontap.Kind
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		Expect(err).NotTo(HaveOccurred())
		ast.Inspect(parsed, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if named, ok := spec.Type.(*ast.Ident); ok && named.Name == "Kind" {
				for _, value := range spec.Values {
					text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
					Expect(err).NotTo(HaveOccurred())
					kinds = append(kinds, ontap.Kind(text))
				}
			}
			return false
		})
	}
	return kinds
}

var _ = Describe("#FailureOf", func() {
	It("should know what every kind of an ONTAP error means, also wrapped and joined", func() {
		kinds := ontapKinds()
		Expect(kinds).To(HaveLen(len(failures)))
		for _, kind := range kinds {
			Expect(failures).To(HaveKey(kind))
			err := &ontap.Error{Kind: kind, Cluster: "a", Op: "GET /cluster"}
			for _, seen := range []error{
				err,
				fmt.Errorf("step LocateSVM: %w", err),
				errors.Join(errors.New("other"), fmt.Errorf("looking: %w", err)),
				fmt.Errorf("unknown: %w", errors.Join(err, errors.New("other"))),
			} {
				Expect(svm.FailureOf(seen)).To(Equal(failures[kind]), "%s: %s", kind, seen)
			}
		}
	})

	DescribeTable("should classify other errors",
		func(err error, class svm.Class, reason string) {
			Expect(svm.FailureOf(err)).To(Equal(svm.Failure{Class: class, Reason: reason}))
		},
		Entry("a state for a human", svm.HumanNeeded("SVMForeign", "SVM %s is not ours", "x"), svm.ClassHuman, "SVMForeign"),
		Entry("a state for a human, wrapped", fmt.Errorf("step: %w", svm.HumanNeeded("SVMStopped", "stopped")), svm.ClassHuman, "SVMStopped"),
		Entry("a state for a human next to an outage",
			errors.Join(&ontap.Error{Kind: "Unavailable"}, svm.HumanNeeded("SVMDuplicate", "two")), svm.ClassHuman, "SVMDuplicate"),
		Entry("the end of the process", fmt.Errorf("waiting: %w", context.Canceled), svm.ClassConflict, "Interrupted"),
		Entry("the end of the caller's time", fmt.Errorf("waiting: %w", context.DeadlineExceeded), svm.ClassConflict, "Interrupted"),
		Entry("a panic", errors.New("panic: nil map"), svm.ClassInternal, "InternalError"),
		Entry("a kind that is not known", &ontap.Error{Kind: "Strange"}, svm.ClassInternal, "InternalError"),
	)
})
