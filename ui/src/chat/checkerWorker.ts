import { check } from './check'

self.onmessage = (e: MessageEvent<{ text: string; schema: unknown }>) => self.postMessage(check(e.data.text, e.data.schema))
