import { z } from 'zod'
import type { PolicyErrorCode } from '../codes.js'

/** Why a value cannot be read; `path` leads to the part of it that is wrong, `message` is a whole sentence's end. */
export class Unreadable {
  constructor(
    readonly code: PolicyErrorCode,
    readonly message: string,
    readonly path: readonly PropertyKey[] = [],
  ) {}
}

/**
 * A field whose value has a grammar of its own, so that whatever stands there, of whatever type, is explained by what
 * the grammar wants. An error reads `<field> <value> <message>`.
 * @param schema the JSON Schema that editors are told
 */
export function reading<T>(
  schema: Readonly<Record<string, unknown>>,
  read: (value: unknown) => T | Unreadable,
) {
  return z
    .unknown()
    .transform((value, context): T => {
      const result = read(value)
      if (!(result instanceof Unreadable)) return result
      const { code, message, path } = result
      context.issues.push({ code: 'custom', input: value, path: [...path], message, params: { code } })
      return z.NEVER
    })
    .meta({ ...schema })
}
