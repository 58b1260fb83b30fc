import { isObject } from '../api/json'
import { lineAt } from './place'
import { checkStrict } from './strict'

/** One thing wrong with the tools, and where: `[0].function.name`. */
export interface Complaint {
  at: string
  /** The line of the source, from 1; left out where it is not known. */
  line?: number
  message: string
}

const mostTools = 128
const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']

/** Checks the text of the tools editor; an empty one is fine. */
export function checkTools(source: string): Complaint[] {
  if (source.trim() === '') return []
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch (e) {
    return [{ at: '', message: `This is not JSON: ${syntaxWords(e, source)}` }]
  }
  if (!Array.isArray(value)) return [{ at: '', message: 'Tools are a list: begin with [ and end with ].' }]
  const names = new Set<string>()
  if (value.length > mostTools) return [{ at: '', message: `These are ${value.length} tools; ${mostTools} is the most.` }]
  return withLines(source, value.flatMap((tool, i) => checkTool(tool, `[${i}]`, names)))
}

/** Adds the lines where the complaints are, as far as the source has what they name. */
export const withLines = (source: string, complaints: Complaint[]): Complaint[] =>
  complaints.slice(0, 100).map((c) => ({ ...c, ...(c.at === '' ? {} : { line: lineAt(source, c.at) }) }))

/** Says line and column where the parser only gives an offset. */
export function syntaxWords(e: unknown, source: string): string {
  const said = e instanceof Error ? e.message : String(e)
  const at = /position (\d+)/.exec(said)
  if (!at || /line \d+/.test(said)) return said
  const before = source.slice(0, Number(at[1]))
  const line = before.split('\n').length
  return `${said} (line ${line}, column ${before.length - before.lastIndexOf('\n')})`
}

/** Tools that the service runs by itself; a chat completion has none of them. */
const hosted = /^(mcp|web_search|file_search|code_interpreter|image_generation|computer)/

function checkTool(tool: unknown, at: string, names: Set<string>): Complaint[] {
  if (!isObject(tool)) return [{ at, message: 'A tool is an object.' }]
  if (tool.type !== 'function') {
    if (hosted.test(String(tool.type))) {
      return [{ at: `${at}.type`, message: `"${tool.type as string}" is a tool that the service runs itself; chats here have functions only.` }]
    }
    const old = typeof tool.name === 'string' ? ' This looks like an old-style function: wrap it as {"type": "function", "function": …}.' : ''
    return [{ at: `${at}.type`, message: `The type must be "function".${old}` }]
  }
  if (!isObject(tool.function)) return [{ at: `${at}.function`, message: 'A function is an object with a name.' }]
  const f = tool.function
  const out: Complaint[] = []
  if (typeof f.name !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(f.name)) {
    out.push({ at: `${at}.function.name`, message: 'A name has 1 to 64 letters, digits, _ or -.' })
  } else if (names.has(f.name)) {
    out.push({ at: `${at}.function.name`, message: `"${f.name}" is there twice.` })
  } else names.add(f.name)
  if (f.description !== undefined && typeof f.description !== 'string') {
    out.push({ at: `${at}.function.description`, message: 'A description is a text.' })
  }
  if (f.parameters !== undefined) out.push(...checkParameters(f.parameters, `${at}.function.parameters`))
  if (f.strict !== undefined && f.strict !== null && typeof f.strict !== 'boolean') out.push({ at: `${at}.function.strict`, message: 'Strict is true or false.' })
  if (f.strict === true && f.parameters !== undefined) out.push(...checkStrict(f.parameters, `${at}.function.parameters`))
  return out
}

function checkParameters(schema: unknown, at: string): Complaint[] {
  const wrong = checkSchema(schema, at, 0)
  if (isObject(schema) && schema.type !== 'object') wrong.unshift({ at: `${at}.type`, message: 'Parameters have the type "object".' })
  return wrong
}

/** Checks the words of JSON Schema that tools use; unknown ones pass. */
export function checkSchema(schema: unknown, at: string, depth: number): Complaint[] {
  if (typeof schema === 'boolean') return []
  if (!isObject(schema)) return [{ at, message: 'A schema is an object.' }]
  if (depth > 20) return [{ at, message: 'The schema is nested too deeply.' }]
  const out: Complaint[] = []
  const named = Array.isArray(schema.type) ? schema.type : [schema.type]
  if (schema.type !== undefined && !named.every((t) => types.includes(t as string))) {
    out.push({ at: `${at}.type`, message: `A type is one of ${types.join(', ')}.` })
  }
  if (schema.enum !== undefined && (!Array.isArray(schema.enum) || schema.enum.length === 0)) {
    out.push({ at: `${at}.enum`, message: 'An enum is a list with at least one value.' })
  }
  if (schema.properties !== undefined && !isObject(schema.properties)) {
    out.push({ at: `${at}.properties`, message: 'Properties are an object of schemas.' })
  }
  const properties = isObject(schema.properties) ? schema.properties : {}
  for (const [name, inner] of Object.entries(properties)) out.push(...checkSchema(inner, `${at}.properties.${name}`, depth + 1))
  if (schema.items !== undefined && !Array.isArray(schema.items)) out.push(...checkSchema(schema.items, `${at}.items`, depth + 1))
  return out.concat(checkRequired(schema.required, properties, at))
}

function checkRequired(required: unknown, properties: Record<string, unknown>, at: string): Complaint[] {
  if (required === undefined) return []
  if (!Array.isArray(required)) return [{ at: `${at}.required`, message: 'Required is a list of names.' }]
  return required
    .filter((r) => typeof r !== 'string' || !Object.hasOwn(properties, r))
    .map((r) => ({ at: `${at}.required`, message: `${JSON.stringify(r)} is not among the properties.` }))
}

/** The names of the functions, for the choice of one. */
export function toolNames(source: string): string[] {
  if (checkTools(source).length > 0 || source.trim() === '') return []
  return (JSON.parse(source) as { function: { name: string } }[]).map((t) => t.function.name)
}

export const sampleTools = `[
  {
    "type": "function",
    "function": {
      "name": "get_weather",
      "description": "Get the current weather of a place",
      "parameters": {
        "type": "object",
        "properties": {
          "location": { "type": "string", "description": "City and country" },
          "unit": { "type": "string", "enum": ["celsius", "fahrenheit"] }
        },
        "required": ["location"]
      }
    }
  }
]`
