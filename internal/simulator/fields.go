package simulator

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// fields reads a JSON object's members by name and type, and keeps the first thing
// that is wrong with them. A member that is null counts as absent.
type fields struct {
	raw  map[string]json.RawMessage
	path string // of the object in the request, "" at the top
	err  *apiError
}

// object reads the request's body as a JSON object.
func (c *call) fields() (*fields, *apiError) {
	body, err := c.read()
	if err != nil {
		return nil, err
	}
	f := &fields{}
	if json.Unmarshal(body, &f.raw) != nil || f.raw == nil {
		return nil, invalid("", "", "We could not parse the JSON body of your request. (HINT: This likely means "+
			"you aren't using your HTTP library correctly. The API expects a JSON payload, but what was sent "+
			"was not valid JSON.)")
	}
	return f, nil
}

// object opens a member that is an object; nil when it is absent or none.
func (f *fields) object(name string) *fields {
	raw := f.get(name)
	if raw == nil {
		return nil
	}
	in := &fields{path: f.at(name)}
	if raw[0] != '{' || json.Unmarshal(raw, &in.raw) != nil {
		f.fail(typeError(f.at(name), "object", raw))
		return nil
	}
	return in
}

// within runs read on a member that is an object and takes over what it finds wrong.
func (f *fields) within(name string, read func(*fields)) {
	if in := f.object(name); in != nil {
		read(in)
		f.fail(in.err)
	}
}

// array opens a member that is an array of at most limit items; nil when absent.
func (f *fields) array(name string, limit int) []json.RawMessage {
	raw := f.get(name)
	if raw == nil {
		return nil
	}
	var items []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &items) != nil {
		f.fail(typeError(f.at(name), "array", raw))
		return nil
	}
	if len(items) > limit {
		f.fail(invalid(f.at(name), "array_above_max_length", "Invalid '"+f.at(name)+"': array too long. Expected "+
			"an array with maximum length "+strconv.Itoa(limit)+", but got an array with length "+
			strconv.Itoa(len(items))+" instead."))
		return nil
	}
	return items
}

// item reads the i-th item of an array member as an object.
func (f *fields) item(name string, i int, raw json.RawMessage) *fields {
	in := &fields{path: f.at(name) + "[" + strconv.Itoa(i) + "]"}
	if raw[0] != '{' || json.Unmarshal(raw, &in.raw) != nil {
		in.fail(typeError(in.path, "object", raw))
	}
	return in
}

func (f *fields) has(name string) bool { return f.get(name) != nil }

// get is a member's JSON; nil when it is absent or null.
func (f *fields) get(name string) json.RawMessage {
	raw := f.raw[name]
	if len(raw) == 0 || raw[0] == 'n' {
		return nil
	}
	return raw
}

func (f *fields) at(name string) string {
	if f.path == "" {
		return name
	}
	return f.path + "." + name
}

// fail keeps the first error.
func (f *fields) fail(e *apiError) {
	if f.err == nil {
		f.err = e
	}
}

func (f *fields) str(name string) string {
	raw := f.get(name)
	if raw == nil {
		return ""
	}
	s, ok := unquote(raw)
	if !ok {
		f.fail(typeError(f.at(name), "string", raw))
	}
	return s
}

// needStr reads a string that must be there.
func (f *fields) needStr(name string) string {
	if !f.has(name) {
		f.missing(name)
	}
	return f.str(name)
}

func (f *fields) missing(name string) {
	f.fail(invalid(f.at(name), "missing_required_parameter", "Missing required parameter: '"+f.at(name)+"'."))
}

// one reads a string that is one of some.
func (f *fields) oneOf(name string, values ...string) string {
	s := f.str(name)
	if s == "" {
		return s
	}
	for _, v := range values {
		if s == v {
			return s
		}
	}
	f.fail(invalid(f.at(name), "invalid_value", "Invalid value: '"+s+"'. Supported values are: '"+
		strings.Join(values, "', '")+"'."))
	return ""
}

func (f *fields) boolean(name string) bool {
	raw := f.get(name)
	if raw == nil {
		return false
	}
	if raw[0] != 't' && raw[0] != 'f' {
		f.fail(typeError(f.at(name), "boolean", raw))
	}
	return raw[0] == 't'
}

// integer reads a whole number between bounds; absent when it is not there.
func (f *fields) integer(name string, low, high, absent int64) int64 {
	raw := f.get(name)
	if raw == nil {
		return absent
	}
	if strings.HasPrefix(kindOf(raw), "an integer") {
		n, err := strconv.ParseInt(string(raw), 10, 64)
		switch {
		case err != nil && raw[0] == '-', err == nil && n < low:
			f.outside(name, "integer", "below_min", ">= "+strconv.FormatInt(low, 10))
			return absent
		case err != nil || n > high:
			f.outside(name, "integer", "above_max", "<= "+strconv.FormatInt(high, 10))
			return absent
		}
		return n
	}
	f.fail(typeError(f.at(name), "integer", raw))
	return absent
}

// number reads a number between bounds; absent when it is not there.
func (f *fields) number(name string, low, high, absent float64) float64 {
	raw := f.get(name)
	if raw == nil {
		return absent
	}
	if raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		f.fail(typeError(f.at(name), "decimal", raw))
		return absent
	}
	v, err := strconv.ParseFloat(string(raw), 64)
	switch {
	case v < low:
		f.outside(name, "decimal", "below_min", ">= "+strconv.FormatFloat(low, 'g', -1, 64))
	case err != nil || v > high:
		f.outside(name, "decimal", "above_max", "<= "+strconv.FormatFloat(high, 'g', -1, 64))
	}
	return v
}

// outside is the error for a number out of bounds.
func (f *fields) outside(name, kind, which, bound string) {
	words := strings.ReplaceAll(which, "_", " ")
	words = strings.Replace(strings.Replace(words, "min", "minimum", 1), "max", "maximum", 1)
	got := f.raw[name]
	f.fail(invalid(f.at(name), kind+"_"+which+"_value", "Invalid '"+f.at(name)+"': "+kind+" "+words+
		" value. Expected a value "+bound+", but got "+string(got[:min(len(got), 40)])+" instead."))
}

// unquote reads a JSON string.
func unquote(raw json.RawMessage) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return strings.ToValidUTF8(string(inner), "\ufffd"), true
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}
