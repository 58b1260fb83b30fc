import { describe, expect, it } from 'vitest'
import { Answer, mergeVerdicts, readVerdicts } from './accumulate'

describe('Answer', () => {
  it('gathers text, usage, the reason to finish and the gravest verdicts', () => {
    const a = new Answer()
    a.add({ choices: [], prompt_filter_results: [{ content_filter_results: { hate: { filtered: false, severity: 'safe' }, jailbreak: { filtered: false, detected: true } } }] })
    expect(a.add({ id: 'x', model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] })).toBe(false)
    expect(a.add({ choices: [{ index: 0, delta: { content: 'Hel' }, content_filter_results: { violence: { filtered: false, severity: 'low' } } }] })).toBe(true)
    a.add({ choices: [{ index: 0, delta: { content: 'lo' }, content_filter_results: { violence: { filtered: false, severity: 'safe' } } }] })
    a.add({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
    a.add({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, completion_tokens_details: { reasoning_tokens: 1 } } })
    expect([a.text, a.finish, a.id, a.model, a.tokens('total_tokens'), a.reasoningTokens]).toEqual(['Hello', 'stop', 'x', 'm', 5, 1])
    expect(a.promptFilter).toEqual([{ category: 'hate', filtered: false, severity: 'safe' }, { category: 'jailbreak', filtered: false, severity: 'detected' }])
    expect(a.answerFilter).toEqual([{ category: 'violence', filtered: false, severity: 'low' }])
  })

  it('joins the pieces of several tool calls', () => {
    const a = new Answer()
    const add = (tool_calls: unknown[]) => a.add({ choices: [{ index: 0, delta: { tool_calls } }] })
    add([{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }])
    add([{ index: 1, id: 'b', function: { name: 'g', arguments: '{"x"' } }])
    add([{ index: 0, function: { arguments: '{}' } }, { index: 1, function: { arguments: ':1}' } }])
    expect(a.calls).toEqual([{ id: 'a', name: 'f', arguments: '{}' }, { id: 'b', name: 'g', arguments: '{"x":1}' }])
  })

  it('takes a whole completion, whose calls have no index', () => {
    const a = new Answer()
    a.add({ choices: [{ message: { content: null, tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }, { id: 'b', function: { name: 'g', arguments: '{}' } }] }, finish_reason: 'tool_calls' }] })
    expect(a.calls.map((c) => c.id)).toEqual(['a', 'b'])
    expect(a.finish).toBe('tool_calls')
  })

  it('keeps an error in the stream, shows a refusal, and takes nonsense calmly', () => {
    const a = new Answer()
    a.add({ choices: [{ index: 0, delta: { refusal: 'No.' } }] })
    a.add({ error: { message: 'overloaded' } })
    for (const odd of [null, 7, 'x', [], { choices: 'no' }, { choices: [null] }, { choices: [{ delta: { tool_calls: [{ index: 1e9 }] } }] }]) a.add(odd)
    expect(a.shown).toBe('No.')
    expect(a.error).toEqual({ error: { message: 'overloaded' } })
    expect(a.calls).toEqual([])
  })
})

it('a verdict once filtered stays filtered', () => {
  const v = (filtered: boolean, severity: string) => readVerdicts({ hate: { filtered, severity } })
  expect(mergeVerdicts(v(true, 'high'), v(false, 'safe'))).toEqual([{ category: 'hate', filtered: true, severity: 'high' }])
  expect(mergeVerdicts(v(false, 'safe'), v(true, 'safe'))).toEqual([{ category: 'hate', filtered: true, severity: 'safe' }])
})
