import { object, text, number } from '../api/json'
import { readChat, slim } from '../chat/exchange'
import type { Session } from '../api/types'
import type { Chat } from '../chat/types'

/** A chat as it is kept, with what stood in the message box. */
export interface Kept {
  chat: Chat
  draft: string
  /** When it was kept, in milliseconds since 1970: of two of one chat the later counts. */
  at: number
}

/** Chats are kept in this browser only, apart for each event and person. */
export interface ChatStore {
  load(): Promise<Kept[]>
  /** Settles when the chat is on the disk. */
  save(kept: Kept): Promise<void>
  remove(id: string): Promise<void>
}

const table = 'chats'

/** Names whose chats they are: those of different people and events at one machine are kept apart. */
export function ownerOf(s: Session): string {
  return [s.event?.id ?? '', s.caller, s.attendee].join('|')
}

/** Opens the store of one person; it fails where the browser keeps nothing. */
export async function openChats(owner: string, newId: () => string): Promise<ChatStore> {
  const db = await openDatabase()
  const write = (change: (rows: IDBObjectStore) => void) =>
    new Promise<void>((resolve, reject) => {
      const t = db.transaction(table, 'readwrite')
      t.oncomplete = () => resolve()
      t.onabort = t.onerror = () => reject(t.error)
      change(t.objectStore(table))
      // Without it a page that goes before the answer comes takes the change with it.
      t.commit?.()
    })
  return {
    async load() {
      const rows = await done<unknown[]>(db.transaction(table).objectStore(table).index('owner').getAll(owner))
      return rows.map((r) => readKept(r, newId)).sort((a, b) => b.chat.changed - a.chat.changed)
    },
    save: (kept) => write((rows) => rows.put({ key: `${owner}\n${kept.chat.id}`, owner, ...kept, chat: slim(kept.chat) })),
    remove: (id) => write((rows) => rows.delete(`${owner}\n${id}`)),
  }
}

/** Reads what was kept, also by a playground that kept no drafts. */
export function readKept(row: unknown, newId: () => string): Kept {
  const o = object(row)
  const chat = readChat(o.chat, newId)
  return { chat, draft: text(o.draft), at: number(o.at) ?? chat.changed }
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open('tallygate', 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore(table, { keyPath: 'key' }).createIndex('owner', 'owner')
  }
  return done(request)
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
