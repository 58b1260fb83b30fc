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
//     (headroom only); then those that failed a moment ago; last the one that
//     this very request has just seen fail. A prediction only orders: a
//     deployment is never left out because of one. A deployment that is cooling
//     down, or whose breaker is open, is left out.
//  2. Tier: the lower Priority first, under every strategy.
//  3. Affinity, if the model asks for it.
//  4. The strategy, which orders within a tier.
//
// Each deployment is offered at most once in a round. When all were offered or
// are cooling, the fallback models' deployments follow. When those are gone too,
// the request waits for the next round if the model allows it, in a queue that is
// first come, first served; else it ends, and [Pick.Err] says why and when
// to come back.
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
