/** A JSON value. Integers outside the safe range of a number are bigint, so that no digit is lost. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [member: string]: Json }
