import { z } from 'zod'
import type { Explanation, FlowEvent, FlowView, LogEntry, ObjectView, Status } from './contract.js'

const none = z.strictObject({}).optional()
const text = z.string().min(1).max(1024)

/** Chosen by the client; stands in every notification that belongs to the request. */
const subscription = z.union([text, z.number().int()])

const query = z.strictObject({
  host: text.exactOptional(),
  tenant: text.exactOptional(),
  workload: text.exactOptional(),
  policy: text.exactOptional(),
  table: text.exactOptional(),
  bridge: text.exactOptional(),
})

const logQuery = query.omit({ host: true, table: true, bridge: true })

/** A cookie: `0x` and hexadecimal digits, or decimal digits; 64 bits. */
export const cookie = z
  .string()
  .regex(/^(0x[0-9a-f]{1,16}|[0-9]{1,20})$/i, 'a cookie is 0x and up to 16 hexadecimal digits, or decimal')
  .transform((digits) => BigInt(digits))
  .refine((value) => value < 1n << 64n, 'a cookie has 64 bits')

/** The parameters of each method, as they arrive. */
export const parameters = {
  status: none,
  get: z.strictObject({ subscription, kind: text, name: text.exactOptional() }),
  flows: z.strictObject({ subscription, query: query.default({}) }),
  follow: z.strictObject({ subscription, query: query.default({}) }),
  watch: z.strictObject({ subscription }),
  log: z.strictObject({ subscription, query: logQuery.default({}) }),
  followLog: z.strictObject({ subscription, query: logQuery.default({}) }),
  explain: z.strictObject({ cookie }),
  reread: none,
  wait: z.strictObject({ seconds: z.number().min(0).max(86_400).default(60) }),
} as const

export type Method = keyof typeof parameters

/** What each method answers. */
export interface Results {
  readonly status: Status
  readonly get: { readonly count: number }
  readonly flows: { readonly count: number }
  readonly follow: { readonly count: number }
  readonly watch: { readonly count: number }
  readonly log: { readonly count: number }
  readonly followLog: { readonly count: number }
  readonly explain: Explanation | null
  readonly reread: null
  readonly wait: Status
}

/** What the notifications of a streaming method carry, before its answer. */
export interface Items {
  readonly get: ObjectView
  readonly flows: FlowView
  readonly follow: FlowEvent
  readonly watch: Status
  readonly log: LogEntry
  readonly followLog: LogEntry
}

/** The parameters of a notification; its method is that of the request. */
export interface Batch<T> {
  readonly subscription: string | number
  readonly items: readonly T[]
}

/** The longest request in bytes. */
export const maxRequestBytes = 1 << 20
/** Requests that one connection may have under way; the next one waits. */
export const maxConcurrentRequests = 64
