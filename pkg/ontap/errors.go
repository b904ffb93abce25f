// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Kind says what an error means for the caller.
type Kind string

const (
	// KindNotFound: ONTAP says that the object does not exist. From a job it says that ONTAP no longer knows the job, or
	// that the job failed because something was missing: look at the object again.
	KindNotFound Kind = "NotFound"
	// KindExists: an object of this name exists already.
	KindExists Kind = "Exists"
	// KindConflict: several objects were found where one was meant.
	KindConflict Kind = "Conflict"
	// KindBusy: ONTAP is at it, or has too much to do; the same call may succeed later.
	KindBusy Kind = "Busy"
	// KindDenied: the cluster credentials are missing or refused, or the CA bundle cannot be used.
	KindDenied Kind = "Denied"
	// KindUnavailable: there was no answer, or none that can be relied on, or the request was not even sent because there
	// has been none for a while. A write may have had its effect.
	KindUnavailable Kind = "Unavailable"
	// KindInvalid: ONTAP refuses the request as it is, or it was refused before it was sent.
	KindInvalid Kind = "Invalid"
	// KindExhausted: no room is left, or a limit is reached.
	KindExhausted Kind = "Exhausted"
	// KindUnlicensed: the cluster has no licence for the protocol.
	KindUnlicensed Kind = "Unlicensed"
	// KindInUse: something still depends on what is to be deleted.
	KindInUse Kind = "InUse"
	// KindHeld: the client is read-only, so the write was not sent.
	KindHeld Kind = "Held"
	// KindApproval: a multi-admin rule protects the write. ONTAP has not done it, but made a request for approval of it.
	KindApproval Kind = "Approval"
	// KindInternal: a job failed without a code, or is in a state that this package does not know.
	KindInternal Kind = "Internal"
)

// Error is every error of the calls of this package.
type Error struct {
	Kind Kind
	// Cluster is the configured name of the cluster.
	Cluster string
	// Op is the method and the path template, or the description of the job that failed.
	Op string
	// Status is the HTTP status, 0 where there was no answer.
	Status int
	// Code, Message and Target are ONTAP's own words. Branch on Kind, not on these.
	Code, Message, Target string
	// JobUUID is the job that was asked for or that failed.
	JobUUID string
	// ApprovalIndex is the request for approval, for [KindApproval].
	ApprovalIndex int64

	cause      error
	again      bool          // the same request may be answered if it is sent once more
	retryAfter time.Duration // what the server asks for, 0 for nothing
}

// Error returns all that is known on one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ONTAP cluster %q: %s", e.Cluster, e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": HTTP %d", e.Status)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	var details []string
	for _, detail := range []struct{ name, value string }{{"code", e.Code}, {"target", e.Target}, {"job", e.JobUUID}} {
		if detail.value != "" {
			details = append(details, detail.name+" "+detail.value)
		}
	}
	if len(details) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(details, ", "))
	}
	return b.String()
}

// Unwrap returns the cause: an error of the network, of a file, or of the context.
func (e *Error) Unwrap() error { return e.cause }

// withoutRequest is what went wrong, whatever was asked for.
func (e *Error) withoutRequest() error {
	if e.cause != nil {
		return e.cause
	}
	return fmt.Errorf("HTTP %d: %s", e.Status, e.Message)
}

// KindOf returns the kind of err, empty if no [Error] is in its chain.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// IsNotFound reports whether err is of [KindNotFound].
func IsNotFound(err error) bool { return KindOf(err) == KindNotFound }

// IgnoreNotFound returns nil for an err of [KindNotFound], and err otherwise.
func IgnoreNotFound(err error) error {
	if IsNotFound(err) {
		return nil
	}
	return err
}

// IsExists reports whether err is of [KindExists].
func IsExists(err error) bool { return KindOf(err) == KindExists }

// IsConflict reports whether err is of [KindConflict].
func IsConflict(err error) bool { return KindOf(err) == KindConflict }

// IsBusy reports whether err is of [KindBusy].
func IsBusy(err error) bool { return KindOf(err) == KindBusy }

// IsDenied reports whether err is of [KindDenied].
func IsDenied(err error) bool { return KindOf(err) == KindDenied }

// IsUntrusted reports whether err is that the cluster's certificate cannot be verified: it or the CA bundle is not good.
func IsUntrusted(err error) bool { return errors.Is(err, errUntrusted) }

// IsLoginRefused reports whether err is that ONTAP does not know the cluster credentials, or that there are none.
func IsLoginRefused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == KindDenied && !IsUntrusted(err) && (e.Status == 0 || e.Status == http.StatusUnauthorized)
}

// IsUnavailable reports whether err is of [KindUnavailable].
func IsUnavailable(err error) bool { return KindOf(err) == KindUnavailable }

// IsInvalid reports whether err is of [KindInvalid].
func IsInvalid(err error) bool { return KindOf(err) == KindInvalid }

// IsExhausted reports whether err is of [KindExhausted].
func IsExhausted(err error) bool { return KindOf(err) == KindExhausted }

// IsRefused reports whether err is that a request was not sent, or that ONTAP itself said that it does not do it: it has had no effect.
func IsRefused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind != KindUnavailable && (e.Kind == KindHeld || e.Kind == KindApproval || e.JobUUID == "" && (e.Status == 0 || e.Status >= 400 && e.Status < 500))
}

// IsHeld reports whether err is of [KindHeld].
func IsHeld(err error) bool { return KindOf(err) == KindHeld }

// IsApproval reports whether err is of [KindApproval].
func IsApproval(err error) bool { return KindOf(err) == KindApproval }

// kindOfCode classifies ONTAP's error codes, which mean the same in an answer and in a failed job. It returns "" for
// those that it does not know. The HTTP status says less: many codes arrive with a 400.
func kindOfCode(code string) Kind {
	switch code {
	case "1", // duplicate entry
		"13434908", // the SVM's name is taken
		"1966140",  // the LIF's name is taken
		"1376963",  // a LIF has the address
		"1966345",  // the route exists
		"72089650", // the NVMe service exists
		"5374077":  // the iSCSI service exists; NFS has no code for that
		return KindExists
	case "4", // entry does not exist
		"1261218",  // no such account
		"72089651", // no NVMe service
		"5374078",  // no iSCSI service
		"72090001", // no such subsystem
		"5374852",  // no such igroup
		"8586226":  // no such UUID
		return KindNotFound
	case "6", // permission denied
		"6691623": // user not authorised
		return KindDenied
	case "7", // resource limit
		"1245212",  // no space
		"13434914": // root aggregate full
		return KindExhausted
	case "8", // resource in use
		"2621576",              // the SVM is locked
		"13434894",             // five SVM jobs are running
		"13434915", "13434916": // the SVM is still being created or deleted
		return KindBusy
	case "1115127": // no licence for NVMe
		return KindUnlicensed
	case "72090023", "72090024", // the subsystem is mapped, has hosts
		"72089653", "72089654", // subsystems, LIFs are left on the NVMe service
		"72090028", "5373960", // the service of NVMe, of iSCSI is switched on
		"1254213", // the igroup is mapped
		"1254197", // the LUN is mapped
		"5376953": // the LIF is in a portset
		return KindInUse
	case "65541", "65552", "65562", // RPC timeout, failure, internal error
		"262160",                                       // too many requests in flight
		"393271",                                       // node out of quorum
		"13434889", "13434909", "13434910", "13434913": // internal errors of SVM jobs
		return KindUnavailable
	}
	return ""
}

func kindOfStatus(status int) Kind {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return KindDenied
	case status == http.StatusConflict:
		return KindExists
	case status == http.StatusTooManyRequests, status >= 500, status < 400:
		return KindUnavailable
	}
	return KindInvalid
}

var (
	errLoginRefused = errors.New("the login with the cluster credentials was refused")
	errRightMissing = errors.New("the role of the cluster credentials lacks a right")
)

// classify returns the kind of an answer that is not a success. A 404 without an ONTAP error was not written by ONTAP
// (a proxy, a wrong address) and must not pass for an absent object.
func classify(status int, code string) Kind {
	if status == http.StatusNotFound {
		if code == "" {
			return KindUnavailable
		}
		return cmp.Or(kindOfCode(code), KindNotFound)
	}
	return cmp.Or(kindOfCode(code), kindOfStatus(status))
}

// wireError is the error object of an answer or a job.
type wireError struct {
	Code    wireCode `json:"code"`
	Message string   `json:"message"`
	Target  string   `json:"target"`
}

// wireCode is a string in errors and an integer in jobs. Zero says that there is none.
type wireCode string

func (c *wireCode) UnmarshalJSON(data []byte) error {
	text := string(data)
	if unquoted, err := strconv.Unquote(text); err == nil {
		text = unquoted
	}
	if text == "null" || text == "0" {
		text = ""
	}
	*c = wireCode(text)
	return nil
}

// truncate keeps ONTAP's messages from flooding conditions and logs.
func truncate(message string) string {
	const limit = 512
	if len(message) <= limit {
		return message
	}
	return strings.ToValidUTF8(message[:limit], "") + "…"
}

// refusal is the error of an answer whose status is no success. What ONTAP quotes of the secrets is taken out.
func (c *Client) refusal(r request, status int, answer []byte, secrets ...Secret) *Error {
	var body struct {
		Error wireError `json:"error"`
	}
	if err := json.Unmarshal(answer, &body); err != nil {
		body.Error = wireError{Message: "the answer is not an ONTAP error"}
	}
	code := string(body.Error.Code)
	e := c.failure(r, classify(status, code), nil)
	switch {
	case status == http.StatusUnauthorized:
		e.cause = errLoginRefused
	case e.Kind == KindDenied:
		e.cause = errRightMissing
	case r.method == http.MethodDelete && status == http.StatusConflict && (e.Kind == KindExists || code == "8"):
		e.Kind = KindInUse // a conflict with what is there, neither with a name nor with what is going on
	}
	e.Status, e.Code, e.Target = status, code, body.Error.Target
	e.Message = body.Error.Message
	for _, secret := range secrets {
		if !secret.IsZero() {
			e.Message = strings.ReplaceAll(e.Message, secret.Reveal(), redacted)
			e.Target = strings.ReplaceAll(e.Target, secret.Reveal(), redacted)
		}
	}
	e.Message = truncate(e.Message)
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		e.again = true
	}
	return e
}

func (c *Client) failure(r request, kind Kind, cause error) *Error {
	return &Error{Kind: kind, Cluster: c.name, Op: r.method + " " + r.path, cause: cause}
}
