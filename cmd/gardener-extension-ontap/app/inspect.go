// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"
	"io"

	extensionscontroller "github.com/gardener/gardener/extensions/pkg/controller"
	extensionscmd "github.com/gardener/gardener/extensions/pkg/controller/cmd"
	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/inspect"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

func newInspectCommand() *cobra.Command {
	var file, namespace string
	var form output
	var seed extensionscmd.RESTOptions
	cmd := &cobra.Command{
		Use:   "inspect",
		Short: "Shows what there is of shoots in the seed and on ONTAP; changes nothing",
		Long: "Shows what there is of one shoot or of all: SVM, LIFs, account, seed secret, conditions. It only reads. The exit code is not 0 " +
			"if something could not be looked at, which is shown as unknown.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SilenceUsage = true
			if err := form.validate(); err != nil {
				return err
			}
			config, err := loadConfig(file)
			if err != nil {
				return err
			}
			reader, err := newReader(&seed)
			if err != nil {
				return err
			}
			inspector, err := NewInspector(config, reader, ontap.Options{})
			if err != nil {
				return err
			}
			shown, err := inspector.Inspect(cmd.Context(), namespace)
			if err != nil {
				return err
			}
			return finish(cmd.OutOrStdout(), form, shown, shown.Complete(), inspect.ErrIncomplete)
		},
	}
	addConfigFlag(cmd, &file)
	cmd.Flags().StringVarP(&namespace, "namespace", "n", "", "the shoot's namespace in the seed; all shoots where it is empty")
	form.addFlag(cmd)
	seed.AddFlags(cmd.Flags())
	return cmd
}

// finish writes a report, and is an error if it is not as good as it should be.
func finish(out io.Writer, form output, shown report, good bool, otherwise error) error {
	if err := form.write(out, shown); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	if !good {
		return otherwise
	}
	return nil
}

// NewInspector wires what looks at shoots. The clients that it makes for ONTAP can only read.
func NewInspector(config *configv1alpha1.ControllerConfiguration, seed client.Reader, options ontap.Options) (inspect.Inspector, error) {
	clusters, err := newClusters(config, options)
	return inspect.Inspector{Seed: seed, Inventory: svm.NewInventory(clusters), Config: config}, err
}

// newReader reads the seed without a cache.
func newReader(options *extensionscmd.RESTOptions) (client.Reader, error) {
	logf.SetLogger(logr.Discard()) // what is to be said is in the report
	if err := options.Complete(); err != nil {
		return nil, fmt.Errorf("completing the options: %w", err)
	}
	scheme := runtime.NewScheme()
	if err := extensionscontroller.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("completing the scheme: %w", err)
	}
	return client.New(options.Completed().Config, client.Options{Scheme: scheme})
}
