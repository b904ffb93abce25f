// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/preflight"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

func newPreflightCommand() *cobra.Command {
	var file string
	var form output
	var names []string
	var proof proveFlags
	cmd := &cobra.Command{
		Use:   "preflight",
		Short: "Checks whether the configured ONTAP clusters have what it takes; changes nothing without --prove",
		Long: "Checks each configured ONTAP cluster before anything is installed: whether it is reached, its certificate, the credentials and " +
			"their rights, version, licences, aggregates, and what the networks name. It only reads. The exit code is not 0 if something " +
			"that is needed is missing, or could not be looked at. With --prove, and where nothing is missing, it makes one scratch SVM on a " +
			"cluster, asks what NetApp's documents leave open, shows the answers instead of the checks, and removes the SVM again, also when " +
			"it is interrupted once.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SilenceUsage = true
			needed, err := protocolsNamed(names)
			if err != nil {
				return err
			}
			if err := errors.Join(form.validate(), proof.validate()); err != nil {
				return err
			}
			config, err := loadConfig(file)
			if err != nil {
				return err
			}
			if proof.wanted {
				return proof.run(cmd, form, config, needed)
			}
			shown, err := Preflight(cmd.Context(), config, needed, ontap.Options{})
			if err != nil {
				return err
			}
			return finish(cmd.OutOrStdout(), form, shown, shown.Good(), preflight.ErrLacking)
		},
	}
	addConfigFlag(cmd, &file)
	cmd.Flags().StringSliceVar(&names, "protocols", []string{string(ontapv1alpha1.ProtocolNVMe)}, "the protocols that shoots are to have: NVMe, iSCSI, NFS")
	proof.add(cmd)
	form.addFlag(cmd)
	return cmd
}

func protocolsNamed(names []string) ([]ontapv1alpha1.Protocol, error) {
	known := []ontapv1alpha1.Protocol{ontapv1alpha1.ProtocolNVMe, ontapv1alpha1.ProtocolISCSI, ontapv1alpha1.ProtocolNFS}
	var protocols []ontapv1alpha1.Protocol
	for _, name := range names {
		protocol := ontapv1alpha1.Protocol(name)
		if !slices.Contains(known, protocol) {
			return nil, fmt.Errorf("--protocols has %q, which is not NVMe, iSCSI or NFS", name)
		}
		protocols = append(protocols, protocol)
	}
	return protocols, nil
}

// Preflight checks the configured clusters. The clients that it makes for ONTAP can only read.
func Preflight(
	ctx context.Context, config *configv1alpha1.ControllerConfiguration, needed []ontapv1alpha1.Protocol, options ontap.Options,
) (preflight.Report, error) {
	clusters, err := newClusters(config, options)
	if err != nil {
		return preflight.Report{}, err
	}
	return preflight.Report{Clusters: svm.NewInventory(clusters).Preflight(ctx, needed)}, nil
}
