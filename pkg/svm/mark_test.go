// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm_test

import (
	"strings"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

var _ = Describe("Mark", func() {
	mark := svm.Mark{
		Garden: "f55d7aa3", Owner: "0a1b2c3d-0000-4000-8000-000000000001", Seed: "0eb02673",
		TechnicalID: "shoot--local--demo", State: svm.MarkActive,
	}
	const text = "gxo/v1 g=f55d7aa3 o=0a1b2c3d-0000-4000-8000-000000000001 s=0eb02673 t=shoot--local--demo st=active"

	DescribeTable("should be read as it was written",
		func(change func(*svm.Mark), want string) {
			written := mark
			change(&written)
			Expect(written.String()).To(Equal(want))
			read, ok := svm.ParseMark(want)
			Expect(ok).To(BeTrue())
			Expect(read).To(Equal(written))
		},
		Entry("of an SVM", func(*svm.Mark) {}, text),
		Entry("of an SVM that is being deleted", func(m *svm.Mark) { m.State = svm.MarkDeleting }, strings.Replace(text, "st=active", "st=deleting", 1)),
		Entry("of an account", func(m *svm.Mark) { m.TechnicalID = "" }, strings.Replace(text, " t=shoot--local--demo", "", 1)),
		Entry("of a committed account", func(m *svm.Mark) { m.TechnicalID, m.Fingerprint = "", "MZXW6YTBOI======" },
			strings.Replace(text, " t=shoot--local--demo", "", 1)+" fp=MZXW6YTBOI======"),
	)

	It("should leave room in the comment whatever the names, and hold no query operator of ONTAP", func() {
		longest := mark
		longest.TechnicalID, longest.State = "shoot--"+strings.Repeat("x", 56), svm.MarkDeleting
		Expect(longest.TechnicalID).To(HaveLen(63))
		Expect(len(longest.String())).To(BeNumerically("<=", 150))
		committed := mark
		committed.TechnicalID, committed.Fingerprint = "", strings.Repeat("A", 26)
		Expect(len(committed.String())).To(BeNumerically("<=", 150))
		Expect(strings.ContainsAny(longest.String(), "*|!<>{}?")).To(BeFalse())
	})

	DescribeTable("should not be read from a comment that does not begin with a whole mark",
		func(comment string) {
			_, ok := svm.ParseMark(comment)
			Expect(ok).To(BeFalse())
			Expect(mark.Into(comment)).To(HavePrefix(text))
		},
		Entry("which is empty", ""),
		Entry("of a human", "keep until Friday"),
		Entry("with a mark in the middle", "copy of "+text),
		Entry("with a mark after a space", " "+text),
		Entry("with the version alone", "gxo/v1"),
		Entry("of another version", strings.Replace(text, "gxo/v1", "gxo/v2", 1)),
		Entry("of a later version", strings.Replace(text, "gxo/v1", "gxo/v10", 1)),
		Entry("without a space after the version", strings.Replace(text, "gxo/v1 ", "gxo/v1", 1)),
		Entry("in capitals", strings.ToUpper(text)),
		Entry("without a garden", "gxo/v1 o=0a1b2c3d-0000-4000-8000-000000000001 s=0eb02673 st=active"),
		Entry("without an owner", "gxo/v1 g=f55d7aa3 s=0eb02673 st=active"),
		Entry("with nothing after the keys", "gxo/v1 g= o= s= st="),
		Entry("with the garden twice and then the owner", "gxo/v1 g=f55d7aa3 g=f55d7aa3 o=0a1b2c3d-0000-4000-8000-000000000001"),
		Entry("with a human's word before the owner", "gxo/v1 g=f55d7aa3 hello o=0a1b2c3d-0000-4000-8000-000000000001"),
	)

	It("should be read from its first words alone", func() {
		read, ok := svm.ParseMark(text + " o=another-shoot st=deleting hello")
		Expect(ok).To(BeTrue())
		Expect(read).To(Equal(mark))
	})

	It("should take the characters of a query for what they are", func() {
		read, ok := svm.ParseMark("gxo/v1 g=* o=!x|y st=active")
		Expect(ok).To(BeTrue())
		Expect(read).To(Equal(svm.Mark{Garden: "*", Owner: "!x|y", State: svm.MarkActive}))
	})

	Describe("#Into", func() {
		DescribeTable("should put the mark first and keep what a human wrote",
			func(comment, want string) {
				Expect(mark.Into(comment)).To(Equal(want))
				Expect(mark.Into(want)).To(Equal(want), "marking again changes nothing")
			},
			Entry("in an empty comment", "", text),
			Entry("in an unmarked comment", "keep until Friday", text+" keep until Friday"),
			Entry("in place of an older mark", strings.Replace(text, "active", "deleting", 1)+" keep until Friday", text+" keep until Friday"),
			Entry("in place of the mark of another seed", strings.Replace(text, "0eb02673", "532b20b0", 1), text),
			Entry("in place of half a mark", "gxo/v1 g=f55d7aa3 keep until Friday", text+" keep until Friday"),
			Entry("before a mark in the middle", "copy of "+text, text+" copy of "+text),
			Entry("before words that look like a mark's", text+" o=another-shoot", text+" o=another-shoot"),
			Entry("before the characters of a query", "*|!<>{}", text+" *|!<>{}"),
		)

		DescribeTable("should cut the human's text at ONTAP's 255 bytes, and never within a character",
			func(comment string, length int) {
				marked := mark.Into(comment)
				Expect(marked).To(HavePrefix(text + " "))
				Expect(marked).To(HaveLen(length))
				Expect(utf8.ValidString(marked)).To(BeTrue())
				Expect(text + " " + comment).To(HavePrefix(marked))
			},
			Entry("of one byte each", strings.Repeat("x", 255), 255),
			Entry("of two bytes each", strings.Repeat("é", 200), 255),
			Entry("of two bytes each, shifted", "x"+strings.Repeat("é", 200), 254),
			Entry("of four bytes each, shifted", "xx"+strings.Repeat("🐳", 100), 253),
		)
	})
})

var _ = Describe("Identity", func() {
	It("should name the SVM after the shoot's UID, beginning with a letter and short enough for ONTAP", func() {
		name := svm.Identity{ShootUID: "0a1b2c3d-0000-4000-8000-000000000001", ShootName: "demo"}.SVMName()
		Expect(name).To(Equal("s0a1b2c3d000040008000000000000001"))
		Expect(len(name)).To(BeNumerically("<=", 41))
	})
})
