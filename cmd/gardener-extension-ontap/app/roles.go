// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
)

// Roles are what has to be made on ONTAP for the least rights that are enough.
type Roles struct {
	// Operator is the role of the extension's account on each cluster, as the body of POST /api/security/roles.
	Operator Role `json:"operator"`
	// Trident is a role for the accounts of SVMs that serve NVMe; its body lacks the owner, which is the SVM.
	Trident Role `json:"trident"`
	// Commands are those for which a multi-admin rule would hold writes of the extension up.
	Commands []string `json:"multiAdminCommands"`
}

// Role is a role of ONTAP's REST API.
type Role struct {
	Name       string            `json:"name"`
	Privileges []ontap.Privilege `json:"privileges"`
}

// NewRoles returns the roles. Each path is one that is asked for, with the lowest access that suffices.
func NewRoles() Roles {
	return Roles{
		Operator: Role{"gardener-ontap", ontap.PrivilegesFor(ontap.Rights())},
		Trident:  Role{"gardener-trident", ontap.PrivilegesFor(trident.Rights())},
		Commands: ontap.Commands(),
	}
}

// WriteTable writes the commands of ONTAP's command line that make the roles.
func (r Roles) WriteTable(out io.Writer) error {
	var b strings.Builder
	b.WriteString("# The role of the extension's account, on each ONTAP cluster.\n")
	r.Operator.write(&b, "")
	b.WriteString("\n# A role for Trident's accounts, in each SVM that serves NVMe.\n")
	r.Trident.write(&b, "-vserver <SVM> ")
	b.WriteString("\n# A multi-admin rule for one of these commands holds writes of the extension up until they are approved.\n")
	for _, command := range r.Commands {
		b.WriteString("#   " + command + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (r Role) write(b *strings.Builder, owner string) {
	for _, one := range r.Privileges {
		fmt.Fprintf(b, "security login rest-role create %s-role %s -api %s -access %s\n", owner, r.Name, one.Path, one.Access)
	}
}

func newRolesCommand() *cobra.Command {
	var form output
	cmd := &cobra.Command{
		Use:   "roles",
		Short: "Prints the ONTAP roles with the least rights that the extension and Trident need; changes nothing",
		Long: "Prints the commands that make ONTAP roles with the least rights, for the extension's account on each cluster and for Trident's " +
			"accounts in SVMs that serve NVMe, and the commands for which a multi-admin rule would hold the extension up. With -o json or " +
			"yaml the roles are bodies for POST /api/security/roles.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SilenceUsage = true
			if err := form.validate(); err != nil {
				return err
			}
			return form.write(cmd.OutOrStdout(), NewRoles())
		},
	}
	form.addFlag(cmd)
	return cmd
}
