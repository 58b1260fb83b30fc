import { readChat, slim } from '../chat/exchange'
import type { Session } from '../api/types'
import type { Chat } from '../chat/types'

/** Chats are kept in this browser only, apart for each event and person. */
export interface ChatStore {
  load(): Promise<Chat[]>
  save(chat: Chat): Promise<void>
  remove(id: string): Promise<void>
}

const table = 'chats'

/** Names whose chats they are: those of different people and events at one machine are kept apart. */
export function ownerOf(s: Session): string {
  return [s.event?.id ?? '', s.caller, s.attendee].join('|')
}

/** Opens the store of one person; without IndexedDB chats last as long as the page. */
export async function openChats(owner: string, newId: () => string): Promise<ChatStore> {
  const db = await openDatabase().catch(() => null)
  if (!db) return { load: async () => [], save: async () => undefined, remove: async () => undefined }
  return {
    async load() {
      const rows = await done(db.transaction(table).objectStore(table).index('owner').getAll(owner))
      return (rows as { chat: unknown }[]).map((r) => readChat(r.chat, newId)).sort((a, b) => b.changed - a.changed)
    },
    async save(chat) {
      const row = { key: `${owner}\n${chat.id}`, owner, chat: slim(chat) }
      await done(db.transaction(table, 'readwrite').objectStore(table).put(row))
    },
    async remove(id) {
      await done(db.transaction(table, 'readwrite').objectStore(table).delete(`${owner}\n${id}`))
    },
  }
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
