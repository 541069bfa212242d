/** JSON text of a value; a bigint becomes a string of decimal digits, since JSON's readers have 53 bits. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, member) => (typeof member === 'bigint' ? String(member) : member),
    indent,
  )
}
