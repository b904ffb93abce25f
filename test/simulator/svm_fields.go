// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Codes of what an SVM cannot be made of. That something is left in an SVM that is to be deleted has no code of its own;
// that of the volumes is what the removal of its root volume is refused with.
const (
	codeSVMHasVolumes  = "917531"
	codeModifyFailed   = "13434880"
	codeNotSettable    = "262196"
	codeIPspaceUnknown = "13434912"
)

// settable are the fields of an SVM that POST and PATCH take.
func settable() []string {
	fields := []string{
		"comment", "aggregates", "max_volumes", "storage.limit", "qos_policy.max_throughput_iops", "qos_policy.max_throughput_mbps",
	}
	for _, key := range protocolKeys() {
		fields = append(fields, key+".allowed")
	}
	return fields
}

// newSVM returns the SVM that a body describes. unlicensed is what its job will find out.
func (s *Simulator) newSVM(q *request) (v *svm, unlicensed, failed *failure) {
	for path := range q.body {
		if strings.HasPrefix(path, "qos_policy.") {
			return nil, nil, badRequest(codeNotSettable, path, "the field can be set in a PATCH only")
		}
	}
	known := append(settable(), "name", "ipspace.name")
	for _, key := range protocolKeys() {
		known = append(known, key+".enabled")
	}
	if failed := q.body.only(known...); failed != nil {
		return nil, nil, failed
	}
	name, failed := q.body.required("name")
	if failed != nil {
		return nil, nil, failed
	}
	if !svmNames.MatchString(name) {
		return nil, nil, badRequest(codeSVMNameMalformed, "name", "the name of an SVM begins with a letter or an underscore")
	}
	longest := maxSVMName
	if q.cluster.metro != nil {
		longest = maxSyncSourceName
	}
	if len(name) > longest {
		return nil, nil, badRequest(codeSVMNameTooLong, "name", "the name of an SVM has at most %d characters here", longest)
	}
	v = &svm{uuid: s.newUUID(), name: name, state: svmInitializing, protocols: newProtocols(), maxVolumes: unlimited}
	if v.ipspace, _, failed = q.body.text("ipspace.name"); failed != nil {
		return nil, nil, failed
	}
	if v.ipspace != "" && v.ipspace != defaultIPspace {
		return nil, nil, badRequest(codeIPspaceUnknown, "ipspace.name", "there is no IPspace %q", v.ipspace)
	}
	if failed := q.applySVM(v); failed != nil {
		return nil, nil, failed
	}
	for _, key := range protocolKeys() {
		enabled, _, failed := q.body.flag(key + ".enabled")
		if failed != nil {
			return nil, nil, failed
		}
		if !enabled {
			continue
		}
		if failed := s.mayServe(q.cluster, v.protocols, key); failed != nil {
			if failed.code != codeUnlicensed || !s.options.UnlicensedAfterwards {
				return nil, nil, failed
			}
			unlicensed = failed
			continue
		}
		v.protocols[key].service, v.protocols[key].enabled = true, true
	}
	return v, unlicensed, nil
}

// applySVM writes the settable fields of a body into an SVM.
func (q *request) applySVM(v *svm) *failure {
	comment, given, failed := q.body.comment(maxSVMComment)
	if failed != nil {
		return failed
	}
	if given {
		v.comment = comment
	}
	names, given, failed := q.body.names("aggregates")
	if failed != nil {
		return failed
	}
	for _, name := range names {
		if q.cluster.net.aggregate(name) == nil {
			return badRequest(codeInvalidValue, "aggregates", "there is no aggregate %q", name)
		}
	}
	if given {
		v.aggregates = slices.Clone(names)
	}
	for _, key := range protocolKeys() {
		allowed, given, failed := q.body.flag(key + ".allowed")
		if failed != nil {
			return failed
		}
		if given {
			v.protocols[key].allowed = allowed
		}
	}
	return q.applyLimits(v)
}

func (q *request) applyLimits(v *svm) *failure {
	volumes, given, failed := q.body.text("max_volumes")
	if failed != nil {
		return failed
	}
	used, allocated := q.cluster.store.usage(v.uuid)
	if given {
		count, err := strconv.Atoi(volumes)
		if volumes != unlimited && (err != nil || count < 1) {
			return badRequest(codeInvalidValue, "max_volumes", "max_volumes is %q or a number", unlimited)
		}
		if err == nil && count < used {
			return badRequest(codeModifyFailed, "max_volumes", "the SVM has %d volumes", used)
		}
		v.maxVolumes = volumes
	}
	for path, into := range map[string]*int64{
		"storage.limit": &v.storageLimit, "qos_policy.max_throughput_iops": &v.qosIOPS, "qos_policy.max_throughput_mbps": &v.qosMBps,
	} {
		value, given, failed := q.body.number(path)
		if failed != nil {
			return failed
		}
		if given {
			*into = value
		}
		if given && strings.HasPrefix(path, "qos_policy.") {
			v.qosPolicy = ""
		}
	}
	if v.storageLimit > 0 && v.storageLimit < allocated {
		return badRequest(codeModifyFailed, "storage.limit", "the volumes of the SVM are larger")
	}
	return nil
}

func (s *Simulator) modifySVM(q *request) (*answer, *failure) {
	v, failed := q.svm()
	if failed != nil {
		return nil, failed
	}
	for _, key := range protocolKeys() {
		if _, given := q.body[key+".enabled"]; given {
			return nil, badRequest(codeNotSettable, key+".enabled", "the field can be set in a POST only")
		}
	}
	if failed := q.body.only(append(settable(), "state")...); failed != nil {
		return nil, failed
	}
	if len(q.body) == 0 {
		return nil, fail(http.StatusBadRequest, codeEmptyPatch, "the PATCH changes nothing")
	}
	if failed := v.standby(codeDestinationChanged); failed != nil {
		return nil, failed
	}
	if failed := q.cluster.busy(v); failed != nil {
		return nil, failed
	}
	before := v.comment
	changed := *v
	changed.protocols = map[string]*protocol{}
	for key, p := range v.protocols {
		changed.protocols[key] = new(*p)
	}
	if failed := q.applySVM(&changed); failed != nil {
		return nil, failed
	}
	state, given, failed := q.body.text("state")
	if failed != nil {
		return nil, failed
	}
	if given {
		if state != svmRunning && state != svmStopped {
			return nil, badRequest(codeInvalidValue, "state", "the state of an SVM can be set to running or stopped")
		}
		changed.state = state
	}
	*v = changed
	q.effects = append(q.effects, Effect{Op: Changed, Object: SVMObject, UUID: v.uuid, Name: v.name, Before: before, After: v.comment})
	return q.done(http.StatusOK, svmResource, s.svmRecord(v)), nil
}

// inhabited refuses the deletion of an SVM that is not empty.
func (s *Simulator) inhabited(c *cluster, v *svm) *failure {
	if volumes := c.store.dataVolumes(v.uuid); len(volumes) > 0 {
		return fail(http.StatusConflict, codeSVMHasVolumes, "SVM %q has %d volumes", v.name, len(volumes))
	}
	if v.state == svmInitializing {
		return nil // a half-made SVM has nothing yet
	}
	served := slices.ContainsFunc(protocolKeys(), func(key string) bool { return v.protocols[key].service })
	if (len(c.net.lifsOf(v.uuid)) > 0 || served || len(c.store.groupNames(v.uuid)) > 0) && !s.options.DeleteInhabitedSVMs {
		return refuse(codeInUse, "SVM %q has LIFs, host groups or services", v.name)
	}
	return nil
}
