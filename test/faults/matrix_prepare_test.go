// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	worlds "github.com/gardener-community/gardener-extension-ontap/test/world"
)

const (
	// matrixVolume is the data that nobody may lose.
	matrixVolume = "data"
	// matrixForeign is the comment of what is somebody else's.
	matrixForeign = "somebody else's, do not touch"
)

// matrixShoot is a shoot that is brought into one state after another.
type matrixShoot struct {
	*worlds.Shoot
	state matrixState
	// cluster is where its SVM is, svm the name of that, username the account of the seed secret that it had.
	cluster, svm, username string
	// lifs are the names of its LIFs, the management LIF last.
	lifs []string
	// edits is how often its seed secret was edited, each time to another password.
	edits int
	// restore puts the SVM back as it was before it was disturbed, secret and extension are what there was in the seed.
	restore   func() error
	secret    *corev1.Secret
	extension *extensionsv1alpha1.Extension
}

// disturb does to a shoot that is in order what others may do to it.
func (s *matrixShoot) disturb(ctx context.Context) error {
	if err := s.keep(ctx); err != nil {
		return err
	}
	if s.state.svm == "absent" {
		return errors.Join(s.act(ctx, simulator.RemoveSVM, "", ""), s.disturbSecret(ctx))
	}
	if s.state.unfinished() {
		return s.disturbSecret(ctx)
	}
	return errors.Join(s.disturbLIFs(ctx), s.disturbAccount(ctx), s.disturbSVM(ctx), s.disturbSecret(ctx))
}

// keep remembers how the shoot is.
func (s *matrixShoot) keep(ctx context.Context) (err error) {
	if s.secret, err = s.SeedSecret(ctx); err != nil {
		return err
	}
	if s.extension, err = s.Extension(ctx); err != nil {
		return err
	}
	s.cluster, s.svm, s.username = string(s.secret.Data["cluster"]), s.SVMName(), string(s.secret.Data["username"])
	if s.restore, err = s.Sim.Checkpoint(s.cluster, s.svm); err != nil {
		return err
	}
	state, err := s.Sim.State(ctx)
	if err != nil {
		return err
	}
	s.lifs = nil
	for _, svm := range matrixSVMsOf(state, s) {
		for _, lif := range svm.LIFs { // in the order of their names
			s.lifs = append(s.lifs, lif.Name)
		}
	}
	return nil
}

// recover brings the shoot back in order. Where it has come back by itself only what is somebody else's is taken away.
func (s *matrixShoot) recover(ctx context.Context, converged bool) error {
	if converged {
		var errs []error
		switch s.state.svm {
		case "renamed":
			errs = append(errs, s.act(ctx, simulator.RenameSVM, "", s.SVMName()))
		case "held":
			errs = append(errs, s.act(ctx, simulator.SetComment, "", s.Mark()))
		}
		s.svm = s.SVMName()
		if s.state.account == "foreign" {
			errs = append(errs, s.act(ctx, simulator.RemoveAccount, s.username, ""))
		}
		return errors.Join(errs...)
	}
	secret, err := s.SeedSecret(ctx)
	if apierrors.IsNotFound(err) {
		secret = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.secret.Namespace, Name: s.secret.Name}}
		err = s.Seed.Create(ctx, secret)
	}
	if err != nil {
		return err
	}
	secret.Data, secret.Labels, secret.Annotations = s.secret.Data, s.secret.Labels, s.secret.Annotations
	extension, err := s.Extension(ctx)
	if err != nil {
		return err
	}
	extension.Status = s.extension.Status
	return errors.Join(s.restore(), s.Seed.Update(ctx, secret), s.Seed.Status().Update(ctx, extension))
}

func (s *matrixShoot) make(ctx context.Context) error {
	if err := s.Annotate(ctx, "reconcile"); err != nil {
		return err
	}
	switch s.state.svm {
	case "initialising":
		for _, cluster := range []string{"a", "b"} {
			if err := s.Sim.HoldJobs(ctx, cluster, simulator.Running); err != nil {
				return err
			}
		}
		return expectMatrixFailure(s.Run(ctx))
	case "halfMade":
		if err := s.Sim.FailNext(ctx, simulator.Fault{Method: "POST", Path: "/svm/svms", Kind: simulator.StickInitializing}); err != nil {
			return err
		}
		return expectMatrixFailure(s.RunWithin(ctx, 50*time.Second)) // too little for it to be found out
	default:
		if err := s.Run(ctx); err != nil || s.state.svm == "absent" {
			return err
		}
		return s.Sim.Perform(ctx, s.placed(ctx), simulator.Act{Kind: simulator.AddVolume, SVM: s.SVMName(), Name: matrixVolume})
	}
}

// placed is the cluster that the seed secret names, empty where it cannot be read.
func (s *matrixShoot) placed(ctx context.Context) string {
	secret, err := s.SeedSecret(ctx)
	if err != nil {
		return ""
	}
	return string(secret.Data["cluster"])
}

func expectMatrixFailure(err error) error {
	if err == nil {
		return errors.New("the run has succeeded")
	}
	return nil
}

func (s *matrixShoot) act(ctx context.Context, kind simulator.ActKind, name, value string) error {
	return s.Sim.Perform(ctx, s.cluster, simulator.Act{Kind: kind, SVM: s.svm, Name: name, Value: value})
}

func (s *matrixShoot) disturbLIFs(ctx context.Context) error {
	var errs []error
	act := func(kind simulator.ActKind, name, value string) { errs = append(errs, s.act(ctx, kind, name, value)) }
	data, management := s.lifs[:2], s.lifs[2]
	switch s.state.data {
	case "none":
		act(simulator.RemoveLIF, data[0], "")
		act(simulator.RemoveLIF, data[1], "")
	case "some":
		act(simulator.RemoveLIF, data[1], "")
	case "wrongAddress":
		act(simulator.SetAddress, data[0], fmt.Sprintf("10.11.100.%d", s.Number))
	case "down":
		act(simulator.DisableLIF, data[0], "")
		act(simulator.DisableLIF, data[1], "")
	}
	switch s.state.management {
	case "absent":
		act(simulator.RemoveLIF, management, "")
	case "wrong":
		act(simulator.SetAddress, management, fmt.Sprintf("10.10.100.%d", s.Number))
	}
	return errors.Join(errs...)
}

func (s *matrixShoot) disturbAccount(ctx context.Context) error {
	other := "fp=OFOTHERCREDENTIALS" + strings.ToUpper(s.username)
	mark := strings.Replace(s.Mark(), " t="+s.Namespace(), "", 1)
	switch s.state.account {
	case "absent":
		return s.act(ctx, simulator.RemoveAccount, s.username, "")
	case "uncommitted":
		return s.act(ctx, simulator.SetAccountComment, s.username, mark)
	case "withoutPassword":
		return s.act(ctx, simulator.RemovePassword, s.username, "")
	case "outOfStep":
		return s.act(ctx, simulator.SetAccountComment, s.username, mark+" "+other)
	case "locked":
		return s.act(ctx, simulator.LockAccount, s.username, "")
	case "foreign":
		return s.act(ctx, simulator.SetAccountComment, s.username, matrixForeign)
	case "two":
		return s.act(ctx, simulator.AddAccount, s.username+"0", mark+" "+other)
	}
	return nil
}

func (s *matrixShoot) disturbSVM(ctx context.Context) error {
	switch s.state.svm {
	case "stopped":
		return s.act(ctx, simulator.StopSVM, "", "")
	case "renamed":
		renamed := fmt.Sprintf("renamed%d", s.Number)
		err := s.act(ctx, simulator.RenameSVM, "", renamed)
		s.svm = renamed
		return err
	case "unmarked":
		return errors.Join(s.act(ctx, simulator.SetComment, "", matrixForeign), s.editStatus(ctx, func(status *ontapv1alpha1.SVMStatus) {
			status.SVMUUID = "00000000-0000-4000-8000-000000000000"
		}))
	case "otherSeed":
		words := strings.Fields(s.Mark())
		words[3] = "s=00000000"
		return s.act(ctx, simulator.SetComment, "", strings.Join(words, " "))
	case "held":
		return s.act(ctx, simulator.SetComment, "", s.Mark()+" hold, incident 7")
	case "partner":
		partner := map[string]string{"a": "b", "b": "a"}[s.cluster]
		return errors.Join(s.editSecret(ctx, func(secret *corev1.Secret) { secret.Data["cluster"] = []byte(partner) }),
			s.editStatus(ctx, func(status *ontapv1alpha1.SVMStatus) { status.Cluster = partner }))
	}
	return nil
}

func (s *matrixShoot) disturbSecret(ctx context.Context) error {
	switch s.state.secret {
	case "absent":
		secret, err := s.SeedSecret(ctx)
		return errors.Join(err, s.Seed.Delete(ctx, secret))
	case "malformed":
		return s.editSecret(ctx, func(secret *corev1.Secret) { delete(secret.Data, "password") })
	case "edited":
		return s.editSecret(ctx, func(secret *corev1.Secret) {
			s.edits++
			secret.Data["password"] = fmt.Appendf(nil, "Edited-by-hand-%09d", s.edits)
		})
	case "foreign":
		return s.editSecret(ctx, func(secret *corev1.Secret) {
			secret.Labels["ontap.extensions.gardener.cloud/shoot-uid"] = "9f8e7d6c-0000-4000-8000-000000000000"
		})
	}
	return nil
}

func (s *matrixShoot) editSecret(ctx context.Context, edit func(*corev1.Secret)) error {
	secret, err := s.SeedSecret(ctx)
	if err != nil {
		return err
	}
	edit(secret)
	return s.Seed.Update(ctx, secret)
}

func (s *matrixShoot) editStatus(ctx context.Context, edit func(*ontapv1alpha1.SVMStatus)) error {
	extension, err := s.Extension(ctx)
	if err != nil {
		return err
	}
	status := ontapv1alpha1.SVMStatus{}
	if err := json.Unmarshal(extension.Status.ProviderStatus.Raw, &status); err != nil {
		return err
	}
	edit(&status)
	raw, err := json.Marshal(status)
	if err != nil {
		return err
	}
	extension.Status.ProviderStatus = &runtime.RawExtension{Raw: raw}
	return s.Seed.Status().Update(ctx, extension)
}
