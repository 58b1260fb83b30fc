import { describe, expect, it } from 'vitest'
import { buildImages, readPictures } from './imageOptions'
import { bars, cosine, readVectors } from './vectors'

describe('images', () => {
  const ask = { model: '', base: '', prompt: 'p', size: '1792x1024', quality: 'hd', style: 'natural', n: 4 }

  it('are asked for with what each family knows', () => {
    expect(buildImages({ ...ask, model: 'painter', base: 'dall-e-3' })).toEqual({ model: 'painter', prompt: 'p', n: 1, size: '1792x1024', quality: 'hd', style: 'natural', response_format: 'b64_json' })
    expect(buildImages({ ...ask, model: 'gpt-image-1', base: 'gpt-image-1' })).toEqual({ model: 'gpt-image-1', prompt: 'p', n: 4, size: '1024x1024', quality: 'auto' })
    expect(buildImages({ ...ask, model: 'dalle2', base: 'dalle2' })).toEqual({ model: 'dalle2', prompt: 'p', n: 4, size: '1024x1024', response_format: 'b64_json' })
  })

  it('are read as data or https addresses, and nothing else', () => {
    const data = [{ b64_json: 'AA==', revised_prompt: 'r' }, { url: 'https://x.example.com/a' }, { url: 'javascript:alert(1)' }, { url: 'http://x' }, null]
    expect(readPictures({ data }, 'p').map((p) => p.url)).toEqual(['data:image/png;base64,AA==', 'https://x.example.com/a'])
  })
})

describe('vectors', () => {
  it('come in the order of their indices, as numbers or base64', () => {
    const floats = Buffer.from(Float32Array.of(0.5, -1).buffer).toString('base64')
    expect(readVectors({ data: [{ index: 1, embedding: floats }, { index: 0, embedding: [1, 2] }] })).toEqual([[1, 2], [0.5, -1]])
  })

  it('are alike by the cosine of their angle', () => {
    expect(cosine([1, 0], [2, 0])).toBe(1)
    expect(cosine([1, 0], [0, 3])).toBe(0)
    expect(cosine([1, 1], [-1, -1])).toBeCloseTo(-1)
    expect(cosine([0, 0], [1, 1])).toBe(0)
  })

  it('are drawn as bars between -1 and 1', () => {
    expect(bars([1, 1, -2, -2], 2)).toEqual([0.5, -1])
    expect(bars([0.25], 96)).toEqual([1])
  })
})
