import { isEndpoint, localDatabase } from '../attach/index.js'
import type { Context } from './context.js'
import { wrongUsage } from './failure.js'

/** The host's database: what `--db` says, or the socket of the Open vSwitch that runs here. */
export function hostDatabase(
  { io }: Context,
  { db = localDatabase(io.env) }: { readonly db?: string },
): string {
  if (!isEndpoint(db)) throw wrongUsage(`--db ${db} is not unix:PATH, tcp:IP:PORT or ssl:IP:PORT`)
  return db
}
