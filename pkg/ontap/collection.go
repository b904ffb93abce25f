// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// pageSize is what a client should ask for at most; ONTAP may return less.
const pageSize = "1000"

// page is the envelope of a collection. Records is nil only if the answer has none, which is not the same as no records.
type page[T any] struct {
	Records *[]T `json:"records"`
	Links   struct {
		Next struct {
			Href string `json:"href"`
		} `json:"next"`
	} `json:"_links"`
	Error *wireError `json:"error"`
}

// record is what ONTAP writes of an object, which is read as a T.
type record[T any] interface{ read() T }

// get reads one object. An answer that is not about it, which is the complaint then, is as good as none.
func get[W record[T], T any](ctx context.Context, c *Client, r request, about func(T) bool, complaint string) (T, error) {
	var none T
	var answer W
	r.method = http.MethodGet
	status, err := c.call(ctx, r, &answer)
	if err != nil {
		return none, err
	}
	found := answer.read()
	if !about(found) {
		return none, c.unintelligible(r, status, errors.New(complaint))
	}
	return found, nil
}

// filter says which records of a collection are wanted: the names of fields, and the patterns that their values match.
type filter map[string]string

// list reads some fields of the wanted records of a collection, separated by commas. It returns all records or an error.
func list[W record[T], T any](ctx context.Context, c *Client, path, fields string, wanted filter) ([]T, error) {
	records, err := pages[W](ctx, c, path, fields, wanted)
	return readAll(records), err
}

// owned is a record that tells by which of its fields it belongs to an SVM, and to which.
type owned[T any] interface {
	record[T]
	owner() (field, svmUUID string)
}

// ofSVM is the part by which most records belong to an SVM.
type ofSVM struct {
	SVM wireUUID `json:"svm"`
}

func (o ofSVM) owner() (field, svmUUID string) { return "svm.uuid", o.SVM.UUID }

// listOfSVM is list for the records of one SVM; its UUID is among the fields. A server that ignores the filter must not pass
// what is another SVM's for its own, nor may a record that does not say whose it is.
func listOfSVM[W owned[T], T any](ctx context.Context, c *Client, path, fields, svmUUID string, wanted filter) ([]T, error) {
	r := request{method: http.MethodGet, path: path}
	if svmUUID == "" {
		return nil, c.failure(r, KindInvalid, errNoSVM)
	}
	field, _ := (*new(W)).owner()
	its := filter{field: exact(svmUUID)}
	maps.Copy(its, wanted)
	records, err := pages[W](ctx, c, path, fields, its)
	if err != nil {
		return nil, err
	}
	ownedBy := func(uuid string) func(W) bool {
		return func(one W) bool { _, owner := one.owner(); return owner == uuid }
	}
	if slices.ContainsFunc(records, ownedBy("")) {
		return nil, c.unintelligible(r, http.StatusOK, errors.New("a record does not say which SVM it belongs to"))
	}
	return readAll(slices.DeleteFunc(records, func(one W) bool { return !ownedBy(svmUUID)(one) })), nil
}

func readAll[W record[T], T any](records []W) (all []T) {
	for _, one := range records {
		all = append(all, one.read())
	}
	return all
}

// pages reads all pages of a collection. The error is never of KindNotFound: a collection exists as long as ONTAP answers.
func pages[W any](ctx context.Context, c *Client, path, fields string, wanted filter) ([]W, error) {
	query := url.Values{"fields": {fields}, "max_records": {pageSize}}
	for field, pattern := range wanted {
		query.Set(field, pattern)
	}
	return follow[W](ctx, c, request{method: http.MethodGet, path: path, query: encode(query)})
}

// follow reads all pages of the collection that a request begins with.
func follow[W any](ctx context.Context, c *Client, r request) ([]W, error) {
	var records []W
	for seen := map[string]bool{}; ; {
		seen[r.query] = true
		var p page[W]
		status, err := c.call(ctx, r, &p)
		if e, ok := errors.AsType[*Error](err); ok && e.Kind == KindNotFound {
			e.Kind = KindUnavailable
		}
		switch {
		case err != nil:
			return nil, err
		case p.Error != nil:
			return nil, c.unintelligible(r, status, fmt.Errorf("a partial answer: %s", p.Error.Message))
		case p.Records == nil:
			return nil, c.unintelligible(r, status, errors.New("the answer has no records"))
		}
		records = append(records, *p.Records...)
		if p.Links.Next.Href == "" {
			return records, nil
		}
		if r.query, err = nextQuery(r, p.Links.Next.Href); err != nil {
			return nil, c.unintelligible(r, status, err)
		}
		if seen[r.query] {
			return nil, c.unintelligible(r, status, errors.New("the pages go round in a circle"))
		}
	}
}

// nextQuery takes the query alone from a link, after making sure that it leads to this collection of this server.
func nextQuery(r request, link string) (string, error) {
	path := r.path
	for _, key := range r.keys {
		open, closing := strings.IndexByte(path, '{'), strings.IndexByte(path, '}')
		path = path[:open] + key + path[closing+1:]
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "" || u.Host != "" || strings.TrimSuffix(u.Path, "/") != "/api"+path {
		return "", errors.New("the link to the next page leads elsewhere")
	}
	return u.RawQuery, nil
}

// encode writes a space as %20, since ONTAP does not promise to read a plus sign as one.
func encode(query url.Values) string {
	return strings.ReplaceAll(query.Encode(), "+", "%20")
}

// exact quotes a value of a query that ONTAP would otherwise read as a pattern, a list, a range or a comparison. ONTAP
// has no way to quote a quotation mark; no name contains one.
func exact(value string) string {
	if strings.ContainsAny(value, "*|,!<>{} ") || strings.Contains(value, "..") {
		return `"` + value + `"`
	}
	return value
}
