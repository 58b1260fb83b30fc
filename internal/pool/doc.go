// Package pool decides where a request goes. The deployments of one model, in as
// many Azure OpenAI resources as there are, form a pool. For each request the
// pool offers candidates one after the other, the one with the most room first,
// and learns from what became of them:
//
//	k := p.Pick(&ask, need)
//	for c := range k.Candidates(ctx) {
//		res, err := send(ctx, c.Deployment)
//		if refused(res, err) {
//			c.Failed(pool.Failure{Status: status(res), Header: header(res), Err: err})
//			continue
//		}
//		c.Answered(pool.Answer{Status: res.StatusCode, Header: res.Header, FirstByte: took})
//		c.Settled(copyOut(res))
//		return nil
//	}
//	return k.Err()
//
// A candidate is lent: it counts as in flight exactly while the loop body runs,
// also when the body returns, breaks or panics.
//
// # Order
//
// Four things order the deployments of a model, the first that differs decides:
//
//  1. Health. Healthy ones come first; then those predicted to have no room
//     (headroom), or whose requests a minute have no room in this second or these
//     ten (all strategies); then those that failed a moment ago; last the one that
//     this very request has just seen fail. A deployment that is cooling down, or
//     whose breaker is open, is left out. A prediction only orders, with two
//     exceptions: a model that waits leaves out those whose requests have no
//     room in their slice, and what is kept for others is left out by all.
//  2. Tier: the lower Priority first, under every strategy.
//  3. Affinity, if the model asks for it.
//  4. The strategy, which orders within a tier.
//
// Each deployment is offered at most once in a round. When all were offered or
// are cooling, the fallback models' deployments follow. When those are gone too,
// the request waits for the next round if the model allows it; else it ends, and
// [Pick.Err] says why and when to come back.
//
// # Waiting
//
// While anyone waits for a model, all queue. One at a time has the turn and watches the
// clock. Whose turn it is:
//
//   - By caller, not by request: those who wait share the tokens by their weights,
//     and a small request counts as what the quota grants for one. One who comes
//     after being idle goes before the rest of a flood. Of one caller: first come,
//     first served.
//   - Interactive before batch. A batch request that has waited for half of the time it
//     has is due: it goes before the others once they were given three times its tokens
//     since the last batch one. So due ones get a quarter, however many others come.
//   - A group that got less of the last minute's turns than the model keeps for it
//     (Reserve) goes before other interactive ones.
//   - One for whom alone nothing is open, because of what is kept for others or what the line
//     skipped, does not hold up those for whom something is.
//
// A wait ends with the model's Wait, the need's Deadline or the context's, whichever is
// first. A request is refused at once when no deployment opens by then, when the
// queue surely moves too slowly, and when the line is full.
//
// # Scope
//
// What is known about a deployment is keyed by resource and deployment name, in
// any letter case, since that is what Azure counts and refuses by. When two models
// share a deployment they share its cool-down; when a deployment is listed
// twice in one model it has twice the share and still one state. A
// 429 of one deployment says nothing about its neighbours in the same resource.
//
// Nothing here starts a goroutine, and everything is safe for concurrent use
// unless it says otherwise.
package pool
