package wire

// Target returns the path and the query to send to a deployment, escaped, to be
// appended to the resource's base. The path begins with /openai/ and stays there:
// it has no empty or dot segments and no byte but visible ASCII. The dialect is
// kept, with Plain going as V1. An empty deployment stands for the name that the
// request itself used.
func (q *Request) Target(deployment string) (path, rawQuery string) {
	form := q.route.form
	if deployment == "" {
		deployment = q.Model
	}
	if form == formDeployment && deployment == "" {
		form = formResource
	}
	switch form {
	case formDeployment:
		const before = "/openai/deployments/"
		out := make([]byte, 0, len(before)+len(deployment)+1+len(q.route.tail))
		out = appendSegment(append(out, before...), deployment)
		out = append(append(out, '/'), q.route.tail...)
		path = string(out)
	case formResource:
		path = "/openai/" + q.route.tail
	default:
		path = "/openai/v1/" + q.route.tail
	}
	return path, q.route.query
}
