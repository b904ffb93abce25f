// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package healthcheck

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gardener/gardener/extensions/pkg/controller/healthcheck"
	"github.com/gardener/gardener/extensions/pkg/controller/healthcheck/general"
	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

const (
	// patience is how long an SVM may be unclear before it counts as down, if a second sweep has had its say by then.
	patience = 10 * time.Minute
	// forever is for what is not down, however long it is not known.
	forever = time.Duration(math.MaxInt64)
)

// errOutdated is the error of a verdict that would rest on something too old.
var errOutdated = errors.New("no sweep gets to its end, see the log of the extension")

// quiet is a check that Gardener's library gives nothing to keep: one instance answers for all shoots at a time.
type quiet struct{}

// SetLoggerSuffix implements healthcheck.HealthCheck.
func (quiet) SetLoggerSuffix(string, string) {}

// svmCheck judges SVMs by the last complete sweep.
type svmCheck struct {
	quiet
	reader       client.Reader
	observations *Observations
	interval     time.Duration
	clock        clock.PassiveClock
}

// Check implements healthcheck.HealthCheck. Its error, which makes the condition Unknown, is that of an old observation. What
// no sweep has looked at is progressing, for which the library makes nothing False that was not False before.
func (c *svmCheck) Check(ctx context.Context, key types.NamespacedName) (*healthcheck.SingleCheckResult, error) {
	seen := c.observations.of(key.Namespace)
	when := seen.at.UTC().Format(time.RFC3339)
	if age := c.clock.Since(seen.at); !seen.at.IsZero() && age > 2*c.interval {
		return nil, fmt.Errorf("nothing was found out about the SVM since %s, more than %s ago: %w", when, age.Truncate(c.interval), errOutdated)
	}
	switch {
	case !seen.swept:
		return progressing(fmt.Sprintf("the extension has been started, and looks at the SVM within %s", c.interval), forever), nil
	case seen.verdict.Health == svm.HealthServing:
		return &healthcheck.SingleCheckResult{Status: gardencorev1beta1.ConditionTrue}, nil
	case seen.verdict.Health == svm.HealthUnclear:
		return progressing(seen.verdict.Message+" (seen at "+when+")", max(patience, c.interval*5/4)), nil
	case seen.verdict.Health == svm.HealthDown:
		return &healthcheck.SingleCheckResult{Status: gardencorev1beta1.ConditionFalse, Detail: seen.verdict.Message + " (seen at " + when + ")"}, nil
	}
	return c.byLastRun(ctx, key)
}

// byLastRun judges a shoot that is younger than the last sweep, or that repair leaves to Gardener, by what its last run has
// written down.
func (c *svmCheck) byLastRun(ctx context.Context, key types.NamespacedName) (*healthcheck.SingleCheckResult, error) {
	extension := &extensionsv1alpha1.Extension{}
	if err := c.reader.Get(ctx, key, extension); err != nil {
		return nil, fmt.Errorf("reading the Extension: %w", err)
	}
	for _, conditionType := range []gardencorev1beta1.ConditionType{
		ontapv1alpha1.ConditionSVMReady, ontapv1alpha1.ConditionNetworkReady, ontapv1alpha1.ConditionCredentialsReady,
	} {
		condition := v1beta1helper.GetCondition(extension.Status.Conditions, conditionType)
		if condition == nil || condition.Status != gardencorev1beta1.ConditionTrue {
			return progressing(fmt.Sprintf("sweeps leave the shoot to Gardener's reconcile, which has not brought %s yet", conditionType), forever), nil
		}
	}
	return &healthcheck.SingleCheckResult{Status: gardencorev1beta1.ConditionTrue}, nil
}

func progressing(detail string, threshold time.Duration) *healthcheck.SingleCheckResult {
	return &healthcheck.SingleCheckResult{Status: gardencorev1beta1.ConditionProgressing, Detail: detail, ProgressingThreshold: &threshold}
}

// managedResourceCheck is that of Gardener's library, which keeps client and logger in itself, for many shoots at a time.
type managedResourceCheck struct {
	quiet
	client client.Client
	name   string
}

// Check implements healthcheck.HealthCheck.
func (c *managedResourceCheck) Check(ctx context.Context, key types.NamespacedName) (*healthcheck.SingleCheckResult, error) {
	check := general.CheckManagedResource(c.name)
	check.InjectSourceClient(c.client)
	return check.Check(ctx, key)
}
