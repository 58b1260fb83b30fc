// Package aztables reads the two Azure Storage tables that the Azure OpenAI Service
// Proxy keeps its events and deployments in, as they are: playgroundauthorization and
// configuration. Rows that cannot be understood are told of and left out; a storage
// that cannot be reached changes nothing.
package aztables

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	sdk "github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/tallygate/tallygate/internal/event"
)

// The tables, and the partition of each that is read.
const (
	eventTable          = "playgroundauthorization"
	eventPartition      = "playground"
	deploymentTable     = "configuration"
	deploymentPartition = Model
)

// Model is the model that the deployments of the tables serve together, by the event
// proxy's own name for them.
const Model = "openai-chat"

// Deployment is a row of the table of deployments.
type Deployment struct {
	// Title is the friendly name, by which answers name it.
	Title string
	// Location is the region, Name the deployment's name at Azure.
	Location, Name string
	// Key is the resource's key: it must not be shown.
	Key string
	// Endpoint is the address of its resource. It follows from the region, as with the
	// event proxy, unless the row has one of its own, which that did not know.
	Endpoint string
}

// Content is what the tables hold.
type Content struct {
	Events      []*event.Event
	Deployments []Deployment
	// Problems tell of the rows that were left out, without any secret of theirs.
	Problems []string
}

// Source reads the tables. Safe for concurrent use.
type Source struct{ service *sdk.ServiceClient }

// Open returns a source for a storage account's connection string. Nothing is asked
// yet.
func Open(connection string) (*Source, error) {
	s, err := sdk.NewServiceClientFromConnectionString(connection, options())
	if err != nil {
		return nil, errors.New("the connection string of the storage account is not one")
	}
	return &Source{s}, nil
}

func options() *sdk.ClientOptions {
	o := new(sdk.ClientOptions)
	o.Retry.MaxRetries, o.Retry.TryTimeout = 2, 10*time.Second
	return o
}

// Create makes the tables that are not there.
func (s *Source) Create(ctx context.Context) error {
	for _, name := range [...]string{eventTable, deploymentTable} {
		_, err := s.service.CreateTable(ctx, name, nil)
		if r, ok := errors.AsType[*azcore.ResponseError](err); err != nil && (!ok || r.StatusCode != http.StatusConflict) {
			return fmt.Errorf("make table %s: %w", name, plain(err))
		}
	}
	return nil
}

// Read returns what the tables hold now.
func (s *Source) Read(ctx context.Context) (*Content, error) {
	c := new(Content)
	if err := s.rows(ctx, eventTable, eventPartition, c.addEvent); err != nil {
		return nil, err
	}
	if err := s.rows(ctx, deploymentTable, deploymentPartition, c.addDeployment); err != nil {
		return nil, err
	}
	slices.Sort(c.Problems)
	return c, nil
}

// rows calls each with every row of a partition, in the order of row keys.
func (s *Source) rows(ctx context.Context, table, partition string, each func(*row)) error {
	filter := fmt.Sprintf("PartitionKey eq '%s'", partition)
	pages := s.service.NewClient(table).NewListEntitiesPager(&sdk.ListEntitiesOptions{Filter: &filter})
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("read table %s: %w", table, plain(err))
		}
		for _, raw := range page.Entities {
			r, err := parseRow(raw)
			if err != nil {
				return fmt.Errorf("read table %s: %w", table, err)
			}
			each(r)
		}
	}
	return nil
}

// plain is an error of the storage in a line: the SDK's has a page of it, with the
// request.
func plain(err error) error {
	if r, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return fmt.Errorf("the storage answered %d %s", r.StatusCode, r.ErrorCode)
	}
	// The words of net/http repeat the address, which may hold a signature.
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
