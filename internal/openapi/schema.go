package openapi

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// Schema is a JSON Schema, as far as types of Go need it. The zero value is any value.
type Schema struct {
	Ref        string             `json:"$ref,omitempty"`
	Type       any                `json:"type,omitempty"` // a name, or several
	Format     string             `json:"format,omitempty"`
	Properties map[string]*Schema `json:"properties,omitempty"`
	Required   []string           `json:"required,omitempty"`
	Items      *Schema            `json:"items,omitempty"`
	// Values is what all properties of an object are that is a map.
	Values *Schema   `json:"additionalProperties,omitempty"`
	AnyOf  []*Schema `json:"anyOf,omitempty"`
}

// Typed is a type that writes its JSON itself, and tells which types of JSON that may be of.
type Typed interface{ JSONTypes() []string }

// schemaOf is the schema of a value's type. Structs stand once, among the components.
func (d *Document) schemaOf(v any) *Schema { return d.schema(reflect.TypeOf(v)) }

func (d *Document) schema(t reflect.Type) *Schema {
	if t == nil {
		return new(Schema)
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return &Schema{Type: "string", Format: "date-time"}
	case reflect.TypeFor[json.RawMessage]():
		return new(Schema)
	}
	if own, ok := reflect.Zero(t).Interface().(Typed); ok && t.Kind() != reflect.Pointer {
		return &Schema{Type: own.JSONTypes()}
	}
	switch t.Kind() {
	case reflect.Bool:
		return &Schema{Type: "boolean"}
	case reflect.String:
		return &Schema{Type: "string"}
	case reflect.Float32, reflect.Float64:
		return &Schema{Type: "number"}
	case reflect.Slice, reflect.Array:
		return &Schema{Type: "array", Items: d.schema(t.Elem())}
	case reflect.Map:
		return &Schema{Type: "object", Values: d.schema(t.Elem())}
	case reflect.Pointer:
		return orNull(d.schema(t.Elem()))
	case reflect.Struct:
		return d.component(t)
	case reflect.Interface:
		return new(Schema)
	}
	return &Schema{Type: "integer"}
}

// orNull is a schema of what may also be null.
func orNull(s *Schema) *Schema {
	name, ok := s.Type.(string)
	if !ok {
		return &Schema{AnyOf: []*Schema{s, {Type: "null"}}}
	}
	null := *s
	null.Type = []string{name, "null"}
	return &null
}

// component makes a struct a component and refers to it.
func (d *Document) component(t reflect.Type) *Schema {
	if t.Name() == "" {
		return d.object(t)
	}
	if d.Components.Schemas[t.Name()] == nil {
		d.Components.Schemas[t.Name()] = new(Schema) // for one that holds itself
		*d.Components.Schemas[t.Name()] = *d.object(t)
	}
	return &Schema{Ref: "#/components/schemas/" + t.Name()}
}

func (d *Document) object(t reflect.Type) *Schema {
	s := &Schema{Type: "object", Properties: make(map[string]*Schema)}
	for _, f := range Fields(t) {
		s.Properties[f.Name] = d.schema(f.Type)
		if !f.Optional {
			s.Required = append(s.Required, f.Name)
		}
	}
	return s
}

// Field is a field of a struct as its JSON has it.
type Field struct {
	Name string
	Type reflect.Type
	// Optional says that it is left out where it is empty.
	Optional bool
}

// Fields are those of a struct that are in its JSON, also those of structs in it that have
// no name there.
func Fields(t reflect.Type) (all []Field) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && tag == "" && f.Type.Kind() == reflect.Struct:
			all = append(all, Fields(f.Type)...)
			continue
		case tag == "-" || !f.IsExported():
			continue
		case tag == "":
			tag = f.Name
		}
		all = append(all, Field{tag, f.Type, strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")})
	}
	return all
}
