/** A JSON value. Integers outside the safe range of a number are bigint, so that no digit is lost. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [member: string]: Json }

/** A value for people and for comparison; a bigint looks like a string. */
export function showJson(json: Json): string {
  return JSON.stringify(json, (_key, value: Json) => (typeof value === 'bigint' ? String(value) : value))
}
