import { readFileSync } from 'node:fs'
import type { OvsdbTls } from '../api/start-controller.js'
import { wrongUsage } from './failure.js'

/** What an operator says about hosts whose `ovsdb` is `ssl:`: names of PEM files. */
export interface OvsdbTlsFlags {
  readonly ovsdbCa?: string
  readonly ovsdbCert?: string
  readonly ovsdbKey?: string
}

/** Reads the files that are named; undefined where none is. A certificate and its key belong together. */
export function ovsdbTls({ ovsdbCa, ovsdbCert, ovsdbKey }: OvsdbTlsFlags): OvsdbTls | undefined {
  if ((ovsdbCert === undefined) !== (ovsdbKey === undefined))
    throw wrongUsage('--ovsdb-cert and --ovsdb-key belong together')
  if (ovsdbCa === undefined && ovsdbCert === undefined) return undefined
  return {
    ...(ovsdbCa !== undefined && { ca: read(ovsdbCa) }),
    ...(ovsdbCert !== undefined && { cert: read(ovsdbCert) }),
    ...(ovsdbKey !== undefined && { key: read(ovsdbKey) }),
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw wrongUsage(`${file} cannot be read: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
}
