import type { Facts } from './types'

/** The facts of a call whose headers never came. */
export const emptyFacts: Facts = {
  requestId: '',
  deployment: '',
  region: '',
  cappedTo: null,
  remainingRequests: null,
  remainingTokens: null,
  budgetRemaining: '',
}
