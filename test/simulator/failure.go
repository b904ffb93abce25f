// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"net/http"
)

// ONTAP's codes, in the form in which they are sent: those of its general table, and those of the calls' own tables.
const (
	codeDuplicate        = "1"
	codeUnsupported      = "3"
	codeNotFound         = "4"
	codeDenied           = "6"
	codeTooMany          = "7"
	codeInUse            = "8"
	codeContext          = "262186"
	codeBodyNotAllowed   = "262198"
	codeBadJSON          = "262199"
	codeGivenTwice       = "262188"
	codeInvalidValue     = "262185"
	codeOutOfRange       = "262197"
	codeEmptyPatch       = "262190"
	codeRequiredMissing  = "262212"
	codeUUIDNotFound     = "8586226"
	codeSVMNotFound      = "1260882"
	codeSVMNotAccessible = "2621462"
	codeSVMNameMalformed = "2621519"
	codeSVMNameTooLong   = "13434911"
	codeSVMNameTaken     = "13434908"
	codeTooManySVMJobs   = "13434894"
	codeSVMJobRunning    = "13434915"
	codeCreateRunning    = "13434916"

	codeAccountReserved        = "5636121"
	codeAccountNameCharacter   = "7077897"
	codeAccountNameComposition = "7077898"
	codeAccountNameLength      = "7077899"
	codeRoleUnknown            = "7077906"
	codePasswordHasUsername    = "7077918"
	codePasswordTooShort       = "7077919"
	codePasswordComposition    = "7077920"
	codePasswordTooLong        = "7077940"
	codePasswordSame           = "7077925"
)

// failure is an error as ONTAP answers it.
type failure struct {
	status                int
	code, message, target string
	violation             ViolationKind // set where the request itself must not occur
}

func fail(status int, code, format string, args ...any) *failure {
	return &failure{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// refuse fails with the status that the general table gives for the code. The calls' own tables give none; 400 says least.
func refuse(code, format string, args ...any) *failure {
	status, general := map[string]int{
		codeDuplicate: http.StatusConflict, codeNotFound: http.StatusNotFound, codeTooMany: http.StatusServiceUnavailable, codeInUse: http.StatusConflict,
	}[code]
	if !general {
		status = http.StatusBadRequest
	}
	return fail(status, code, format, args...)
}

// badRequest is a failure of the value of one field.
func badRequest(code, target, format string, args ...any) *failure {
	f := fail(http.StatusBadRequest, code, format, args...)
	f.target = target
	return f
}

// unknown is the answer to what is not simulated.
func unknown(format string, args ...any) *failure {
	f := fail(http.StatusNotImplemented, codeUnsupported, "not simulated: "+format, args...)
	f.violation = UnknownRequest
	return f
}

func notFound(what string) *failure {
	f := fail(http.StatusNotFound, codeNotFound, "entry doesn't exist: %s", what)
	f.target = "uuid"
	return f
}

func (f *failure) body() map[string]any {
	content := map[string]any{"code": f.code, "message": f.message}
	if f.target != "" {
		content["target"] = f.target
	}
	return map[string]any{"error": content}
}
