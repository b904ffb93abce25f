// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package story is what the demo tells: chapters that do something in a landscape and claim what came of it. A claim is
// checked before it is printed, and one that is not so ends the story with an error.
package story

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// Story is told in one landscape.
type Story struct {
	landscape *landscape.Landscape
	out       io.Writer
	mutex     sync.Mutex
	clock     clock.PassiveClock
	shoots    map[string]*landscape.Shoot
	claims    int
}

// Chapter is a part of a story.
type Chapter struct {
	Title string
	Tell  func(context.Context, *Story) error
}

// New returns a story that is told to out.
func New(l *landscape.Landscape, out io.Writer) *Story {
	return &Story{landscape: l, out: out, clock: clock.RealClock{}, shoots: map[string]*landscape.Shoot{}}
}

// Chapters returns the chapters of the demo. The last one takes everything away.
func Chapters() []Chapter {
	return []Chapter{
		{"a. A shoot gets its SVM", created},
		{"b. The failure: the seed secret cannot be written", refused},
		{"c. The seed secret is lost", healed},
		{"d. SIGKILL in the middle of a create", killed},
		{"e. One shoot gives the extension up, the others are deleted", deleted},
	}
}

// Tell tells the chapters one after the other and fails with the first claim that is not so.
func (s *Story) Tell(ctx context.Context, chapters ...Chapter) error {
	begin := s.clock.Now()
	for _, chapter := range chapters {
		s.say("\n%s\n%s", chapter.Title, strings.Repeat("-", len(chapter.Title)))
		start := s.clock.Now()
		if err := chapter.Tell(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", chapter.Title, err)
		}
		s.say("  (%s)", s.clock.Since(start).Round(100*time.Millisecond))
	}
	s.say("\n%d claims, all so, in %s.", s.claims, s.clock.Since(begin).Round(100*time.Millisecond))
	return nil
}

// Invite says what can be tried in a landscape that stays up.
func (s *Story) Invite() {
	s.say("\nThe landscape stays up until Ctrl-C. In another terminal:")
	s.say("  export KUBECONFIG=%s", s.landscape.KubeconfigPath)
	s.say("  kubectl get extensions.extensions.gardener.cloud -A -o yaml    # conditions, providerStatus")
	for name, shoot := range s.shoots {
		s.say("  kubectl --kubeconfig %s get storageclass,tbc -A    # in shoot %s itself", shoot.ControlPlane.KubeconfigPath, name)
		s.say("  kubectl -n %s delete secret %s", shoot.Namespace, seedsecret.Name)
		s.say("  kubectl -n %s annotate extension.extensions.gardener.cloud ontap gardener.cloud/operation=reconcile    # shoot %s", shoot.Namespace, name)
		break
	}
	s.say("  curl %s/state    # what stands on ONTAP; /journal, /violations", s.landscape.SimulatorURL())
	s.say("  tail -f %s", s.landscape.ExtensionLog())
}

func (s *Story) say(format string, args ...any) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	_, _ = fmt.Fprintf(s.out, format+"\n", args...) // nobody to tell if there is nobody to tell
}

// claim prints the sentence if it is so, and is an error if it is not.
func (s *Story) claim(so bool, format string, args ...any) error {
	sentence := fmt.Sprintf(format, args...)
	if !so {
		s.say("  [not so] %s", sentence)
		return fmt.Errorf("a claim is not so: %s", sentence)
	}
	s.claims++
	s.say("  [ok] %s", sentence)
	return nil
}

func (s *Story) newShoot(ctx context.Context, name string) (*landscape.Shoot, error) {
	shoot, err := s.landscape.NewShoot(ctx, name)
	if err != nil {
		return nil, err
	}
	s.shoots[name] = shoot
	start := s.clock.Now()
	if err := shoot.StartControlPlane(ctx); err != nil {
		return nil, err
	}
	s.say("  shoot %q has a kube-apiserver of its own, and gardener-resource-manager between it and the seed, after %s", name, s.clock.Since(start).Round(100*time.Millisecond))
	return shoot, nil
}

func (s *Story) shoot(name string) (*landscape.Shoot, error) {
	shoot, ok := s.shoots[name]
	if !ok {
		return nil, fmt.Errorf("shoot %q belongs to a chapter that was not told", name)
	}
	return shoot, nil
}

func svmName(shoot *landscape.Shoot) string {
	return "s" + strings.ReplaceAll(string(shoot.UID), "-", "")
}

func (s *Story) secret(ctx context.Context, shoot *landscape.Shoot) (*corev1.Secret, error) {
	secret := &corev1.Secret{}
	err := s.landscape.Client.Get(ctx, client.ObjectKey{Namespace: shoot.Namespace, Name: seedsecret.Name}, secret)
	return secret, err
}

// conditions returns the conditions of the shoot's Extension as "Status Reason", by type.
func (s *Story) conditions(ctx context.Context, shoot *landscape.Shoot) (map[string]string, error) {
	extension, err := shoot.Extension(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, condition := range extension.Status.Conditions {
		all[string(condition.Type)] = fmt.Sprintf("%s %s", condition.Status, condition.Reason)
	}
	return all, nil
}

// claimSucceeded claims that the Extension has succeeded, and that all conditions are True but the one that waits for a node
// with Trident.
func (s *Story) claimSucceeded(ctx context.Context, shoot *landscape.Shoot) error {
	extension, err := shoot.Extension(ctx)
	if err != nil {
		return err
	}
	operation := extension.Status.LastOperation
	succeeded := operation != nil && operation.State == gardencorev1beta1.LastOperationStateSucceeded && extension.Status.LastError == nil
	if err := s.claim(succeeded, "the Extension of shoot %q is Succeeded", shoot.Name); err != nil {
		return err
	}
	for _, conditionType := range []string{"SeedSecretReady", "SVMReady", "NetworkReady", "CredentialsReady"} {
		condition := v1beta1helper.GetCondition(extension.Status.Conditions, gardencorev1beta1.ConditionType(conditionType))
		if err := s.claim(condition != nil && condition.Status == gardencorev1beta1.ConditionTrue, "%s is True", conditionType); err != nil {
			return err
		}
	}
	return nil
}

// journal returns what reached ONTAP since an entry.
func (s *Story) journal(ctx context.Context, since uint64) ([]simulator.Entry, error) {
	return s.landscape.Simulator().Journal(ctx, since)
}

// now returns the number of the journal's last entry.
func (s *Story) now(ctx context.Context) (uint64, error) {
	entries, err := s.journal(ctx, 0)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	return entries[len(entries)-1].Seq, nil
}

// requests counts the requests of the extension among the entries, without the polling of jobs.
func requests(entries []simulator.Entry) (lines []string, bytes int) {
	for _, entry := range entries {
		if entry.Class != simulator.Progress && entry.Template != "/cluster/jobs/{uuid}" {
			lines = append(lines, entry.Method+" "+entry.Template)
			bytes += entry.Bytes
		}
	}
	return lines, bytes
}

// located returns the names of the clusters on which the shoot has an SVM, by name or by mark.
func (s *Story) located(ctx context.Context, shoot *landscape.Shoot) ([]string, error) {
	state, err := s.landscape.Simulator().State(ctx)
	if err != nil {
		return nil, err
	}
	var clusters []string
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if svm.Name == svmName(shoot) || strings.Contains(svm.Comment, string(shoot.UID)) {
				clusters = append(clusters, cluster.Name)
			}
		}
	}
	return clusters, nil
}

// svm returns the shoot's SVM as it stands on ONTAP.
func (s *Story) svm(ctx context.Context, shoot *landscape.Shoot) (simulator.SVMState, error) {
	state, err := s.landscape.Simulator().State(ctx)
	if err != nil {
		return simulator.SVMState{}, err
	}
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if svm.Name == svmName(shoot) {
				return svm, nil
			}
		}
	}
	return simulator.SVMState{}, fmt.Errorf("shoot %q has no SVM", shoot.Name)
}

// until looks again every 100 milliseconds, for a minute at most.
func until(ctx context.Context, what string, so func(context.Context) (bool, error)) error {
	if err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, time.Minute, true, so); err != nil {
		return fmt.Errorf("waiting until %s: %w", what, err)
	}
	return nil
}

// mentions returns the entries that concern the shoot.
func mentions(entries []simulator.Entry, shoot *landscape.Shoot) []simulator.Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(entry simulator.Entry) bool {
		return !entry.Mentions(string(shoot.UID)) && !entry.Mentions(svmName(shoot))
	})
}
