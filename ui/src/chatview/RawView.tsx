import { CopyButton } from '../parts/CopyButton'
import css from './chat.module.css'

/** The JSON that went and came. */
export function RawView({ request, response }: { request: unknown; response: unknown }) {
  return (
    <div className={css.raw}>
      {request ? <One name="Request" value={request} /> : null}
      {response ? <One name="Response" value={response} /> : null}
    </div>
  )
}

function One({ name, value }: { name: string; value: unknown }) {
  const json = JSON.stringify(value, shorten, 2)
  return (
    <figure className={css.rawOne}>
      <figcaption className={css.rawName}>{name} <CopyButton text={() => JSON.stringify(value, null, 2)} label={`Copy the ${name.toLowerCase()}`} /></figcaption>
      <pre className={css.rawText} tabIndex={0} aria-label={`${name} as JSON`}>{json.length > 20_000 ? `${json.slice(0, 20_000)}\n… (copy it to see all)` : json}</pre>
    </figure>
  )
}

/** Pictures and sounds are megabytes of base64: only their beginning is shown. */
function shorten(_: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > 1000 && /^(data:|[A-Za-z0-9+/]{1000})/.test(value) ? `${value.slice(0, 60)}… (${value.length} characters)` : value
}
