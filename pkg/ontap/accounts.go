// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

const (
	accountsPath  = "/security/accounts"
	accountPath   = "/security/accounts/{owner.uuid}/{name}"
	accountFields = "owner.uuid,name,comment,locked,role.name"
)

// AccountService reads and writes /security/accounts of SVMs. It has no call that sets the password of an existing
// account: accounts are replaced.
type AccountService struct{ client *Client }

// Account is a login of an SVM. ONTAP never returns its password.
type Account struct {
	Name    string
	Comment string
	Role    string
	// Locked is nil for an account that has no password, since ONTAP then omits it.
	Locked *bool
}

// AccountCreate is a new account that may log in to the REST API with a password.
type AccountCreate struct {
	SVMUUID  string
	Name     string
	Role     string
	Comment  string
	Password Secret
}

// List returns the accounts that the SVM owns, including those that ONTAP made itself. It returns none for an SVM that
// does not exist.
func (s *AccountService) List(ctx context.Context, svmUUID string) ([]Account, error) {
	if svmUUID == "" {
		r := request{method: http.MethodGet, path: accountsPath}
		return nil, s.client.failure(r, KindInvalid, errors.New("the SVM has no UUID"))
	}
	records, err := list[wireAccount](ctx, s.client, accountsPath, url.Values{"fields": {accountFields}, "owner.uuid": {exact(svmUUID)}})
	if err != nil {
		return nil, err
	}
	var accounts []Account
	for _, r := range records {
		if r.Owner.UUID == svmUUID {
			accounts = append(accounts, Account{Name: r.Name, Comment: r.Comment, Role: r.Role.Name, Locked: r.Locked})
		}
	}
	return accounts, nil
}

// Create makes an account. One of the same name is an error of [KindExists].
func (s *AccountService) Create(ctx context.Context, account AccountCreate) error {
	r := request{method: http.MethodPost, path: accountsPath, secret: account.Password}
	if account.SVMUUID == "" || account.Name == "" || account.Role == "" || account.Password.IsZero() {
		// Without an owner ONTAP would make a cluster account, and without a role one with the greatest role.
		return s.client.failure(r, KindInvalid, errors.New("an account needs an SVM, a name, a role and a password"))
	}
	r.body = wireAccount{
		Owner:        wireOwner{UUID: account.SVMUUID},
		Name:         account.Name,
		Role:         wireRole{Name: account.Role},
		Applications: []wireApplication{{Application: "http", AuthenticationMethods: []string{"password"}}},
		Password:     account.Password.Reveal(),
		Comment:      account.Comment,
	}
	return s.write(ctx, r)
}

// SetComment replaces the comment of an account, and nothing else of it.
func (s *AccountService) SetComment(ctx context.Context, svmUUID, name, comment string) error {
	return s.write(ctx, request{
		method: http.MethodPatch, path: accountPath, keys: []string{svmUUID, name},
		body: map[string]string{"comment": comment},
	})
}

// Delete deletes an account. An absent one is an error of [KindNotFound].
func (s *AccountService) Delete(ctx context.Context, svmUUID, name string) error {
	return s.write(ctx, request{method: http.MethodDelete, path: accountPath, keys: []string{svmUUID, name}})
}

// write expects ONTAP to have done it when it answers, as the documentation of accounts says; if it has begun a job
// nevertheless, the job is waited for.
func (s *AccountService) write(ctx context.Context, r request) error {
	job, err := s.client.write(ctx, r)
	if err != nil {
		return err
	}
	return s.client.Jobs.Wait(ctx, job)
}

type wireAccount struct {
	Owner        wireOwner         `json:"owner"`
	Name         string            `json:"name"`
	Role         wireRole          `json:"role"`
	Applications []wireApplication `json:"applications,omitempty"`
	Password     string            `json:"password,omitempty"`
	Comment      string            `json:"comment,omitempty"`
	Locked       *bool             `json:"locked,omitempty"`
}

type wireOwner struct {
	UUID string `json:"uuid"`
}

type wireRole struct {
	Name string `json:"name"`
}

type wireApplication struct {
	Application           string   `json:"application"`
	AuthenticationMethods []string `json:"authentication_methods"`
}
